/**
 * The spectral hammer: the largest singular value, if it is above the limit, becomes the limit; the others stay (2507.13338,
 * weight constraints). No constant follows from it, since a second singular value may be above the limit too.
 */
import { type Constraint, finiteMatrix } from "./constraint.js";
import { checkLimit } from "./store-within.js";
import { addOuter, topSingular } from "./top-singular.js";

/** @throws UserError if the limit isn't in range */
export function hammer(limit: number): Constraint {
  checkLimit("hammer", limit);
  return {
    name: `hammer:${limit}`,
    limit: null,
    apply(weight, rows, columns) {
      const values = finiteMatrix(weight, rows, columns);
      const top = topSingular(values);
      if (top !== null && top.value > limit) addOuter(weight, values, limit - top.value, top);
    },
  };
}
