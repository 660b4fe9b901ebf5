/**
 * The residual connection x + g B, with a fixed gain g.
 */

/** [n * d] each gives [n * d]. */
export function residual(x: Float64Array, branch: Float64Array, gain = 1): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = x[i]! + gain * branch[i]!;
  return y;
}
