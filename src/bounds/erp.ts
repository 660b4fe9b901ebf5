/**
 * ERP, the edit distance with real penalty (Chen and Ng, On the marriage of Lp-norms and edit distance, VLDB 2004), between
 * sequences of vectors: a substitution costs the distance of the two vectors, a deletion or an insertion the norm of the one, as if
 * the gap were the zero vector. With all embeddings in a ball of radius R it is at most 2R for one character edit, R where one is
 * inserted or deleted, and a metric; LipsLev (Abad Rocamora and others, ICLR 2025) bounds text convolutions by it.
 *
 * Promise: never below the real distance of the numbers given, and within a few roundings of it. Proof. Every cost is
 * rounded up, sums are rounded up, and the least of upper bounds over all alignments is an upper bound of the least.
 */
import { UserError } from "../failure.js";
import { addUp, subtractUp } from "../numeric/rounding.js";
import { l1NormUp, l2NormUp, linfNormUp } from "../numeric/sums.js";
import type { NormName } from "./stack.js";

const NORMS = { l1: l1NormUp, l2: l2NormUp, linf: linfNormUp };

/**
 * The distance from above; Infinity where a number isn't finite.
 * @param a vectors, all of the same length, as those of `b`
 * @param norm of vectors
 * @throws UserError if vectors differ in length
 */
export function erp(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  norm: NormName,
): number {
  const width = (a[0] ?? b[0])?.length ?? 0;
  const odd = [...a, ...b].find((vector) => vector.length !== width);
  if (odd !== undefined)
    throw new UserError(
      `vectors of ${width} and of ${odd.length} numbers have no distance; all must be alike`,
    );
  const size = NORMS[norm];
  const inserted = b.map(size);
  const difference = new Float64Array(width);
  let before = [0];
  for (const cost of inserted) before.push(addUp(before[before.length - 1]!, cost));
  for (const vector of a) {
    const deleted = size(vector);
    const row = [addUp(before[0]!, deleted)];
    b.forEach((other, j) => {
      for (let k = 0; k < width; k++) difference[k] = distanceUp(vector[k]!, other[k]!);
      row.push(
        Math.min(
          addUp(before[j]!, size(difference)),
          addUp(before[j + 1]!, deleted),
          addUp(row[j]!, inserted[j]!),
        ),
      );
    });
    before = row;
  }
  return before[before.length - 1]!;
}

function distanceUp(x: number, y: number): number {
  return x >= y ? subtractUp(x, y) : subtractUp(y, x);
}
