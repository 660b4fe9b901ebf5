/**
 * Bounds entry by entry: a matrix A >= 0 with |f(x') - f(x)| <= A |x' - x|, sizes taken entry by entry, for stacks with max pooling
 * between them (after Moreno Pintore and Despres, Computable Lipschitz bounds for deep neural networks, 2024).
 * |A|_1 and |A|_inf bound the l1 and linf constants and are often far below the products; in l2 it is of no use.
 *
 * Theorem. With activations c_i x + g_i(x), slopes of g_i within [-r_i, r_i], and A_k belonging to what map k gives,
 *     A_k = |c_(k-1) ... c_1| |W_k ... W_1| + sum_(j < k) r_j |c_(k-1) ... c_(j+1)| |W_k ... W_(j+1)| A_j.
 * Proof. As for LipLT (liplt.ts), with sizes of entries instead of norms: |W u| <= |W| |u|, and |g_j(v') - g_j(v)| <= r_j |v' - v|.
 * Max pooling: |max_i a_i - max_i b_i| <= max_i |a_i - b_i|, so the entrywise maximum of the window's rows belongs to the maximum. Two
 * parts in a row: |f(g(x')) - f(g(x))| <= A_f |g(x') - g(x)| <= A_f A_g |x' - x|.
 *
 * Rounding. A product of maps carries the sizes of its errors entry by entry: |P W - fl(P^ W)| <= (gamma(n) |P^| + E) |W| + underflow. All else
 * is sums and products of numbers >= 0, raised by gamma(2n + 8) >= gamma(n) and what the raising itself rounds.
 */
import type { Slopes } from "../layers/slopes.js";
import {
  type DenseMatrix,
  dense,
  type Matrix,
  mapEntries,
  matrix,
  multiply,
  plus,
} from "../numeric/matrix.js";
import { gammaUp, multiplyUp, TINY } from "../numeric/rounding.js";
import { type NormName, operatorNormUp, type Stack, spreadOf, steepest } from "./stack.js";

/** A stack, then perhaps an activation, then perhaps max pooling. */
export interface Part {
  readonly stack: Stack;
  /** Slopes of an activation of the stack's result. */
  readonly activation: Slopes | null;
  /** For each number that comes out, the rows that it is the maximum of. */
  readonly windows: readonly (readonly number[])[] | null;
}

/** |A| for parts one after another, an upper bound of their Lipschitz constant in l1 or linf. */
export function absoluteBound(parts: readonly Part[], norm: NormName): number {
  let total: DenseMatrix | null = null;
  for (const part of parts) {
    const own = partMatrix(part);
    total = total === null ? own : timesUp(own, total);
  }
  return total === null ? 1 : operatorNormUp(norm, total);
}

function partMatrix({ stack, activation, windows }: Part): DenseMatrix {
  let a = absoluteMatrix(stack);
  if (activation !== null) a = mapEntries(a, (x) => multiplyUp(x, steepest(activation)));
  if (windows === null) return a;
  const result = matrix(windows.length, a.columns);
  windows.forEach((rows, i) => {
    for (const r of rows)
      for (let j = 0; j < a.columns; j++) {
        const k = i * a.columns + j;
        result.data[k] = Math.max(result.data[k]!, a.data[r * a.columns + j]!);
      }
  });
  return result;
}

/** A_l, entry by entry from above. */
export function absoluteMatrix({ maps, slopes }: Stack): DenseMatrix {
  const spreads = slopes.map(spreadOf);
  const reached: DenseMatrix[] = [];
  for (let k = 0; k < maps.length; k++) {
    let center = dense(maps[k]!);
    let error = matrix(center.rows, center.columns);
    let centers = 1;
    let total: DenseMatrix | null = null;
    for (let j = k - 1; j >= 0; j--) {
      const factor = multiplyUp(spreads[j]!.radius, centers);
      total = sumUp(total, timesUp(upper(center, error), reached[j]!), factor);
      centers = multiplyUp(centers, Math.abs(spreads[j]!.center));
      const gamma = gammaUp(2 * maps[j]!.rows);
      const next = multiply(center, maps[j]!);
      error = timesUp(
        raised(plus(error, mapEntries(center, Math.abs), gamma), 4),
        mapEntries(maps[j]!, Math.abs),
      );
      center = next;
    }
    reached.push(sumUp(total, upper(center, error), centers));
  }
  return reached[maps.length - 1]!;
}

/** |center| + error. */
function upper(center: DenseMatrix, error: DenseMatrix): DenseMatrix {
  return raised(plus(mapEntries(center, Math.abs), error), 2);
}

/** total + a * factor, for entries >= 0. */
function sumUp(total: DenseMatrix | null, a: DenseMatrix, factor: number): DenseMatrix {
  return raised(plus(total ?? matrix(a.rows, a.columns), a, factor), 4);
}

/** a b for entries >= 0. */
function timesUp(a: DenseMatrix, b: Matrix): DenseMatrix {
  return raised(multiply(a, b), 2 * a.columns + 8);
}

/** Entries >= 0 that came about by at most `roundings` / 2 roundings each, none of which lost more than 2^-1074 by underflow. */
function raised(a: DenseMatrix, roundings: number): DenseMatrix {
  const factor = 1 + gammaUp(roundings + 4);
  const lost = roundings * TINY;
  return mapEntries(a, (x) => (Number.isNaN(x) ? Infinity : x * factor + lost));
}
