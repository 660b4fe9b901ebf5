/**
 * Sums, inner products and norms of vectors, from above: none of them is below the real value of its arguments; Infinity
 * where an argument is NaN or the result overflows.
 *
 * Theorem. Let s be the computed sum of n products of float64 numbers in some order, and t the computed sum of their
 * sizes. The real sum is at most s + g t + n 2^-1074 with g = gamma(n) / (1 - gamma(n)), gamma(n) = n u / (1 - n u).
 * Proof. Without underflow |real - s| <= gamma(n) T, T the real sum of sizes, and T - t <= gamma(n) T, so T <= t / (1 - gamma(n))
 * (Higham, Accuracy and Stability, section 3.1). A product that underflows loses at most 2^-1075 in
 * s and in t, and sums never lose anything by underflow. Doubling gamma's argument covers what is rounded below.
 */
import { addUp, gammaUp, multiplyUp, sqrtUp, TINY } from "./rounding.js";

type Numbers = ArrayLike<number>;

/** The sum of values. */
export function sumUp(values: Numbers): number {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    size += Math.abs(values[i]!);
  }
  // Sums lose nothing by underflow, and two numbers are added as well as can be.
  if (values.length < 3) return values.length < 2 ? sumOrInfinity(sum) : addUp(values[0]!, values[1]!);
  return addUp(sum, multiplyUp(gammaUp(2 * values.length + 2), size));
}

export function sumDown(values: Numbers): number {
  return -sumUp(Float64Array.from(values, (value) => -value));
}

function sumOrInfinity(sum: number): number {
  return Number.isNaN(sum) ? Infinity : sum;
}

/** The inner product of two vectors of the same length. */
export function dotUp(a: Numbers, b: Numbers): number {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    const product = a[i]! * b[i]!;
    sum += product;
    size += Math.abs(product);
  }
  return withError(sum, size, a.length);
}

export function dotDown(a: Numbers, b: Numbers): number {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    const product = a[i]! * b[i]!;
    sum += product;
    size += Math.abs(product);
  }
  return -withError(-sum, size, a.length);
}

/** What a sum of n products is at most, from its computed value and the computed sum of the products' sizes. */
export function withError(sum: number, size: number, n: number): number {
  return addUp(sum, addUp(multiplyUp(gammaUp(2 * n + 2), size), multiplyUp(2 * n, TINY)));
}

/** The sum of sizes. */
export function l1NormUp(x: Numbers): number {
  let size = 0;
  for (let i = 0; i < x.length; i++) size += Math.abs(x[i]!);
  return Number.isNaN(size) ? Infinity : multiplyUp(size, 1 + gammaUp(2 * x.length + 2));
}

/** The largest size, exactly. */
export function linfNormUp(x: Numbers): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]!);
    if (!(size <= most)) most = Number.isNaN(size) ? Infinity : size;
  }
  return most;
}

/**
 * The Euclidean norm. Numbers are scaled by a power of two, so that the largest is in [1, 2): nothing overflows, and what
 * underflows is at most n 2^-1074 of a sum that is at least 1.
 */
export function l2NormUp(x: Numbers): number {
  const most = linfNormUp(x);
  if (most === 0 || most === Infinity) return most;
  const scale = powerBelow(most);
  let squares = 0;
  if (scale >= 2 ** -400 && scale <= 2 ** 400) for (let i = 0; i < x.length; i++) squares += x[i]! * x[i]!;
  else
    for (let i = 0; i < x.length; i++) {
      // In two steps since 1 / scale may be beyond float64; a denormal number may lose digits only upwards in scale: none.
      const value = scaled(x[i]!, scale);
      squares += value * value;
    }
  const bound = sqrtUp(multiplyUp(squares, 1 + gammaUp(2 * x.length + 6)));
  return scale >= 2 ** -400 && scale <= 2 ** 400 ? bound : multiplyUp(bound, scale);
}

/** x / scale for a power of two. */
function scaled(x: number, scale: number): number {
  return scale < 2 ** -1000 ? (x * 2 ** 100) / (scale * 2 ** 100) : x / scale;
}

/** The largest power of two that is at most x, for 0 < x < Infinity. */
export function powerBelow(x: number): number {
  if (x < 2 ** -1022) return powerBelow(x * 2 ** 100) / 2 ** 100;
  let power = 2 ** Math.max(-1022, Math.min(1023, Math.floor(Math.log2(x))));
  // Math.log2 may err by a unit near whole numbers.
  while (power > x) power /= 2;
  while (power <= x / 2) power *= 2;
  return power;
}
