/**
 * Spectral weight decay: weight decay of the largest singular value alone, W - r sigma u v' (2507.13338, weight constraints). `rate` is what a
 * step takes of it, learning rate included. No constant follows from it.
 */
import { UserError } from "../../failure.js";
import { type Constraint, finiteMatrix } from "./constraint.js";
import { addOuter, topSingular } from "./top-singular.js";

/** @throws UserError if the rate isn't in [0, 1] */
export function spectralDecay(rate: number): Constraint {
  if (!(rate >= 0 && rate <= 1))
    throw new UserError(`spectral-decay has the rate ${rate}; allowed: from 0 to 1`, 2);
  return {
    name: `spectral-decay:${rate}`,
    limit: null,
    apply(weight, rows, columns) {
      const values = finiteMatrix(weight, rows, columns);
      const top = topSingular(values);
      if (top !== null) addOuter(weight, values, -rate * top.value, top);
    },
  };
}
