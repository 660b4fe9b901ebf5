/**
 * Where in a text single edits act, told apart by the tokens that they can change.
 *
 * Promise: over all stretches and the cuts between them, the places hold every edit of `singleEdits`
 * (edits/neighbours.ts) exactly once. An edit is with the cut (`placesAt`) if it can undo it: it touches the space
 * itself or, where white space before a cut undoes it, puts white space there. Otherwise it is with its stretch.
 */
import { deletable } from "../../edits/neighbours.js";
import type { Stretches } from "./stretches.js";
import { isWhite, type Which } from "./written.js";

/** Edits of one kind at code point `at`; `which` says what may be written. */
export interface Place {
  readonly kind: "delete" | "substitute" | "insert";
  readonly at: number;
  readonly which: Which;
}

/** Edits that change the tokens of stretch `t` and no others. */
export function placesIn({ points, cuts, afterWord }: Stretches, t: number): Place[] {
  const end = cuts[t + 1]!;
  const guarded = afterWord && t + 2 < cuts.length;
  const places: Place[] = [];
  // The first character of a stretch is the cut before it.
  const first = t === 0 ? 0 : cuts[t]! + 1;
  for (let at = first; at <= end; at++) {
    const last = guarded && at === end - 1;
    if (at < end) {
      if (deletable(points, at) && !(last && whiteBefore(points, at)))
        places.push({ kind: "delete", at, which: "all" });
      places.push({ kind: "substitute", at, which: last ? "ink" : "all" });
    }
    places.push({ kind: "insert", at, which: guarded && at === end ? "ink" : "all" });
  }
  return places;
}

/** Edits that can undo cut `t` (neither the first nor the last) and so change the tokens on both sides. */
export function placesAt({ points, cuts, afterWord }: Stretches, t: number): Place[] {
  const at = cuts[t]!;
  const places: Place[] = [];
  if (deletable(points, at)) places.push({ kind: "delete", at, which: "all" });
  places.push({ kind: "substitute", at, which: "all" });
  if (!afterWord) return places;
  const before = at - 1;
  if (deletable(points, before) && whiteBefore(points, before))
    places.push({ kind: "delete", at: before, which: "all" });
  places.push({ kind: "substitute", at: before, which: "white" });
  places.push({ kind: "insert", at, which: "white" });
  return places;
}

/** The empty beginning of a text is no white space. */
function whiteBefore(points: Uint32Array, at: number): boolean {
  return at > 0 && isWhite(points[at - 1]!);
}
