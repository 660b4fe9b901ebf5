/**
 * The spectral soft cap: W (I - a W'W), then W (I + a W'W), a so small that small singular values hardly move, and so large
 * that the largest possible one becomes the limit (2507.13338, its soft cap).
 *
 * Theorem. f(x) = p2(p1(x)), p1(x) = x - a x^3, p2(y) = y + a y^3, and t = a x^2. Then
 *     f(x) = x (1 - 3 t^2 + 3 t^3 - t^4),
 * so f(k) = w is the polynomial -k^9 a^4 + 3 k^7 a^3 - 3 k^5 a^2 + (k - w) = 0 in a. 1 - 3 t^2 + 3 t^3 - t^4 falls in t > 0 (its derivative is
 * -t (6 - 9 t + 4 t^2), and 81 < 96), so for k > w there is exactly one a > 0. f maps [0, k] into [0, w] if and only if k <= (81 / 62) w, about 1.306 w.
 * Proof of the last. p2 rises everywhere and p1 rises until t = 1/3 and falls after, so f has its only maximum on [0, infinity) before p1 turns
 * negative at t = 1/3, where its value is x (1 - 3/9 + 3/27 - 1/81) = (62 / 81) x. If a k^2 <= 1/3, f rises on [0, k] to f(k) = w. That is so if and only if w / k >= 62 / 81, since
 * w / k falls in a k^2. Otherwise f(1 / sqrt(3 a)) > f(k) = w inside of [0, k].
 *
 * Here k is the proven norm of what the step left, so it can't be too small. If it is beyond 1.306 w, the matrix is scaled down to 1.3 w first.
 */
import { mapEntries } from "../../numeric/matrix.js";
import { spectralNormUp } from "../../numeric/norms.js";
import { type Constraint, finiteMatrix } from "./constraint.js";
import { oddPolynomial } from "./odd-polynomial.js";
import { checkLimit, storeWithin } from "./store-within.js";

/** Largest k / limit for which no singular value up to k gets above the limit: 81 / 62. */
export const SOFT_CAP_REACH = 81 / 62;

/** Where a larger matrix is scaled to. */
const SCALED_TO = 1.3;

/**
 * The a of the soft cap: the smallest root >= 0 of -k^9 a^4 + 3 k^7 a^3 - 3 k^5 a^2 + (k - limit); 0 if k <= limit.
 * k 1.1, limit 1: 0.15886442.
 */
export function softCapStrength(k: number, limit: number): number {
  if (!(k > limit)) return 0;
  // Bisection in t = a k^2: the quotient falls from 1 at t = 0 to 0 at t = 1 and below.
  let low = 0;
  let high = 1;
  for (let i = 0; i < 100; i++) {
    const t = (low + high) / 2;
    if (1 - t * t * (3 - 3 * t + t * t) > limit / k) low = t;
    else high = t;
  }
  return high / (k * k);
}

/** The most that a singular value can be after a step of an optimiser whose update has a spectral norm of at most `update`. */
export function mostAfterStep(limit: number, weightDecay: number, update: number): number {
  return limit * (1 - weightDecay) + update;
}

/** What the soft cap makes of a singular value. */
export function softCapped(x: number, strength: number): number {
  const y = x - strength * x ** 3;
  return y + strength * y ** 3;
}

/** @throws UserError if the limit isn't in range */
export function softCap(limit: number): Constraint {
  checkLimit("soft-cap", limit);
  return {
    name: `soft-cap:${limit}`,
    limit,
    apply(weight, rows, columns) {
      let values = finiteMatrix(weight, rows, columns);
      let k = spectralNormUp(values);
      if (k <= limit) return;
      if (k > SCALED_TO * limit) {
        const factor = (SCALED_TO * limit) / k;
        values = mapEntries(values, (value) => value * factor);
        k = SCALED_TO * limit;
      }
      const a = softCapStrength(k, limit);
      storeWithin(weight, oddPolynomial(oddPolynomial(values, [1, -a]), [1, a]), limit);
    },
  };
}
