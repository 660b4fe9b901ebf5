/**
 * What every bound of attention needs of its weights: the heads' slices of the four maps, and norms of them and of their products.
 */
import type { DenseMatrix, Matrix } from "../numeric/matrix.js";
import { dense, matrix, multiply, transpose } from "../numeric/matrix.js";
import { frobeniusNormUp, spectralNormUp } from "../numeric/norms.js";
import type { Attention } from "./attention.js";
import { outward, sumRounding } from "./balls.js";
import type { LinearBound } from "./linear.js";
import { linearBound } from "./linear.js";
import { isWindowed } from "./windows.js";

export interface HeadParts {
  /** [w / heads, d], [w / heads, d], [v / heads, d], [d, v / heads] */
  readonly query: DenseMatrix;
  readonly key: DenseMatrix;
  readonly value: DenseMatrix;
  readonly output: DenseMatrix;
  /** Spectral norms, from above, of these and of W_q' W_k and W_o W_v. */
  readonly queryNorm: number;
  readonly keyNorm: number;
  readonly valueNorm: number;
  readonly outputNorm: number;
  readonly cross: number;
  readonly through: number;
}

export interface AttentionBound {
  readonly layer: Attention;
  readonly heads: readonly HeadParts[];
  readonly query: LinearBound;
  readonly key: LinearBound;
  readonly value: LinearBound;
  readonly output: LinearBound;
  /** |W_o W_v| of all heads together, from above. */
  readonly through: number;
}

/** Widest token for which norms of products are formed rather than products of norms. */
const WIDEST = 256;

/** @throws Error for windows: weights that are 0 by their place aren't accounted for */
export function attentionBound(layer: Attention): AttentionBound {
  const { heads } = layer;
  if (layer.kind === "null-mass" && isWindowed(layer))
    throw new Error("attention with windows has no bound on balls");
  const query = linearBound(layer.query);
  const key = linearBound(layer.key);
  const value = linearBound(layer.value);
  const output = linearBound(layer.output);
  const whole = productNorm(layer.output.weight, layer.value.weight);
  return {
    layer,
    query,
    key,
    value,
    output,
    through: Math.min(whole, outward(output.l2 * value.l2)),
    heads: Array.from({ length: heads }, (_, h) => headParts(layer, h)),
  };
}

function headParts(layer: Attention, h: number): HeadParts {
  const width = layer.query.weight.rows / layer.heads;
  const depth = layer.value.weight.rows / layer.heads;
  const query = rowsOf(layer.query.weight, h * width, width);
  const key = rowsOf(layer.key.weight, h * width, width);
  const value = rowsOf(layer.value.weight, h * depth, depth);
  const output = transpose(rowsOf(transpose(layer.output.weight), h * depth, depth));
  const queryNorm = spectralNormUp(query);
  const keyNorm = spectralNormUp(key);
  const valueNorm = spectralNormUp(value);
  const outputNorm = spectralNormUp(output);
  return {
    query,
    key,
    value,
    output,
    queryNorm,
    keyNorm,
    valueNorm,
    outputNorm,
    cross: Math.min(outward(queryNorm * keyNorm), productNorm(transpose(query), key)),
    through: Math.min(outward(outputNorm * valueNorm), productNorm(output, value)),
  };
}

function rowsOf(a: Matrix, from: number, count: number): DenseMatrix {
  return matrix(count, a.columns, a.data.subarray(from * a.columns, (from + count) * a.columns));
}

/** |a b|, from above; Infinity where it would take long. */
function productNorm(a: Matrix, b: Matrix): number {
  if (Math.max(a.rows, b.columns) > WIDEST) return Number.POSITIVE_INFINITY;
  const product = multiply(dense(a), dense(b));
  return outward(spectralNormUp(product) + sumRounding(a.columns) * frobeniusNormUp(a) * frobeniusNormUp(b));
}

/** rows W' : every row of `x` [n * rows of w] times w [rows, d], so [n * d]. */
export function pulledBack(
  w: DenseMatrix,
  x: ArrayLike<number>,
  n: number,
  stride: number,
  offset: number,
): Float64Array {
  const { rows, columns, data } = w;
  const out = new Float64Array(n * columns);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < rows; k++) {
      const factor = x[i * stride + offset + k]!;
      for (let c = 0; c < columns; c++) out[i * columns + c]! += factor * data[k * columns + c]!;
    }
  return out;
}
