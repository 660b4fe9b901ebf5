/**
 * The error function and its complement.
 *
 * Promise: relative error of `erf` at most 2^-50 everywhere, of `erfc` at most 2^-48 where it isn't subnormal, as measured against
 * 50-digit values (test/numeric/erf.test.ts holds a sample of them).
 * Method: Chebyshev series, made with 50 digits: erf(x)/x in x^2 for |x| <= 1; beyond, (1 + 2x) exp(x^2) erfc(x) in
 * (x - 3.75) / (x + 3.75) (Shepherd and Laframboise, Math. Comp. 36, 1981).
 */

const NEAR = [
  0.9754769393826541, -0.14226120510371365, 0.010035582187599796, -0.0005768764699767485,
  2.741993125219606e-5, -1.1043175507344507e-6, 3.8488755420345036e-8, -1.1808582533875466e-9,
  3.2334215826050907e-11, -7.991015947004549e-13, 1.7990725113961456e-14, -3.718635487818693e-16,
  7.103599003714253e-18,
];

const FAR = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-5,
  4.13902798607301e-6, 7.74038306619849e-7, -2.1886401049234397e-7, 1.076499946567091e-8,
  4.521959811218287e-9, -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11,
  1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14,
  -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
  -2.2370566594359995e-18, -2.187342944303018e-18,
];

/** Clenshaw's sum of a Chebyshev series at t in [-1, 1]. */
function chebyshev(coefficients: readonly number[], t: number): number {
  let b1 = 0;
  let b2 = 0;
  for (let i = coefficients.length - 1; i > 0; i--) {
    const b = 2 * t * b1 - b2 + coefficients[i]!;
    b2 = b1;
    b1 = b;
  }
  return t * b1 - b2 + coefficients[0]!;
}

/** x >= 1: erfc(x). */
function tail(x: number): number {
  // x^2 rounds; its low part is put back, or erfc would lose digits as x grows.
  const high = Math.fround(x);
  const low = x - high;
  const scale = Math.exp(-high * high) * Math.exp(-low * (x + high));
  return (scale * chebyshev(FAR, (x - 3.75) / (x + 3.75))) / (1 + 2 * x);
}

function near(x: number): number {
  return x * chebyshev(NEAR, 2 * x * x - 1);
}

export function erf(x: number): number {
  if (Math.abs(x) <= 1) return near(x);
  if (Math.abs(x) > 6) return Math.sign(x);
  return x > 0 ? 1 - tail(x) : tail(-x) - 1;
}

export function erfc(x: number): number {
  if (Math.abs(x) <= 0.5) return 1 - near(x);
  if (x > 28) return 0;
  if (x > 0) return tail(x);
  if (x < -6) return 2;
  return x < 0 ? 2 - erfc(-x) : x; // NaN
}
