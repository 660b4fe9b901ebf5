/**
 * Softmax attention to first order, as one linear map of each token's change.
 *
 * Theorem. out'_i - out_i = sum_j J_ij delta_j + remainder, with (f the scores' factor, k* the mean key)
 *     J_ij = sum_h p_ij ( M_h + f (z_j - o) (W_k' q_i)' )   and, for j = i, also   f sum_h sum_k p_ik (z_k - o) (W_q' (k_k - k*))',
 * the derivative of attention at the centers, so its length is at most sum_j |J_ij| r_j + |remainder|; with the skip path J_ii is I + J_ii.
 * |remainder| <= sum_h [ attention-heads.ts's remainder + |M_h| sum_j shift_ij r_j ]: values move by M_h delta_j under p' instead of p.
 * Several parts of one token's move (as value, as key, as query, itself) that point in different directions are not
 * added up by their lengths: this is what makes it tight for small radii.
 */
import { multiply } from "../numeric/matrix.js";
import { spectralNormUp } from "../numeric/norms.js";
import type { HeadState } from "./attention-heads.js";
import type { AttentionBound } from "./attention-parts.js";
import type { Balls } from "./balls.js";
import { lengthUp, outward, ROUNDING, sumRounding } from "./balls.js";

/** Multiplications that the maps of a sequence may cost. */
const JACOBIAN_WORK = 2 ** 24;

/**
 * What each output moves by (`skip`: with its token), rounding apart; Infinity where the maps would be dear, for other kinds, and where the
 * remainder alone isn't below `known`, which is what is known already; all but the first `needed` outputs are left at it.
 */
export function jacobianMoves(
  { layer, heads }: AttentionBound,
  states: readonly HeadState[],
  { d, radii }: Balls,
  skip: boolean,
  known: Float64Array,
  needed = radii.length,
): Float64Array {
  const n = radii.length;
  const moved = radii.reduce((count, r) => count + (r > 0 ? 1 : 0), 0);
  if (layer.kind !== "softmax" || needed * moved * (2 * layer.heads * d * d + 4 * d * d * d) > JACOBIAN_WORK)
    return new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const through = heads.map(({ output, value }) => multiply(output, value).data);
  return radii.map((_, i) => {
    if (i >= needed) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (let h = 0; h < heads.length; h++) sum += states[h]!.remainders[i]!;
    if (!(sum < known[i]!)) return Number.POSITIVE_INFINITY;
    const means = states.map(
      ({ weights, z, box }) => [mean(weights, i, z, n, d), mean(weights, i, box.keysBack, n, d)] as const,
    );
    for (let j = 0; j < n; j++) {
      const r = radii[j]!;
      if (r === 0) continue;
      const map = new Float64Array(d * d);
      let size = skip && i === j ? 1 : 0;
      let shifted = 0;
      states.forEach(({ weights, shifts, z, box }, h) => {
        const p = weights[i * n + j]!;
        const parts = heads[h]!;
        const [o, star] = means[h]!;
        const back = box.queriesBack.subarray(i * d, (i + 1) * d);
        shifted += shifts[i * n + j]! * parts.through;
        addScaled(map, through[h]!, p);
        size += outer(map, p * box.factor, z, j * d, o, back, 0, null, d);
        size += p * parts.value.rows * parts.outputNorm * parts.valueNorm;
        if (i === j)
          for (let k = 0; k < n; k++)
            size += outer(map, weights[i * n + k]! * box.factor, z, k * d, o, box.keysBack, k * d, star, d);
      });
      if (skip && i === j) for (let c = 0; c < d; c++) map[c * d + c]! += 1;
      const norm = spectralNormUp({ rows: d, columns: d, data: map });
      // Entries of the map are sums of at most that many products; sizes bound the lengths of all of them.
      const error = (ROUNDING + sumRounding(n + 2 * heads.length)) * size;
      sum += (norm + error + shifted) * r;
    }
    return outward(sum);
  });
}

/** The mean of rows under the weights of query i. */
function mean(weights: Float64Array, i: number, rows: Float64Array, n: number, d: number): Float64Array {
  const sum = new Float64Array(d);
  for (let j = 0; j < n; j++)
    for (let c = 0; c < d; c++) sum[c] = sum[c]! + weights[i * n + j]! * rows[j * d + c]!;
  return sum;
}

function addScaled(map: Float64Array, other: Float64Array, factor: number): void {
  for (let k = 0; k < map.length; k++) map[k] = map[k]! + factor * other[k]!;
}

/** map += factor (a - o) (b - star)'; gives the length of what was added, the means not taken off. */
function outer(
  map: Float64Array,
  factor: number,
  a: Float64Array,
  atA: number,
  o: Float64Array,
  b: Float64Array,
  atB: number,
  star: Float64Array | null,
  d: number,
): number {
  for (let r = 0; r < d; r++) {
    const left = factor * (a[atA + r]! - o[r]!);
    for (let c = 0; c < d; c++) map[r * d + c]! += left * (b[atB + c]! - (star === null ? 0 : star[c]!));
  }
  const lengths =
    (lengthUp(a, atA, d) + lengthUp(o)) * (lengthUp(b, atB, d) + (star === null ? 0 : lengthUp(star)));
  return Math.abs(factor) * d * lengths;
}
