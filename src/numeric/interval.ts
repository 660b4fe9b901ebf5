/**
 * Intervals of real numbers with float64 ends: the result of an operation holds the real results for all reals in its
 * arguments. What can't be known is the whole line, with infinite ends; no end is ever NaN.
 */
import {
  addDown,
  addUp,
  divideDown,
  divideUp,
  multiplyDown,
  multiplyUp,
  sqrtDown,
  sqrtUp,
  subtractDown,
  subtractUp,
} from "./rounding.js";

export interface Interval {
  readonly lo: number;
  /** At least `lo`. */
  readonly hi: number;
}

export const WHOLE: Interval = { lo: -Infinity, hi: Infinity };

/** The interval from lo to hi; the whole line if an end is NaN. */
export function interval(lo: number, hi = lo): Interval {
  return Number.isNaN(lo) || Number.isNaN(hi) ? WHOLE : { lo, hi };
}

export function add(a: Interval, b: Interval): Interval {
  return { lo: addDown(a.lo, b.lo), hi: addUp(a.hi, b.hi) };
}

export function subtract(a: Interval, b: Interval): Interval {
  return { lo: subtractDown(a.lo, b.hi), hi: subtractUp(a.hi, b.lo) };
}

export function negate(a: Interval): Interval {
  return { lo: -a.hi, hi: -a.lo };
}

export function multiply(a: Interval, b: Interval): Interval {
  if (a.lo >= 0 && b.lo >= 0) return { lo: multiplyDown(a.lo, b.lo), hi: multiplyUp(a.hi, b.hi) };
  return {
    lo: Math.min(
      multiplyDown(a.lo, b.lo),
      multiplyDown(a.lo, b.hi),
      multiplyDown(a.hi, b.lo),
      multiplyDown(a.hi, b.hi),
    ),
    hi: Math.max(
      multiplyUp(a.lo, b.lo),
      multiplyUp(a.lo, b.hi),
      multiplyUp(a.hi, b.lo),
      multiplyUp(a.hi, b.hi),
    ),
  };
}

/** a / b; the whole line if b holds 0. */
export function divide(a: Interval, b: Interval): Interval {
  if (!(b.lo > 0 || b.hi < 0)) return WHOLE;
  return {
    lo: Math.min(
      divideDown(a.lo, b.lo),
      divideDown(a.lo, b.hi),
      divideDown(a.hi, b.lo),
      divideDown(a.hi, b.hi),
    ),
    hi: Math.max(divideUp(a.lo, b.lo), divideUp(a.lo, b.hi), divideUp(a.hi, b.lo), divideUp(a.hi, b.hi)),
  };
}

/** { x^2 : x in a }, never below 0. */
export function square(a: Interval): Interval {
  const size = absolute(a);
  return { lo: Math.max(0, multiplyDown(size.lo, size.lo)), hi: multiplyUp(size.hi, size.hi) };
}

/** { |x| : x in a }. */
export function absolute(a: Interval): Interval {
  if (a.lo >= 0) return a;
  return a.hi <= 0 ? negate(a) : { lo: 0, hi: Math.max(-a.lo, a.hi) };
}

/** Roots of what isn't negative in a. */
export function sqrt(a: Interval): Interval {
  return { lo: sqrtDown(a.lo), hi: sqrtUp(a.hi) };
}

/** The smallest interval that holds both. */
export function hull(a: Interval, b: Interval): Interval {
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

/** Whether the number lies in the interval. */
export function contains(a: Interval, x: number): boolean {
  return a.lo <= x && x <= a.hi;
}
