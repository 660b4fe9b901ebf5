/**
 * One vector out of a sequence: its first token, the mean of its tokens, or their sum.
 *
 * Theorem (triangle inequality). The pooled vector moves by at most the first token's radius, the mean of the radii, or their sum; each is
 * reached when all tokens move the same way.
 */
import type { Balls, Image } from "./balls.js";
import { centerLengths, outward, sumRounding } from "./balls.js";

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

/** One ball out of n. */
export function poolBalls(pooling: Pooling, balls: Balls): Image {
  const { d, radii } = balls;
  const centers = pool(pooling, balls.centers, d);
  if (pooling === "first") return { d, centers, radii: radii.slice(0, 1), rounding: new Float64Array(1) };
  const lengths = centerLengths(balls);
  const share = pooling === "mean" ? 1 / radii.length : 1;
  let sum = 0;
  let sizes = 0;
  for (let i = 0; i < radii.length; i++) {
    sum += radii[i]!;
    sizes += lengths[i]! + radii[i]!;
  }
  const rounding = outward(share * sumRounding(radii.length) * sizes);
  return {
    d,
    centers,
    radii: Float64Array.of(outward(share * sum + rounding)),
    rounding: Float64Array.of(rounding),
  };
}

/** Gradients of n tokens from that of the pooled vector. */
export function poolGradient(pooling: Pooling, n: number, gradient: Balls): Balls {
  const { d } = gradient;
  const centers = new Float64Array(n * d);
  const radii = new Float64Array(n);
  const share = pooling === "mean" ? 1 / n : 1;
  for (let i = 0; i < (pooling === "first" ? Math.min(1, n) : n); i++) {
    for (let c = 0; c < d; c++) centers[i * d + c] = share * gradient.centers[c]!;
    let size = 0;
    for (let c = 0; c < d; c++) size += Math.abs(gradient.centers[c]!);
    radii[i] = outward(share * (gradient.radii[0]! + 2 ** -50 * size));
  }
  return { d, centers, radii };
}
