/**
 * exp, log, tanh, erf and the logistic function, enclosed: each interval holds the real value. ECMAScript promises nothing
 * about how Math.exp and its like round, so none of them is trusted: everything here is made of sums, products
 * and quotients of intervals, and is the same in every engine. Widths (tests hold them): exp, tanh and the logistic function
 * 16 units in the last place, log 16 for normal numbers away from 1, erf 400.
 *
 * exp. With k the whole number nearest to x / log 2, e^x = 2^k e^r, r = x - k log 2, |r| <= 0.36. By Taylor
 *   e^r - 1 = r (1 + r/2! + ... + r^(N-1)/N! + R), |R| <= |r|^N e^|r| / (N+1)!  (Lagrange's remainder).
 * log. An end is moved outwards until exp of it is proven to lie on the right side; exp increases.
 * tanh x = E / (E + 2), E = e^2x - 1, which increases with E.
 * erf x = 2 x e^(-x^2) / sqrt(pi) (t_0 + t_1 + ...), t_0 = 1, t_(n+1) = t_n 2x^2 / (2n + 3) (DLMF 7.6.2). The terms are positive and their
 *   ratios fall, so what follows t_n is at most t_n q / (1 - q), q = 2x^2 / (2n + 3) < 1.
 */
import {
  add,
  divide,
  type Interval,
  interval,
  multiply,
  negate,
  square,
  subtract,
  WHOLE,
} from "./interval.js";
import {
  addDown,
  addUp,
  divideDown,
  divideUp,
  down,
  multiplyDown,
  multiplyUp,
  sqrtDown,
  sqrtUp,
  TINY,
  up,
} from "./rounding.js";

const TERMS = 17;
const ONE = interval(1);
const TWO = interval(2);
/** log 2 = LOG2_HIGH + LOG2_LOW; the first has 21 zero bits at its end, so that k times it is exact. */
const LOG2_HIGH = 0.6931471803691238;
const LOG2_LOW = interval(down(1.9082149292705877e-10), up(1.9082149292705877e-10));
/** 2 / sqrt(pi). */
const TWO_OVER_ROOT_PI = interval(down(1.1283791670955126), up(1.1283791670955126));
const INVERSE_FACTORIALS = inverseFactorials(TERMS + 1);

function inverseFactorials(count: number): Interval[] {
  const result = [ONE];
  for (let n = 1; n <= count; n++) result.push(divide(result[n - 1]!, interval(n)));
  return result;
}

/** (e^r - 1) / r for |r| <= 0.5. */
function growth(r: Interval): Interval {
  let sum = INVERSE_FACTORIALS[TERMS]!;
  for (let n = TERMS - 1; n >= 1; n--) sum = add(multiply(sum, r), INVERSE_FACTORIALS[n]!);
  const most = Math.max(Math.abs(r.lo), Math.abs(r.hi));
  let rest = multiplyUp(2, INVERSE_FACTORIALS[TERMS + 1]!.hi);
  for (let n = 0; n < TERMS; n++) rest = multiplyUp(rest, most);
  return { lo: addDown(sum.lo, -rest), hi: addUp(sum.hi, rest) };
}

/** e^x for a number. */
export function expOf(x: number): Interval {
  if (Number.isNaN(x)) return { lo: 0, hi: Infinity };
  if (x > 709.79) return { lo: x === Infinity ? Infinity : Number.MAX_VALUE, hi: Infinity };
  if (x < -745.2) return { lo: 0, hi: x === -Infinity ? 0 : TINY };
  if (x === 0) return ONE;
  const k = Math.round(x / LOG2_HIGH);
  const r = subtract(subtract(interval(x), interval(k * LOG2_HIGH)), multiply(interval(k), LOG2_LOW));
  const value = add(ONE, multiply(r, growth(r)));
  // In two steps: 2^k itself may be beyond float64.
  const [half, other] = [2 ** Math.trunc(k / 2), 2 ** (k - Math.trunc(k / 2))];
  return {
    lo: multiplyDown(multiplyDown(value.lo, half), other),
    hi: multiplyUp(multiplyUp(value.hi, half), other),
  };
}

/** e^x - 1 for a number, to a few units in the last place near 0 too. */
function expMinusOneOf(x: number): Interval {
  return Math.abs(x) <= 0.5 ? multiply(interval(x), growth(interval(x))) : subtract(expOf(x), ONE);
}

/** The natural logarithm of a number; all of the line up to log x for what isn't positive. */
export function logOf(x: number): Interval {
  if (!(x > 0)) return x <= 0 ? { lo: -Infinity, hi: -Infinity } : WHOLE;
  if (x === Infinity) return { lo: Infinity, hi: Infinity };
  if (x === 1) return interval(0);
  const guess = Math.log(x);
  return {
    lo: outwards(guess, -1, (y) => expOf(y).hi <= x),
    hi: outwards(guess, 1, (y) => expOf(y).lo >= x),
  };
}

/** The first of guess, guess +- 2 units, 4 units ... that `holds`; infinite if none does. */
function outwards(guess: number, sign: number, holds: (y: number) => boolean): number {
  for (let step = Math.abs(guess) * 2 ** -52 + 2 ** -54; step < 1; step *= 2)
    if (holds(guess + sign * step)) return guess + sign * step;
  return sign * Infinity;
}

/** 1 / (1 + e^-x) for a number. */
export function logisticOf(x: number): Interval {
  if (Number.isNaN(x)) return { lo: 0, hi: 1 };
  const value = divide(ONE, add(ONE, expOf(-x)));
  return { lo: Math.max(0, value.lo), hi: Math.min(1, value.hi) };
}

/** The hyperbolic tangent of a number. */
export function tanhOf(x: number): Interval {
  if (Number.isNaN(x)) return { lo: -1, hi: 1 };
  if (x < 0) return negate(tanhOf(-x));
  // 1 - tanh 20 = 2 / (e^40 + 1) < 2^-56.
  if (x >= 20) return { lo: down(1), hi: 1 };
  const e = expMinusOneOf(2 * x);
  return { lo: divideDown(e.lo, addUp(e.lo, 2)), hi: Math.min(1, divideUp(e.hi, addDown(e.hi, 2))) };
}

/** The error function of a number. */
export function erfOf(x: number): Interval {
  if (Number.isNaN(x)) return { lo: -1, hi: 1 };
  if (x < 0) return negate(erfOf(-x));
  if (x === 0) return interval(0);
  // 1 - erf x < e^(-x^2) / (x sqrt(pi)) (DLMF 7.8.3), below 2^-55 from 6 on.
  if (x >= 6) return { lo: down(1), hi: 1 };
  const squared = square(interval(x));
  const doubled = multiply(TWO, squared);
  let [sum, term] = [ONE, ONE];
  for (let n = 0; ; n++) {
    const ratio = divide(doubled, interval(2 * n + 3));
    term = multiply(term, ratio);
    sum = add(sum, term);
    if (ratio.hi > 0.5 || term.hi > sum.lo * 2 ** -60) continue;
    // The ratios that follow are below 1/2, so the rest is below the last term.
    sum = { lo: sum.lo, hi: addUp(sum.hi, term.hi) };
    break;
  }
  const decay = { lo: expOf(-squared.hi).lo, hi: expOf(-squared.lo).hi };
  const value = multiply(multiply(multiply(TWO_OVER_ROOT_PI, interval(x)), decay), sum);
  return { lo: value.lo, hi: Math.min(1, value.hi) };
}

/** f over an interval, for f that doesn't fall. */
function rising(f: (x: number) => Interval): (x: Interval) => Interval {
  return (x) => ({ lo: f(x.lo).lo, hi: f(x.hi).hi });
}

export const exp = rising(expOf);
export const log = rising(logOf);
export const tanh = rising(tanhOf);
export const erf = rising(erfOf);
export const logistic = rising(logisticOf);

/**
 * 2 sin(asin(t) / 2), from above, for t >= 0: the chord between two unit vectors whose distance is seen from a ball of
 * radius t; 2 for t >= 1. With c = cos(asin t) = sqrt(1 - t^2) it is sqrt(2 (1 - c)) = t sqrt(2 / (1 + c)): no sine is needed.
 */
export function chordUp(t: number): number {
  if (!(t < 1)) return 2;
  const cosine = sqrtDown(addDown(1, -multiplyUp(t, t)));
  return multiplyUp(t, sqrtUp(divideUp(2, addDown(1, cosine))));
}
