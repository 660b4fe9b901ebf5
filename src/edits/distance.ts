/**
 * Levenshtein distance in code points: the fewest insertions, deletions and substitutions of one code point
 * that turn one text into the other.
 *
 * Promise: both functions give that number exactly. `levenshtein` is the textbook table and is what the faster
 * one is tested against; `levenshteinWithin` is for long texts within a known number of edits.
 *
 * Both drop what the texts share at the start and the end. This is exact: if an optimal alignment doesn't pair
 * two equal first items, then one of them is paired further on (everything before that is inserted or deleted)
 * or neither is paired; pairing the two instead costs no more. The same holds at the end.
 */
import { codePoints } from "../text/code-points.js";
import { furthestReaching } from "./diagonals.js";

// Looking up a global for every cell is slow in a sandbox, such as a test runner's.
const { min } = Math;

/** A text, or its code points, or any sequence of numbers such as folded symbols. */
export type Sequence = string | ArrayLike<number>;

/** Number of equal items at the start of both. */
export function commonPrefix(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const most = min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

/** Number of equal items at the end of both, not counting the first `taken`. */
export function commonSuffix(a: ArrayLike<number>, b: ArrayLike<number>, taken: number): number {
  const most = min(a.length, b.length) - taken;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

/** As an array without what both share at either end. */
function differing(a: Sequence, b: Sequence): [Uint32Array, Uint32Array] {
  const x = typeof a === "string" ? codePoints(a) : Uint32Array.from(a);
  const y = typeof b === "string" ? codePoints(b) : Uint32Array.from(b);
  const prefix = commonPrefix(x, y);
  const suffix = commonSuffix(x, y, prefix);
  return [x.subarray(prefix, x.length - suffix), y.subarray(prefix, y.length - suffix)];
}

/** The distance, by Wagner and Fischer (1974) with two rows: time O(|a| |b|) for the parts that differ. */
export function levenshtein(a: Sequence, b: Sequence): number {
  const [x, y] = differing(a, b);
  let above = Uint32Array.from({ length: y.length + 1 }, (_, j) => j);
  let row = new Uint32Array(y.length + 1);
  for (let i = 1; i <= x.length; i++) {
    row[0] = i;
    for (let j = 1; j <= y.length; j++) {
      const substitute = above[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1);
      row[j] = min(substitute, above[j]! + 1, row[j - 1]! + 1);
    }
    [above, row] = [row, above];
  }
  return above[y.length]!;
}

/** The distance if it is at most `limit` (>= 0), else null. Time at worst O(limit (|a| + limit)). */
export function levenshteinWithin(a: Sequence, b: Sequence, limit: number): number | null {
  if (!(limit >= 0)) throw new RangeError(`limit ${limit}: allowed is a number >= 0`);
  const [x, y] = differing(a, b);
  return furthestReaching(x, y, limit);
}
