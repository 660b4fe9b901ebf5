/**
 * exp, erf, tanh, the logistic function and logarithms to about 200 binary digits, in whole numbers of 2^-P: textbook series on
 * BigInt. Errors are below 2^-200 of the result for arguments up to 800 in size, far below any float64's spacing.
 */
import { exact } from "./rational.js";

const P = 1700n;
const ONE = 1n << P;

export const fixed = (x: number): bigint => {
  const { n, d } = exact(x);
  return (n << P) / d;
};
export const times = (a: bigint, b: bigint): bigint => (a * b) >> P;
export const over = (a: bigint, b: bigint): bigint => (a << P) / b;

/** e^x by the series of e^(x / 2^16), squared 16 times. */
export function exp(x: bigint): bigint {
  const small = x >> 16n;
  let [sum, term] = [ONE, ONE];
  for (let n = 1n; term !== 0n && n < 400n; n++) {
    term = times(term, small) / n;
    sum += term;
    if (term === -1n) break;
  }
  for (let i = 0; i < 16; i++) sum = times(sum, sum);
  return sum;
}

export const logistic = (x: bigint): bigint => over(ONE, ONE + exp(-x));

export function tanh(x: bigint): bigint {
  const e = exp(2n * x);
  return over(e - ONE, e + ONE);
}

/** By Machin's formula. */
function pi(): bigint {
  const arctan = (m: bigint) => {
    let [sum, power] = [0n, ONE / m];
    for (let n = 0n; power !== 0n; n++) {
      sum += (n % 2n === 0n ? power : -power) / (2n * n + 1n);
      power /= m * m;
    }
    return sum;
  };
  return 4n * (4n * arctan(5n) - arctan(239n));
}

function root(x: bigint): bigint {
  const target = x << P;
  let r = 1n << BigInt((target.toString(2).length / 2 + 1) | 0);
  for (;;) {
    const next = (r + target / r) >> 1n;
    if (next >= r) return r;
    r = next;
  }
}

export const twoOverRootPi = over(2n * ONE, root(pi()));

/** The alternating series of erf, whose terms grow to about e^(x^2) before they fall: for |x| <= 7. */
export function erf(x: bigint): bigint {
  const square = times(x, x);
  let [sum, term] = [0n, x];
  for (let n = 0n; n < 2000n && (n < 60n || term > 1n || term < -1n); n++) {
    sum += term / (2n * n + 1n);
    term = -times(term, square) / (n + 1n);
  }
  return times(twoOverRootPi, sum);
}

/** log 2 = sum of 1 / (n 2^n). */
export function log2(): bigint {
  let sum = 0n;
  for (let n = 1n; n < P + 10n; n++) sum += (ONE >> n) / n;
  return sum;
}
