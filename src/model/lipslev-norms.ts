/**
 * The norms that a LipsLev model is divided by, and that its constants are made of, each an upper bound by the functions of
 * numeric/ (proofs there), in the p that the model was trained with.
 */
import type { Matrix } from "../numeric/matrix.js";
import { l1OperatorNormUp, linfOperatorNormUp, spectralNormUp } from "../numeric/norms.js";
import { gammaUp, multiplyUp } from "../numeric/rounding.js";
import { l1NormUp, l2NormUp, linfNormUp } from "../numeric/sums.js";

export type NormOrder = 1 | 2 | typeof Number.POSITIVE_INFINITY;

/** The order r with 1/p + 1/r = 1: |a . b| <= |a|_p |b|_r. */
export function dualOrder(p: NormOrder): NormOrder {
  return p === 1 ? Number.POSITIVE_INFINITY : p === 2 ? 2 : 1;
}

/** At least |x|_p. */
export function normAbove(x: Float64Array, p: NormOrder): number {
  return p === 1 ? l1NormUp(x) : p === 2 ? l2NormUp(x) : linfNormUp(x);
}

/** At least |a - b|_p. Each difference is rounded once, so it is short of the real one by a factor of 1 - u at most. */
export function distanceAbove(a: Float64Array, b: Float64Array, p: NormOrder): number {
  return multiplyUp(
    normAbove(
      a.map((x, i) => x - b[i]!),
      p,
    ),
    1 + gammaUp(3),
  );
}

/** At least max |W x|_p / |x|_p. */
export function operatorNormAbove(w: Matrix, p: NormOrder): number {
  return p === 1 ? l1OperatorNormUp(w) : p === 2 ? spectralNormUp(w) : linfOperatorNormUp(w);
}
