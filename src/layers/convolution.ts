/**
 * One-dimensional convolution over the tokens, zero padded: a cross-correlation, as in deep learning,
 *     y_i = b + sum_{u=0}^{q-1} K_u x_{i + u - left},    i = 0 .. n + left + right - q,    x outside the sequence is zero.
 */
import type { Matrix, Vector } from "../numeric/matrix.js";

export interface Convolution {
  /** K_0 .. K_{q-1}, each [out, in]. */
  readonly slices: readonly Matrix[];
  /** [out] */
  readonly bias: Vector | null;
  /** Zero tokens before the first and behind the last. */
  readonly left: number;
  readonly right: number;
}

/** Tokens that come out of n; none if the padded sequence is shorter than the window. */
export function convolvedLength({ slices, left, right }: Convolution, n: number): number {
  return Math.max(0, n + left + right - slices.length + 1);
}

/** [n * in] gives [convolvedLength * out]. */
export function convolve(layer: Convolution, x: Float64Array): Float64Array {
  const { slices, bias, left } = layer;
  const { rows, columns } = slices[0]!;
  const n = x.length / columns;
  const length = convolvedLength(layer, n);
  const y = new Float64Array(length * rows);
  for (let i = 0; i < length; i++)
    for (let o = 0; o < rows; o++) {
      let sum = bias === null ? 0 : bias[o]!;
      for (let u = 0; u < slices.length; u++) {
        const j = i + u - left;
        if (j < 0 || j >= n) continue;
        const { data } = slices[u]!;
        for (let c = 0; c < columns; c++) sum += data[o * columns + c]! * x[j * columns + c]!;
      }
      y[i * rows + o] = sum;
    }
  return y;
}
