/**
 * l2 bounds for convolutions over tokens, by tiles: the sequence is cut in width, each tile is a small stack of maps on its
 * receptive field, and the tiles are put together by how much the fields overlap (after Sulehman and Mu, Scalable Lipschitz
 * estimation for CNNs, 2024).
 *
 * Promise: for two sequences of the same length, any length, |f(x') - f(x)| <= bound |x' - x|, the norms taken over all numbers of all tokens.
 *
 * Theorem. Let T neighbouring outputs be a function of the T + Q inputs below them, Q = sum of (q - 1) over the kernels' widths, with Lipschitz constant at
 * most L_T whatever the place. Then L_T sqrt((T + Q) / T) is a bound for the whole sequence.
 * Proof. Cut the outputs into tiles [s + jT, s + (j + 1)T). For each s, |f' - f|^2 = sum over tiles <= L_T^2 sum_p c_s(p) |x'_p - x_p|^2, c_s(p) the number of tiles whose field
 * holds token p. Of all fields [a, a + T + Q), a whole, T + Q hold p, and each belongs to one s = 0 ... T - 1: the mean of c_s(p) over s is (T + Q) / T. Take the mean of both sides.
 * At the ends: tokens outside of the sequence are zero and don't change. Where an inner layer pads with zeros, its input there is
 * the result of an activation that is 0 everywhere, whose slope 0 is put into the range of slopes; stack bounds hold for activations that differ from
 * entry to entry. So one tile's bound serves every place, and T = 1 is the product bound |K| sqrt(q) for one layer.
 */
import { UserError } from "../failure.js";
import type { Convolution } from "../layers/convolution.js";
import type { Slopes } from "../layers/slopes.js";
import { type DenseMatrix, matrix } from "../numeric/matrix.js";
import { divideUp, multiplyUp, sqrtUp } from "../numeric/rounding.js";
import { steepest } from "./stack.js";
import { type StackEffort, stackBound } from "./stack-bound.js";

/** A convolution and the slopes of the activation behind it. */
export interface ConvolutionStage {
  readonly convolution: Convolution;
  readonly slopes: Slopes;
}

/** What doubling the tile has to gain for another doubling. */
const WORTH_IT = 2e-3;

/** `work`: the largest sum over the maps of rows, columns and the smaller of both multiplied. Default 1e8: some tenths of a second a tile. */
export interface TileEffort extends StackEffort {
  readonly work?: number;
}

/**
 * The product bound: every layer by itself, with tiles of one output.
 * @throws UserError as `tileBound`
 */
export function convolutionProduct(stages: readonly ConvolutionStage[]): number {
  return stages.reduce((bound, stage) => multiplyUp(bound, tileBound([stage], 1)), 1);
}

/**
 * The least of the product and of tiles of 1, 2, 4 ... outputs, until that gains little or the work is too much.
 * @throws UserError as `tileBound`
 */
export function convolutionBound(stages: readonly ConvolutionStage[], effort: TileEffort = {}): number {
  let best = convolutionProduct(stages);
  const field = lengthsOf(stages, 1)[0]!;
  for (let tile = 1; tile === 1 || work(stages, tile) <= (effort.work ?? 1e8); tile *= 2) {
    const before = best;
    best = Math.min(best, tileBound(stages, tile, effort));
    // Up to the width of the field tiles overlap so much that a small gain says nothing.
    if (tile > field && best > before * (1 - WORTH_IT)) break;
  }
  return best;
}

/**
 * The bound with tiles of `tile` outputs.
 * @throws UserError if there is no stage, a kernel has no slices or its slices differ in shape, widths don't fit, or a number isn't finite
 */
export function tileBound(
  stages: readonly ConvolutionStage[],
  tile: number,
  effort: StackEffort = {},
): number {
  if (!(Number.isInteger(tile) && tile >= 1))
    throw new UserError(`a tile has ${tile} outputs; it must be a whole number of at least 1`);
  checkStages(stages);
  const lengths = lengthsOf(stages, tile);
  const maps = stages.map(({ convolution }, i) => banded(convolution, lengths[i + 1]!));
  const slopes = stages.slice(0, -1).map((stage, i) => {
    const { left, right } = stages[i + 1]!.convolution;
    const { least, most } = stage.slopes;
    return left + right > 0 ? { least: Math.min(0, least), most: Math.max(0, most) } : stage.slopes;
  });
  const { value } = stackBound({ maps, slopes }, "l2", effort);
  const overlap = sqrtUp(divideUp(lengths[0]!, tile));
  return multiplyUp(multiplyUp(value, overlap), steepest(stages[stages.length - 1]!.slopes));
}

/** Tokens before the first stage, between the stages, and behind the last. */
function lengthsOf(stages: readonly ConvolutionStage[], tile: number): number[] {
  const lengths = [tile];
  for (const { convolution } of [...stages].reverse())
    lengths.unshift(lengths[0]! + convolution.slices.length - 1);
  return lengths;
}

function work(stages: readonly ConvolutionStage[], tile: number): number {
  const lengths = lengthsOf(stages, tile);
  return stages.reduce((sum, { convolution }, i) => {
    const { rows, columns } = convolution.slices[0]!;
    const [out, into] = [rows * lengths[i + 1]!, columns * lengths[i]!];
    return sum + Math.min(out, into) * out * into;
  }, 0);
}

/** The map from length + q - 1 tokens to `length` tokens: slice u stands at token i + u of output i. */
function banded({ slices }: Convolution, length: number): DenseMatrix {
  const { rows, columns } = slices[0]!;
  const result = matrix(rows * length, columns * (length + slices.length - 1));
  for (let i = 0; i < length; i++)
    for (let u = 0; u < slices.length; u++)
      for (let o = 0; o < rows; o++)
        result.data.set(
          slices[u]!.data.subarray(o * columns, (o + 1) * columns),
          (i * rows + o) * result.columns + (i + u) * columns,
        );
  return result;
}

function checkStages(stages: readonly ConvolutionStage[]): void {
  if (stages.length === 0)
    throw new UserError("a stack of convolutions has 0 of them; it needs at least one");
  stages.forEach(({ convolution: { slices } }, i) => {
    const first = slices[0];
    if (first === undefined) throw new UserError(`kernel ${i + 1} has 0 slices; it needs at least one`);
    const odd = slices.find(({ rows, columns }) => rows !== first.rows || columns !== first.columns);
    if (odd !== undefined)
      throw new UserError(
        `kernel ${i + 1} has slices of ${first.rows} x ${first.columns} and ${odd.rows} x ${odd.columns}; all must be alike`,
      );
    const before = stages[i - 1]?.convolution.slices[0];
    if (before !== undefined && before.rows !== first.columns)
      throw new UserError(
        `kernel ${i + 1} takes ${first.columns} channels; the one before gives ${before.rows}`,
      );
  });
}
