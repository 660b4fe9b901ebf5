/**
 * Normalisations of each token by itself.
 */
import type { Vector } from "../numeric/matrix.js";

export type Norm =
  /** (x - mean) / sqrt(var + epsilon) * weight + bias; var divides by d. */
  | {
      readonly kind: "layer";
      readonly weight: Vector;
      readonly bias: Vector | null;
      readonly epsilon: number;
    }
  /** x / sqrt(mean of squares + epsilon) * weight + bias */
  | { readonly kind: "rms"; readonly weight: Vector; readonly bias: Vector | null; readonly epsilon: number }
  /** (x - mean) * weight + bias */
  | { readonly kind: "center"; readonly weight: Vector; readonly bias: Vector | null }
  /** x * factors: statistics frozen after training, no centring (CHAIN, Ni and Koniusz, CVPR 2024). */
  | { readonly kind: "scale"; readonly factors: Vector }
  | { readonly kind: "none" };

/** [n * d] gives [n * d], a new array unless the norm is none. */
export function normalize(norm: Norm, x: Float64Array, d: number): Float64Array {
  if (norm.kind === "none") return x;
  const y = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += d) normalizeToken(norm, x, y, from, d);
  return y;
}

function normalizeToken(
  norm: Exclude<Norm, { kind: "none" }>,
  x: Float64Array,
  y: Float64Array,
  from: number,
  d: number,
): void {
  if (norm.kind === "scale") {
    for (let c = 0; c < d; c++) y[from + c] = x[from + c]! * norm.factors[c]!;
    return;
  }
  const { weight, bias } = norm;
  let mean = 0;
  if (norm.kind !== "rms") {
    for (let c = 0; c < d; c++) mean += x[from + c]!;
    mean /= d;
  }
  let divisor = 1;
  if (norm.kind !== "center") {
    let squares = 0;
    for (let c = 0; c < d; c++) squares += (x[from + c]! - mean) ** 2;
    divisor = Math.sqrt(squares / d + norm.epsilon);
  }
  for (let c = 0; c < d; c++) {
    const value = ((x[from + c]! - mean) / divisor) * weight[c]!;
    y[from + c] = bias === null ? value : value + bias[c]!;
  }
}
