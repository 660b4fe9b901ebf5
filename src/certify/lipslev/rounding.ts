/**
 * How far a margin computed in float64 can be from the real margin of the same weights.
 *
 * THEOREM. Let a text have T windows, and Z_j = sum_u max_c |P_u[c]_j|. The difference of the logits of a and b as `LipslevModel.logits`
 * gives them, and the margin as `SingleEdits` sums it, are both within
 *     scale T g sum_j (|C_aj| + |C_bj|) Z_j + 2^-400,   g = gamma(T + 2 q + H + 8),
 * of the real margin made of the stored P, C and scale.
 * Proof. |z_tj| <= Z_j, and z is a sum of at most q numbers of the table: the computed z is within gamma(q) Z_j. relu changes distances
 * by a factor of at most 1 and rounds nothing. What follows are products and sums in which a term passes through at most
 * T + q + H + 6 roundings: the difference of the head's rows or of the logits, the product with it, sums over H channels and T windows,
 * whole or in parts that are added up (in parts: q windows or one, channels, then T windows at most), and the scale. With
 * gamma(a) + gamma(b) + gamma(a) gamma(b) <= gamma(a + b) (Higham, Accuracy and Stability, lemma 3.3) and T windows of H channels of at
 * most Z_j, the bound follows. Weights are below 10^60 and norms above 10^-60 (model/lipslev.ts), so nothing overflows; a product that
 * underflows is off by 2^-1075, times the scale (< 10^181) and the number of terms (< 2^53): below 2^-400.
 */
import type { LipslevModel } from "../../model/lipslev.js";
import { addUp, gammaUp, multiplyUp } from "../../numeric/rounding.js";

/** For one pair of classes and texts of at most `length` ids after cutting. */
export function roundingAllowance(model: LipslevModel, a: number, b: number, length: number): number {
  const { kernelSize, hiddenSize, head, scale } = model;
  const windows = Math.min(length, model.maxCharacters) + kernelSize - 1;
  const sizes = channelSizes(model);
  let sum = 0;
  for (let j = 0; j < hiddenSize; j++)
    sum += (Math.abs(head[a * hiddenSize + j]!) + Math.abs(head[b * hiddenSize + j]!)) * sizes[j]!;
  const g = gammaUp(windows + 2 * kernelSize + hiddenSize + 8);
  const terms = multiplyUp(sum, 1 + gammaUp(2 * (hiddenSize + kernelSize + 8)));
  return addUp(multiplyUp(multiplyUp(multiplyUp(scale, windows), g), terms), 2 ** -400);
}

const SIZES = new WeakMap<LipslevModel, Float64Array>();

/** Z_j, up to the rounding of a sum of q numbers. */
function channelSizes(model: LipslevModel): Float64Array {
  let sizes = SIZES.get(model);
  if (sizes !== undefined) return sizes;
  const { kernelSize, hiddenSize, rows, table } = model;
  sizes = new Float64Array(hiddenSize);
  const most = new Float64Array(hiddenSize);
  for (let u = 0; u < kernelSize; u++) {
    most.fill(0);
    for (let c = 1; c < rows; c++)
      for (let j = 0; j < hiddenSize; j++)
        most[j] = Math.max(most[j]!, Math.abs(table[(u * rows + c) * hiddenSize + j]!));
    for (let j = 0; j < hiddenSize; j++) sizes[j] = sizes[j]! + most[j]!;
  }
  SIZES.set(model, sizes);
  return sizes;
}
