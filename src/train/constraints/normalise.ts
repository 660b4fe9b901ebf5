/**
 * Spectral normalisation: W / max(1, sigma / c) (Miyato et al., ICLR 2018, with a ceiling c; 2507.13338, weight constraints). All singular
 * values shrink by the same factor; a matrix within the limit stays as it is, bit for bit. sigma is an upper bound, not power iteration's.
 */
import { type Constraint, finiteMatrix } from "./constraint.js";
import { checkLimit, storeWithin } from "./store-within.js";

/** @throws UserError if the limit isn't in range */
export function normalise(limit: number): Constraint {
  checkLimit("normalise", limit);
  return {
    name: `normalise:${limit}`,
    limit,
    apply(weight, rows, columns) {
      storeWithin(weight, finiteMatrix(weight, rows, columns), limit);
    },
  };
}
