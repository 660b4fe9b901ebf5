/**
 * The Wilson score interval of a proportion (Wilson 1927, eq. for the score test; z for 95 % two-sided).
 *
 * Promise: 0 <= low <= count/of <= high <= 1, and it stays sensible at 0 and at `of`, where the usual
 * normal interval has width 0.
 */

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** A count out of a number of texts, as a share with its 95 % interval. `of` is never 0. */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The share `count / of` with its interval; null when there is nothing to take a share of. */
export function rate(count: number, of: number): Rate | null {
  if (of === 0) return null;
  const value = count / of;
  const z2 = Z * Z;
  const centre = value + z2 / (2 * of);
  const spread = Z * Math.sqrt((value * (1 - value)) / of + z2 / (4 * of * of));
  const scale = 1 + z2 / of;
  const low = count === 0 ? 0 : Math.min(value, Math.max(0, (centre - spread) / scale));
  const high = count === of ? 1 : Math.max(value, Math.min(1, (centre + spread) / scale));
  return { count, of, value, low, high };
}
