/**
 * The spectral norm by Gram iteration: from above at every step, without eigenvalues and without a guess (Delattre
 * and others, Efficient bound of Lipschitz constant for convolutional layers by Gram iteration, ICML 2023).
 *
 * Theorem. G_1 = W W' and G_{t+1} = G_t G_t' / s_t, all computed in float64, s_t powers of two. With N_t an upper bound of |G_t|_2,
 *     |G_t|_2 <= sqrt(s_t N_{t+1} + gamma(n) |G_t|_F^2),    |W|_2 <= sqrt(N_1 + gamma(m) |W|_F^2),    |G_T|_2 <= |G_T|_F,
 * n the order of G_t, m the number of W's columns.
 * Proof. For a computed product P^ of A and A' over k terms, |P^ - A A'| <= gamma(k) |A| |A|' entry by entry, and so in Frobenius' norm, which is at
 * most gamma(k) |A|_F^2 and bounds the spectral norm. |A|_2^2 = |A A'|_2 <= |P^|_2 + gamma(k) |A|_F^2. Division by s_t is exact but for
 * underflow, below 2^-1074 for each entry beside a largest entry in [1, 2), as for products: n^2 times that is added.
 * So rounding is paid for once at every level and roots make it smaller on the way back.
 */
import { type DenseMatrix, gram, type Matrix, mapEntries, transpose } from "./matrix.js";
import { addUp, gammaUp, multiplyUp, sqrtUp, TINY } from "./rounding.js";
import { l2NormUp, linfNormUp, powerBelow } from "./sums.js";

/** An upper bound, within the factor n^(1 / 2^steps) for n singular values. */
export function gramNormUp(a: Matrix, steps = 10): number {
  const most = linfNormUp(a.data);
  if (most === 0 || most === Infinity) return most;
  const wide = a.rows <= a.columns ? a : transpose(a);
  const scale = powerBelow(most);
  const lost = multiplyUp(2 * a.rows * a.columns, TINY);
  return multiplyUp(addUp(boundOf(mapEntries(wide, divider(scale)), steps), lost), scale);
}

/** For a matrix whose largest entry is in [1, 2). */
function boundOf(a: DenseMatrix, steps: number): number {
  const frobenius = l2NormUp(a.data);
  if (steps === 0) return frobenius;
  const product = gram(a);
  const scale = powerBelow(linfNormUp(product.data));
  const next = boundOf(mapEntries(product, divider(scale)), steps - 1);
  const lost = multiplyUp(4 * a.rows * (a.rows + a.columns), TINY);
  const rounding = addUp(multiplyUp(gammaUp(a.columns), multiplyUp(frobenius, frobenius)), lost);
  return Math.min(frobenius, sqrtUp(addUp(multiplyUp(scale, addUp(next, lost)), rounding)));
}

/** By a power of two, in two steps since its inverse may be beyond float64. */
function divider(scale: number): (value: number) => number {
  const half = scale < 1 ? 2 ** 60 : 1;
  return (value) => (value * half) / (scale * half);
}
