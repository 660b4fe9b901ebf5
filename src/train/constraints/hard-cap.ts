/**
 * The spectral hard cap: four quintic steps that together come near min(x, limit) for every singular value x (2507.13338,
 * weight constraints). What is below the limit stays where it is, but for the error of the polynomial.
 *
 * The coefficients were fitted here by least squares with weights that even the error out. Measured, not proven: on [0, 2] (limit 1) the
 * polynomial is within 0.0133 of min(x, 1) and no more than 1. The limit of the result is proven anew whenever it is written.
 * A matrix with a norm above twice the limit is scaled down to twice the limit first.
 */
import { mapEntries } from "../../numeric/matrix.js";
import { spectralNormUp } from "../../numeric/norms.js";
import { type Constraint, finiteMatrix } from "./constraint.js";
import { oddPolynomial, oddPolynomialOf } from "./odd-polynomial.js";
import { checkLimit, storeWithin } from "./store-within.js";

/** Coefficients of x, x^3, x^5 of each step. */
export const HARD_CAP_STEPS: readonly (readonly number[])[] = [
  [1.0353224, 0.2644256, -0.0930196],
  [1.4371555, 0.7787863, -0.2548661],
  [0.8258366, -0.1003908, 0.0156963],
  [0.7763163, -0.0866415, 0.0041637],
];
/** Largest x / limit for which the steps were fitted. */
export const HARD_CAP_REACH = 2;

/** What the steps make of a singular value, limit 1. */
export function hardCapped(x: number): number {
  return HARD_CAP_STEPS.reduce(oddPolynomialOf, x);
}

/** @throws UserError if the limit isn't in range */
export function hardCap(limit: number): Constraint {
  checkLimit("hard-cap", limit);
  return {
    name: `hard-cap:${limit}`,
    limit,
    apply(weight, rows, columns) {
      const before = finiteMatrix(weight, rows, columns);
      const k = spectralNormUp(before);
      if (k <= limit) return;
      const factor = 1 / Math.max(limit, k / HARD_CAP_REACH);
      let values = mapEntries(before, (value) => value * factor);
      for (const step of HARD_CAP_STEPS) values = oddPolynomial(values, step);
      storeWithin(
        weight,
        mapEntries(values, (value) => value * limit),
        limit,
      );
    },
  };
}
