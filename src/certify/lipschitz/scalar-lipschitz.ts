/**
 * Lipschitz constant of x -> e . act(W x), from above: one number read off a feed-forward layer.
 *
 * Theorem. With slopes of the activation in [a, b], m = (a + b) / 2 and r = (b - a) / 2, the gradient is sum_u e_u s_u W_u with |s_u - m| <= r,
 * so it is at most |m sum_u e_u W_u| + r min(sum_u |e_u| |W_u|, |e| |W|) long. The first sum is computed with an error of
 * at most 2^-40 of sum_u |e_u| |W_u|, which is added.
 */
import type { MlpFeedForward } from "../../layers/feed-forward.js";
import { globalSlopes } from "../../layers/slopes.js";
import { applyTransposed } from "../../numeric/matrix.js";
import { frobeniusNormUp, spectralNormUp } from "../../numeric/norms.js";

const OUT = 1 + 2 ** -25;

export function scalarLipschitz(e: Float64Array, { inner, activation }: MlpFeedForward): number {
  const { least, most } = globalSlopes(activation);
  const { rows, columns, data } = inner.weight;
  let apart = 0;
  for (let u = 0; u < rows; u++) {
    const row = data.subarray(u * columns, (u + 1) * columns);
    apart += Math.abs(e[u]!) * frobeniusNormUp({ rows: 1, columns, data: row });
  }
  const mean = frobeniusNormUp({ rows: 1, columns, data: applyTransposed(inner.weight, e) });
  const joint = frobeniusNormUp({ rows: 1, columns: rows, data: e }) * spectralNormUp(inner.weight);
  const middle = Math.abs(least + most) / 2;
  const reach = (most - least) / 2;
  return (middle * mean + reach * Math.min(apart, joint) + 2 ** -40 * apart) * OUT;
}
