/**
 * When a completed Cholesky factorisation in float64 proves that a symmetric matrix has no negative eigenvalue.
 *
 * Theorem. Let a^ be a symmetric n x n matrix of float64 numbers with a positive diagonal, and a any symmetric real
 * matrix with |a_ij - a^_ij| <= gamma(k) |a^_ij| (each entry of a^ comes from a's by at most k roundings; gamma(k) = k u / (1 - k u)).
 * If Cholesky's algorithm in float64, applied to a^ with its diagonal lowered by the factor 1 - t, t = 4 n gamma(n + k + 10), finds positive
 * pivots only, then a is positive semidefinite.
 *
 * Proof. Rows and columns are first scaled by powers of two, which is exact (what underflows, then or later, is below 2^-800
 * next to a diagonal in [1, 4), and is covered by the constants left over below) and changes nothing about definiteness. Write
 * b for the lowered matrix, d for the diagonal of a^.
 * (1) If all pivots are positive, the computed L has L L' = b + E, |E_ij| <= gamma(n + 6) sum_k |l_ik| |l_jk| (Higham, Accuracy and
 *     Stability, 2nd edition, lemma 8.4 and theorem 10.3; 6 instead of 1, so that the square root may err by 2 units). On the diagonal this says
 *     (1 - gamma) sum_k l_ik^2 <= b_ii, hence by Cauchy-Schwarz |E_ij| <= delta sqrt(b_ii b_jj), delta = gamma(n + 6) / (1 - gamma(n + 6)) <= 2 gamma(n + 10).
 * (2) For every x: x'b x = |L'x|^2 - x'E x >= -delta (sum_i sqrt(b_ii) |x_i|)^2 >= -n delta sum_i d_i x_i^2.
 * (3) x'a^ x = x'b x + sum_i (d_i - b_ii) x_i^2, and d_i - b_ii >= (t - 3u) d_i. Since t - 3u - n delta >= n gamma(k), x'a^ x >= n gamma(k) sum_i d_i x_i^2 >= 0.
 * (4) So a^ is semidefinite, hence |a^_ij| <= sqrt(d_i d_j), so the entries' own errors change x'a x by at most
 *     gamma(k) (sum_i sqrt(d_i) |x_i|)^2 <= n gamma(k) sum_i d_i x_i^2, which (3) has to spare.
 * Summation may take any order, and terms known to be 0 may be left out (lemma 8.4), which allows for the profile. After Rump, Verification of
 * positive definiteness, BIT 46 (2006).
 */
import { cholesky } from "./cholesky.js";
import { type DenseMatrix, matrix } from "./matrix.js";
import { gammaUp } from "./rounding.js";
import { powerBelow } from "./sums.js";

/**
 * Whether `a` is proven positive semidefinite. False proves nothing.
 * @param a symmetric; only the lower triangle is read
 * @param roundings k above; 0 if `a` is meant as it stands
 * @param first profile, as for `cholesky`
 */
export function isProvenSemidefinite(a: DenseMatrix, roundings = 0, first?: Int32Array): boolean {
  const n = a.rows;
  const shrink = 4 * n * gammaUp(n + roundings + 10);
  if (!(shrink < 0.5)) return false;
  const scale = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const d = a.data[i * n + i]!;
    if (!(d > 2 ** -400 && d < 2 ** 400)) return false;
    // 4^-e with d in [4^e, 4^(e+1)): an even power of two, whose root is one too.
    scale[i] = 1 / powerBelow(Math.sqrt(powerBelow(d)) * 1.25);
  }
  const lowered = matrix(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = first?.[i] ?? 0; j < i; j++)
      lowered.data[i * n + j] = a.data[i * n + j]! * scale[i]! * scale[j]!;
    lowered.data[i * n + i] = a.data[i * n + i]! * scale[i]! * scale[i]! * (1 - shrink);
  }
  return cholesky(lowered, first) !== null;
}
