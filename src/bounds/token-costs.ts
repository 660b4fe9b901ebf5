/**
 * What appearing, vanishing and substituted tokens cost, measured on their embeddings in one norm.
 *
 * An absent token is the zero vector: token a costs |e_a| to come or go, and |e_a - e_b| to become b. `aligned` is the
 * least cost of an alignment of two token sequences (edit distance with real penalty; Chen and Ng, VLDB 2004).
 *
 * Promise: every number is at least the real one for the float64 values of the matrix.
 * Proof. A computed difference d of two float64 numbers is within u |real difference| of it (subtraction doesn't
 * underflow), so |real| <= |d| (1 + 2 u) and norms, rounded up, grow by that factor at most. The table of the alignment
 * takes the least of sums of upper ends, rounded up; every entry is at least the real cost of the alignment that it stands for,
 * and that is at least the least one. What both sequences begin or end with is left out first, which leaves an
 * alignment, so the result is an upper end for the least cost; it is that cost, but for rounding, since costs obey the
 * triangle inequality: pairing equal ends is never dearer.
 */
import type { Matrix } from "../numeric/matrix.js";
import { addUp, multiplyUp, UNIT_ROUNDOFF } from "../numeric/rounding.js";
import { l1NormUp, l2NormUp, linfNormUp } from "../numeric/sums.js";

export type NormName = "l1" | "l2" | "linf";
export const NORM_NAMES: readonly NormName[] = ["l1", "l2", "linf"];

/** A vector's norm, never below the real one. */
export const NORMS_UP: Readonly<Record<NormName, (x: ArrayLike<number>) => number>> = {
  l1: l1NormUp,
  l2: l2NormUp,
  linf: linfNormUp,
};

export interface TokenCosts {
  readonly norm: NormName;
  /** [tokens, d] */
  readonly embedding: Matrix;
  /** |e_a| */
  gap(a: number): number;
  /** |e_a - e_b| */
  substitution(a: number, b: number): number;
  /** Least cost of an alignment. */
  aligned(a: ArrayLike<number>, b: ArrayLike<number>): number;
}

/** @param embedding [tokens, d] */
export function tokenCosts(embedding: Matrix, norm: NormName): TokenCosts {
  const { rows, columns, data } = embedding;
  const normUp = NORMS_UP[norm];
  const gaps = new Float64Array(rows).fill(-1);
  const pairs = new Map<number, number>();
  const difference = new Float64Array(columns);

  const gap = (a: number): number => {
    const known = gaps[a]!;
    if (known >= 0) return known;
    const found = normUp(data.subarray(a * columns, (a + 1) * columns));
    gaps[a] = found;
    return found;
  };
  const substitution = (a: number, b: number): number => {
    if (a === b) return 0;
    const key = a < b ? a * rows + b : b * rows + a;
    let found = pairs.get(key);
    if (found === undefined) {
      for (let c = 0; c < columns; c++) difference[c] = data[a * columns + c]! - data[b * columns + c]!;
      found = multiplyUp(normUp(difference), 1 + 4 * UNIT_ROUNDOFF);
      pairs.set(key, found);
    }
    return found;
  };
  return { norm, embedding, gap, substitution, aligned: (a, b) => alignment(gap, substitution, a, b) };
}

function alignment(
  gap: (a: number) => number,
  substitution: (a: number, b: number) => number,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let aEnd = a.length;
  let bEnd = b.length;
  while (aEnd > from && bEnd > from && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const row = new Float64Array(bEnd - from + 1);
  for (let j = from; j < bEnd; j++) row[j - from + 1] = addUp(row[j - from]!, gap(b[j]!));
  for (let i = from; i < aEnd; i++) {
    let diagonal = row[0]!;
    row[0] = addUp(diagonal, gap(a[i]!));
    for (let j = from; j < bEnd; j++) {
      const at = j - from + 1;
      const substituted = addUp(diagonal, substitution(a[i]!, b[j]!));
      diagonal = row[at]!;
      row[at] = Math.min(substituted, addUp(diagonal, gap(a[i]!)), addUp(row[at - 1]!, gap(b[j]!)));
    }
  }
  return row[row.length - 1]!;
}
