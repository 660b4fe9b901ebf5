/**
 * Furthest-reaching cells: the edit distance of long sequences that differ little (Ukkonen 1985, Myers 1986).
 *
 * Let D[i][j] be the distance between the first i items of a and the first j of b. Diagonal k holds the cells
 * with j - i = k. D never decreases along a diagonal, so "D[i][i+k] <= e" is the same as "i <= F[e][k]", where
 * F[e][k] is the largest such i. Promise: row e holds F[e][k] for -e <= k <= e at index k + e, and UNREACHED
 * where the diagonal lies outside the matrix. Time O(limit^2 + limit * length) at worst, usually much less.
 *
 * Recurrence: a cell within e edits comes from one within e - 1 by a substitution (same diagonal, i + 1), an
 * insertion (from k - 1, same i) or a deletion (from k + 1, i + 1), and then follows equal items for free.
 * A candidate beyond the end of the diagonal is cut back to the end: neighbouring cells of D differ by at most
 * 1 and D doesn't decrease along the diagonal, so the last cell of the diagonal is within e edits as well.
 */
// Looking up a global for every cell is slow in a sandbox, such as a test runner's.
const { min, max } = Math;

export const UNREACHED = -(2 ** 30);

/**
 * The distance between a and b, or null if it is over `limit`. If `rows` is given, row e is put at rows[e] for
 * every e up to the distance; that takes memory for (distance + 1)^2 integers.
 */
export function furthestReaching(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  limit: number,
  rows?: Int32Array[],
): number | null {
  const n = a.length;
  const m = b.length;
  const goal = m - n;
  if (Math.abs(goal) > limit) return null;
  const last = min(limit, max(n, m));
  let previous = new Int32Array(0);
  for (let e = 0; e <= last; e++) {
    const row = new Int32Array(2 * e + 1).fill(UNREACHED);
    const highest = min(e, m);
    for (let k = -min(e, n); k <= highest; k++) {
      let i = 0;
      if (e > 0) {
        // In the previous row diagonal k stands at index k + e - 1.
        const substituted = valueAt(previous, k + e - 1) + 1;
        const inserted = valueAt(previous, k + e - 2);
        const deleted = valueAt(previous, k + e) + 1;
        i = max(substituted, inserted, deleted);
      }
      const end = min(n, m - k);
      if (i > end) i = end;
      while (i < end && a[i] === b[i + k]) i++;
      row[k + e] = i;
    }
    rows?.push(row);
    if (Math.abs(goal) <= e && row[goal + e] === n) return e;
    previous = row;
  }
  return null;
}

/** Entry of a row, UNREACHED beyond its ends. */
export function valueAt(row: Int32Array, index: number): number {
  return index >= 0 && index < row.length ? row[index]! : UNREACHED;
}
