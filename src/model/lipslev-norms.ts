/**
 * The norms that a LipsLev model is divided by, and that its constants are made of, each an UPPER bound within 1e-9 of the
 * truth (relative; for matrices that aren't degenerate beyond float64).
 *
 * Spectral norm. G = W W' (or W' W, the smaller), lambda a candidate, A = lambda I - G. If Cholesky's factorisation of A
 * runs to its end in float64, R'R = A + E with |E| <= g/(1-g) d d', g = gamma_{n+1}, d_i = sqrt(a_ii) (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2nd ed., theorem 10.3), so A + E is positive semidefinite and
 *     lambda_max(G) <= lambda + g/(1-g) trace(A) + u max a_ii <= lambda (1 + 2 n (n + 2) u),
 * the last terms being the rounding of A's diagonal and trace(A) <= n lambda. G itself was rounded: entrywise by at most
 * gamma_m |W||W'|, whose spectral norm is at most gamma_m |W|_F^2. Power iteration, which converges from below, only
 * suggests where to try; bisection closes in on the least lambda that passes.
 * Numbers are scaled by a power of two first, so nothing that counts underflows.
 */
export type NormOrder = 1 | 2 | typeof Number.POSITIVE_INFINITY;

const UNIT = 2 ** -53;
const TIGHT = 1e-10;

/** `value` enlarged by what `terms` roundings can have taken off. */
export function roundedUp(value: number, terms: number): number {
  return value * (1 + 2 * (terms + 4) * UNIT) + Number.MIN_VALUE;
}

/** The order r with 1/p + 1/r = 1: |a . b| <= |a|_p |b|_r. */
export function dualOrder(p: NormOrder): NormOrder {
  return p === 1 ? Number.POSITIVE_INFINITY : p === 2 ? 2 : 1;
}

/** At least the p-norm of `a - b`, both `length` numbers from their offset; `b` null is zero. */
export function distanceAbove(
  a: Float64Array,
  from: number,
  b: Float64Array | null,
  other: number,
  length: number,
  p: NormOrder,
): number {
  let size = 0;
  let largest = 0;
  for (let i = 0; i < length; i++) {
    const x = Math.abs(a[from + i]! - (b === null ? 0 : b[other + i]!));
    if (x > largest) largest = x;
  }
  if (p === Number.POSITIVE_INFINITY || largest === 0) return roundedUp(largest, 1);
  for (let i = 0; i < length; i++) {
    const x = Math.abs(a[from + i]! - (b === null ? 0 : b[other + i]!)) / largest;
    size += p === 1 ? x : x * x;
  }
  return roundedUp((p === 1 ? size : Math.sqrt(size)) * largest, length + 6);
}

/** At least max |W x|_p / |x|_p; `w` is [rows, columns], row-major. */
export function operatorNormAbove(w: Float64Array, rows: number, columns: number, p: NormOrder): number {
  if (p === 2) return spectralNormAbove(w, rows, columns);
  const sums = new Float64Array(p === 1 ? columns : rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const at = p === 1 ? j : i;
      sums[at] = sums[at]! + Math.abs(w[i * columns + j]!);
    }
  return roundedUp(Math.max(0, ...sums), rows + columns);
}

function spectralNormAbove(w: Float64Array, rows: number, columns: number): number {
  let largest = 0;
  for (const x of w) if (Math.abs(x) > largest) largest = Math.abs(x);
  if (largest === 0) return 0;
  const unit = 2 ** Math.floor(Math.log2(largest));
  const n = Math.min(rows, columns);
  const m = Math.max(rows, columns);
  // v is [n, m]: the smaller side first.
  const v = new Float64Array(n * m);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) v[rows <= columns ? i * m + j : j * m + i] = w[i * columns + j]! / unit;
  const gram = new Float64Array(n * n);
  let frobenius = 0;
  for (let i = 0; i < n; i++)
    for (let k = 0; k <= i; k++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += v[i * m + j]! * v[k * m + j]!;
      gram[i * n + k] = sum;
      gram[k * n + i] = sum;
      if (i === k) frobenius += sum;
    }
  const squared =
    largestAbove(gram, n) * (1 + 2 * n * (n + 2) * UNIT) + 2 * (m + 2) * UNIT * roundedUp(frobenius, n * m);
  return roundedUp(Math.sqrt(squared), 2) * unit;
}

/** A lambda for which lambda I - gram has a Cholesky factor in float64, nearly the least. */
function largestAbove(gram: Float64Array, n: number): number {
  let below = rayleigh(gram, n);
  let step = TIGHT;
  let above = below * (1 + step);
  while (!isPositive(gram, n, above)) {
    below = above;
    step *= 4;
    above = below * (1 + step);
  }
  while (above - below > TIGHT * above) {
    const middle = (above + below) / 2;
    if (isPositive(gram, n, middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** A lower bound of the largest eigenvalue, by power iteration. */
function rayleigh(gram: Float64Array, n: number): number {
  let x = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 7919) % 101) / 101);
  let best = 0;
  for (let i = 0; i < n; i++) best = Math.max(best, gram[i * n + i]!);
  for (let round = 0; round < 100; round++) {
    const y = new Float64Array(n);
    let xx = 0;
    let xy = 0;
    let size = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += gram[i * n + j]! * x[j]!;
      y[i] = sum;
      xx += x[i]! * x[i]!;
      xy += x[i]! * sum;
      size = Math.max(size, Math.abs(sum));
    }
    if (xx > 0) best = Math.max(best, xy / xx);
    if (!(size > 0)) break;
    x = y.map((value) => value / size);
  }
  return best;
}

/** Whether lambda I - gram is factored by Cholesky to the end, all pivots positive. */
function isPositive(gram: Float64Array, n: number, lambda: number): boolean {
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? lambda - gram[i * n + i]! : -gram[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= r[i * n + k]! * r[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return false;
        r[i * n + i] = Math.sqrt(sum);
      } else r[i * n + j] = sum / r[j * n + j]!;
    }
  }
  return true;
}
