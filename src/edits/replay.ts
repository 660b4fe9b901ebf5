/**
 * Replay: edits of folded symbols carried out on the text itself (the lifting theorem in text/fold.ts).
 *
 * Promise: if e edits turn `folded.symbols` into t, `replay` gives a sequence of code points within e edits of
 * `folded.points` that folds to t, and every code point that it writes is one of `representative`.
 */
import type { Folded } from "../text/fold.js";

/**
 * An edit of folded symbols. `at` indexes the symbols as they were before any edit; an insertion goes before
 * `at`, which may be the number of symbols.
 */
export type FoldedEdit =
  | { readonly kind: "delete"; readonly at: number }
  | { readonly kind: "substitute" | "insert"; readonly at: number; readonly symbol: number };

/**
 * The edited code points. `edits` are in order of `at`; of those with the same `at`, insertions come first, in
 * the order in which they shall stand, then at most one deletion or substitution. `representative` holds the
 * code point to write for each symbol (see `foldedAlphabet`).
 *
 * Turn the result into a string with `fromCodePoints` and judge the string: where `roundTrips` is false, two
 * lone surrogates have become one code point.
 */
export function replay(
  folded: Folded,
  edits: readonly FoldedEdit[],
  representative: ArrayLike<number>,
): Uint32Array {
  const { symbols, source, points } = folded;
  const result = new Uint32Array(points.length + edits.length);
  let length = 0;
  let taken = 0; // code points copied or dropped so far
  let free = 0; // first symbol that may still be edited
  for (const edit of edits) {
    const end = edit.kind === "insert" ? symbols.length : symbols.length - 1;
    if (!(edit.at >= free && edit.at <= end)) {
      throw new RangeError(`${edit.kind} at symbol ${edit.at}: allowed are ${free}..${end}`);
    }
    const position = edit.at < symbols.length ? source[edit.at]! : points.length;
    while (taken < position) result[length++] = points[taken++]!;
    if (edit.kind !== "delete") {
      const point = representative[edit.symbol] ?? -1;
      if (point < 0)
        throw new RangeError(`${edit.kind} of symbol ${edit.symbol}: the alphabet can't write it`);
      result[length++] = point;
    }
    if (edit.kind !== "insert") taken++;
    free = edit.kind === "insert" ? edit.at : edit.at + 1;
  }
  while (taken < points.length) result[length++] = points[taken++]!;
  return result.slice(0, length);
}
