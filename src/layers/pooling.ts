/**
 * One vector out of a sequence: its first token, the mean of its tokens, or their sum.
 */
export type Pooling = "first" | "mean" | "sum";

/** [n * d] with n >= 1 gives [d]; the sum of no tokens is zero. */
export function pool(pooling: Pooling, x: Float64Array, d: number): Float64Array {
  if (pooling === "first") return x.slice(0, d);
  const sum = new Float64Array(d);
  for (let from = 0; from < x.length; from += d) for (let c = 0; c < d; c++) sum[c] = sum[c]! + x[from + c]!;
  if (pooling === "mean") {
    const n = x.length / d;
    for (let c = 0; c < d; c++) sum[c] = sum[c]! / n;
  }
  return sum;
}
