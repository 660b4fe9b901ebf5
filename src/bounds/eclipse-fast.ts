/**
 * ECLipsE-Fast (Xu and Sivaranjani, ECLipsE: efficient compositional Lipschitz constant estimation for deep neural networks,
 * NeurIPS 2024, theorem 4): one multiplier per layer, in closed form, layer after layer.
 *
 *     M_0 = I + p_1 l_1 W_1'W_1,   X_i = l_i I - c_i^2 l_i^2 W_i M_(i-1)^-1 W_i',   M_i = X_i + p_(i+1) l_(i+1) W_(i+1)'W_(i+1),
 *     l_i = 1 / (2 c_i^2 lambda_max(W_i X_(i-1)^-1 W_i')),   X_0 = I,      |f|^2 <= lambda_max(W_l X_(l-1)^-1 W_l').
 *
 * Every M_i and X_i has to be positive definite: where a Cholesky factor fails, l_i is halved, a few times. With c_i = 0 the
 * formula has no value. All of this is rounded and only finds multipliers; the bound is what multipliers.ts proves from
 * them, whose matrix P has these X_i as its Schur complements.
 */
import { cholesky, solveRows } from "../numeric/cholesky.js";
import { largestEigenvalue } from "../numeric/lanczos.js";
import { type DenseMatrix, dense, gram, identity, type Matrix, plus, transpose } from "../numeric/matrix.js";
import { provenBound } from "./multipliers.js";
import { type Spread, type Stack, spreadOf } from "./stack.js";

const HALVINGS = 8;

export interface Multipliers {
  /** The diagonals of D_1, ..., D_(l-1). */
  readonly diagonals: readonly Float64Array[];
  /** What they should prove. */
  readonly estimate: number;
}

/** The bound in l2; null if it can't be had (a slope range around 0, or matrices that aren't definite). */
export function eclipseFastBound(stack: Stack): number | null {
  const found = eclipseFast(stack);
  return found === null ? null : provenBound(stack, found.diagonals, found.estimate);
}

/** The multipliers by the formulas above, and their estimate. */
export function eclipseFast({ maps, slopes }: Stack): Multipliers | null {
  const diagonals: Float64Array[] = [];
  // null stands for the identity, X_0.
  let x: DenseMatrix | null = null;
  for (let i = 0; i < slopes.length; i++) {
    const stage = nextStage(x, maps[i]!, spreadOf(slopes[i]!));
    if (stage === null) return null;
    diagonals.push(new Float64Array(maps[i]!.rows).fill(stage.lambda));
    x = stage.x;
  }
  const last = seenThrough(x, maps[maps.length - 1]!);
  if (last === null) return null;
  return { diagonals, estimate: Math.sqrt(largestEigenvalue(last)) };
}

function nextStage(
  x: DenseMatrix | null,
  map: Matrix,
  { center, product }: Spread,
): { readonly x: DenseMatrix; readonly lambda: number } | null {
  const before = seenThrough(x, map);
  if (before === null || center === 0) return null;
  let lambda = 1 / (2 * center * center * largestEigenvalue(before));
  if (!(lambda > 0 && lambda < Infinity)) return null;
  const gramOfColumns = product === 0 ? null : gram(transpose(map));
  for (let halving = 0; halving < HALVINGS; halving++, lambda /= 2) {
    const through =
      gramOfColumns === null
        ? before
        : seenThrough(plus(x ?? identity(map.columns), gramOfColumns, product * lambda), map);
    if (through === null) continue;
    const next = identity(map.rows);
    const factor = center * center * lambda * lambda;
    for (let k = 0; k < next.data.length; k++)
      next.data[k] = next.data[k]! * lambda - factor * through.data[k]!;
    if (cholesky(next) !== null) return { x: next, lambda };
  }
  return null;
}

/** W x^-1 W'; null if x isn't definite. */
export function seenThrough(x: DenseMatrix | null, map: Matrix): DenseMatrix | null {
  if (x === null) return gram(map);
  const factor = cholesky(x);
  return factor === null ? null : gram(solveRows(factor, dense(map)));
}
