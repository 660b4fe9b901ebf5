/**
 * Operator norms of matrices, from above: never below the real norm of the numbers given. Infinity where an entry isn't
 * finite, 0 for a matrix without entries. (Power iteration comes from below and is used for guessing only.)
 */
import { gramNormUp } from "./gram-iteration.js";
import { largestEigenvalue } from "./lanczos.js";
import { type DenseMatrix, gram, type Matrix, matrix, transpose } from "./matrix.js";
import { addUp, gammaUp, multiplyUp, sqrtUp, TINY } from "./rounding.js";
import { isProvenSemidefinite } from "./semidefinite.js";
import { l1NormUp, l2NormUp, linfNormUp, powerBelow } from "./sums.js";

/** max |a x|_1 over |x|_1 = 1: the largest sum of sizes in a column. */
export function l1OperatorNormUp(a: Matrix): number {
  const sums = new Float64Array(a.columns);
  for (let i = 0, k = 0; i < a.rows; i++)
    for (let j = 0; j < a.columns; j++, k++) sums[j]! += Math.abs(a.data[k]!);
  return multiplyUp(linfNormUp(sums), a.rows > 1 ? 1 + gammaUp(2 * a.rows + 2) : 1);
}

/** max |a x|_inf over |x|_inf = 1: the largest sum of sizes in a row. */
export function linfOperatorNormUp(a: Matrix): number {
  let most = 0;
  for (let i = 0; i < a.rows; i++)
    most = Math.max(most, l1NormUp(a.data.subarray(i * a.columns, (i + 1) * a.columns)));
  return most;
}

/** The root of the sum of all squares. */
export function frobeniusNormUp(a: Matrix): number {
  return l2NormUp(a.data);
}

/** Guesses are raised by these factors until one of them can be proven. */
const RAISES = [1e-11, 1e-9, 1e-7, 1e-5, 1e-3];

/**
 * The spectral norm, max |a x|_2 over |x|_2 = 1: the least of Frobenius', the root of l1 times linf, and a value proven by a Cholesky
 * factorisation (`certifiedNormUp`), or by Gram iteration where that finds none.
 */
export function spectralNormUp(a: Matrix): number {
  const frobenius = frobeniusNormUp(a);
  if (frobenius === 0 || frobenius === Infinity) return frobenius;
  // A single row or column: Frobenius' norm is the spectral one.
  if (a.rows === 1 || a.columns === 1) return frobenius;
  const mixed = sqrtUp(multiplyUp(l1OperatorNormUp(a), linfOperatorNormUp(a)));
  return Math.min(frobenius, mixed, certifiedNormUp(a) ?? gramNormUp(a));
}

/**
 * Theorem. Let G^ be the float64 Gram matrix of an n x m matrix b (n rows), G = b b'. If M I - G^ is positive semidefinite, then
 * |b|_2^2 <= M + g trace(G^) with g = 2 gamma(m + 2).
 * Proof. |G_ij - G^_ij| <= gamma(m) |b_i| |b_j|, b_i the rows, so |G - G^|_2 <= gamma(m) sum |b_i|^2 = gamma(m) trace(G), and trace(G) <= trace(G^) / (1 - gamma(m)).
 * M I - G^ is off by one rounding on its diagonal, which `isProvenSemidefinite` is told. The matrix is scaled by a power of two, so that
 * its largest entry is in [1, 2); what underflows is below 2^-1074 for each entry or product, and is added at the end.
 */
export function certifiedNormUp(a: Matrix): number | null {
  const most = linfNormUp(a.data);
  if (most === 0 || most === Infinity) return most;
  const scale = powerBelow(most);
  const wide = a.rows <= a.columns ? a : transpose(a);
  const product = gram(scaledDown(wide, scale));
  const guess = largestEigenvalue(product);
  let trace = 0;
  for (let i = 0; i < product.rows; i++) trace += product.data[i * product.rows + i]!;
  trace = multiplyUp(trace, 1 + gammaUp(2 * product.rows + 2));
  // What `isProvenSemidefinite` takes off the diagonal can't be proven away.
  const least = 8 * product.rows * gammaUp(product.rows + 11);
  for (const raise of RAISES) {
    const bound = guess * (1 + least + raise);
    if (!isProvenSemidefinite(shifted(product, bound), 1)) continue;
    const lost = multiplyUp(4 * a.rows * a.columns, TINY);
    const square = addUp(bound, multiplyUp(multiplyUp(2, gammaUp(wide.columns + 2)), trace));
    return multiplyUp(addUp(sqrtUp(addUp(square, lost)), lost), scale);
  }
  return null;
}

/** a / scale, scale a power of two of about the largest entry. */
export function scaledDown(a: Matrix, scale: number): DenseMatrix {
  const result = matrix(a.rows, a.columns);
  // In two steps, since 1 / scale may be beyond float64.
  const half = scale < 1 ? 2 ** 60 : 1;
  for (let i = 0; i < result.data.length; i++) result.data[i] = (a.data[i]! * half) / (scale * half);
  return result;
}

/** bound I - a. */
function shifted(a: DenseMatrix, bound: number): DenseMatrix {
  const n = a.rows;
  const result = matrix(n, n);
  for (let i = 0; i < n * n; i++) result.data[i] = -a.data[i]!;
  for (let i = 0; i < n; i++) result.data[i * n + i] = bound - a.data[i * n + i]!;
  return result;
}
