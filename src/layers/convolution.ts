/**
 * One-dimensional convolution over the tokens, zero padded: a cross-correlation, as in deep learning,
 *     y_i = b + sum_{u=0}^{q-1} K_u x_{i + u - left},    i = 0 .. n + left + right - q,    x outside the sequence is zero.
 *
 * Theorem. Output i moves by at most sum_u |K_u| r_{i+u-left}, and by at most |(K_0 .. K_{q-1})| times the root of the sum of those squared radii
 * (one matrix applied to the window). Each input token stands in at most q windows, once per slice, so in the sum over
 * tokens of lengths the constant is sum_u |K_u|. An insertion shifts every window behind it: that isn't a small move of tokens, and is never
 * treated as one; centers are the forward of the shifted sequence (balls.ts).
 */
import type { Matrix, Vector } from "../numeric/matrix.js";
import { dense, matrix } from "../numeric/matrix.js";
import { frobeniusNormUp, spectralNormUp } from "../numeric/norms.js";
import type { Balls, Image } from "./balls.js";
import { centerLengths, lengthUp, outward, sumRounding } from "./balls.js";

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

/** What bounds need of a convolution; all from above. */
export interface ConvolutionBound {
  readonly layer: Convolution;
  /** |K_u| of each slice. */
  readonly slices: readonly number[];
  /** |(K_0 .. K_{q-1})|, side by side, and Frobenius' norm of it. */
  readonly joined: number;
  readonly frobenius: number;
  /** Lipschitz constant in the sum over tokens of their lengths. */
  readonly total: number;
}

export function convolutionBound(layer: Convolution): ConvolutionBound {
  const { rows, columns } = layer.slices[0]!;
  const q = layer.slices.length;
  const all = matrix(rows, q * columns);
  layer.slices.forEach((slice, u) => {
    const { data } = dense(slice);
    for (let o = 0; o < rows; o++)
      all.data.set(data.subarray(o * columns, (o + 1) * columns), o * q * columns + u * columns);
  });
  const slices = layer.slices.map(spectralNormUp);
  const total = outward(slices.reduce((sum, norm) => sum + norm, 0));
  return { layer, slices, joined: spectralNormUp(all), frobenius: frobeniusNormUp(all), total };
}

export function convolutionBalls(bound: ConvolutionBound, balls: Balls): Image {
  const { layer, slices, joined, frobenius } = bound;
  const { radii } = balls;
  const { rows, columns } = layer.slices[0]!;
  const centers = convolve(layer, balls.centers);
  const lengths = centerLengths(balls);
  const bias = layer.bias === null ? 0 : lengthUp(layer.bias);
  const n = convolvedLength(layer, radii.length);
  const out = new Float64Array(n);
  const rounding = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    let squares = 0;
    let sizes = 0;
    for (let u = 0; u < slices.length; u++) {
      const j = i + u - layer.left;
      if (j < 0 || j >= radii.length) continue;
      sum += slices[u]! * radii[j]!;
      squares += radii[j]! * radii[j]!;
      sizes += lengths[j]! + radii[j]!;
    }
    // Squares that underflow could lose a radius; then the sum counts.
    const together = squares > 1e-200 ? joined * Math.sqrt(squares) : Number.POSITIVE_INFINITY;
    rounding[i] = outward(sumRounding(slices.length * columns) * (frobenius * sizes + bias) + 2 ** -900);
    out[i] = outward(Math.min(sum, together) + rounding[i]!);
  }
  return { d: rows, centers, radii: out, rounding };
}
