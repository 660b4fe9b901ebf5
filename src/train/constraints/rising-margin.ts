/**
 * Soft spectral normalisation: W / max(1, sigma / c) with a margin c that rises with training, by a sigmoid, by default from 0.90 to 1.10.
 *
 * Inspired by an entry of a survey, "Soft-margin spectral normalisation for GANs" (2024). No such paper could be found, so this is not
 * an implementation of an identified one: it is the closest scheme that the words describe.
 */
import { UserError } from "../../failure.js";
import { type Constraint, finiteMatrix } from "./constraint.js";
import { checkLimit, storeWithin } from "./store-within.js";

/** How steep the sigmoid is: over the whole run its argument goes from -STEEP to STEEP. */
const STEEP = 6;

/** The margin at a step: rising, halfway in the middle of the run, within 0.3 % of the span from its ends there. */
export function risingMargin(from: number, to: number, step: number, total: number): number {
  const time = total > 1 ? step / (total - 1) : 1;
  return from + (to - from) / (1 + Math.exp(STEEP * (1 - 2 * time)));
}

/** @throws UserError if a margin isn't in range, or falls */
export function softNormalise(from = 0.9, to = 1.1): Constraint {
  checkLimit("soft-normalise", from);
  checkLimit("soft-normalise", to);
  if (to < from) throw new UserError(`soft-normalise falls from ${from} to ${to}; it must rise`, 2);
  return {
    name: `soft-normalise:${from}:${to}`,
    limit: to,
    apply(weight, rows, columns, step, total) {
      storeWithin(weight, finiteMatrix(weight, rows, columns), risingMargin(from, to, step, total));
    },
  };
}
