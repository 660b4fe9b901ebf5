/**
 * LipLT (Fazlyab and others, Certified robustness via dynamic margin maximization and improved Lipschitz regularization,
 * NeurIPS 2023): norms of products of neighbouring maps instead of products of norms. For l1, l2 and linf.
 *
 * Theorem. Write activation i as c_i x + g_i(x), the slopes of g_i within [-r_i, r_i], and v_k for what map k gives. Then
 *     |v_k' - v_k| <= m_k |x' - x|,
 *     m_k = |c_(k-1) ... c_1| |W_k ... W_1| + sum_(j < k) r_j |c_(k-1) ... c_(j+1)| |W_k ... W_(j+1)| m_j.
 * Proof. v_k = W_k (c_(k-1) v_(k-1) + g_(k-1)(v_(k-1))). Unrolled, v_k = c_(k-1) ... c_1 W_k ... W_1 x + sum_j c_(k-1) ... c_(j+1) W_k ... W_(j+1) g_j(v_j);
 * take differences, and |g_j(v') - g_j(v)| <= r_j |v' - v| entry by entry.
 *
 * Rounding. A product P^ of computed products carries a bound e of |P - P^|. For the next map W with n rows,
 * |P W - fl(P^ W)| <= e |W| + gamma(n) ||P^|| ||W|| + underflow, with |W| the operator norm and ||.|| a norm of the sizes of entries.
 */
import { type DenseMatrix, dense, type Matrix, multiply } from "../numeric/matrix.js";
import { addUp, gammaUp, multiplyUp, TINY } from "../numeric/rounding.js";
import {
  entrywiseNormUp,
  type NormName,
  operatorNormUp,
  type Spread,
  type Stack,
  spreadOf,
} from "./stack.js";

/** A real matrix that is within `error` of `center` in an operator norm. */
interface Approximate {
  readonly center: DenseMatrix;
  readonly error: number;
}

export function lipltBound({ maps, slopes }: Stack, norm: NormName): number {
  const spreads = slopes.map(spreadOf);
  const norms = maps.map((map) => operatorNormUp(norm, map));
  const reached: number[] = [];
  for (let k = 0; k < maps.length; k++) reached.push(reach(maps, spreads, norms, reached, k, norm));
  return reached[maps.length - 1]!;
}

/** m_(k+1) above: indices start from 0 here. */
function reach(
  maps: readonly Matrix[],
  spreads: readonly Spread[],
  norms: readonly number[],
  reached: readonly number[],
  k: number,
  norm: NormName,
): number {
  let product: Approximate = { center: dense(maps[k]!), error: 0 };
  let size = norms[k]!;
  let centers = 1;
  let total = 0;
  for (let j = k - 1; j >= 0; j--) {
    const { center, radius } = spreads[j]!;
    total = addUp(total, multiplyUp(multiplyUp(radius, centers), multiplyUp(size, reached[j]!)));
    centers = multiplyUp(centers, Math.abs(center));
    // Nothing goes the straight way any more, however large the product.
    if (centers === 0) return total;
    product = extended(product, maps[j]!, norms[j]!, norm);
    size = addUp(operatorNormUp(norm, product.center), product.error);
  }
  return addUp(total, multiplyUp(centers, size));
}

function extended(product: Approximate, map: Matrix, mapNorm: number, norm: NormName): Approximate {
  const center = multiply(product.center, map);
  const rounding = multiplyUp(
    gammaUp(map.rows),
    multiplyUp(entrywiseNormUp(norm, product.center), entrywiseNormUp(norm, map)),
  );
  const lost = multiplyUp(center.data.length * map.rows, TINY);
  return { center, error: addUp(multiplyUp(product.error, mapNorm), addUp(rounding, lost)) };
}
