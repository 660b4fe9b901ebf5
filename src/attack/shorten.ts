/**
 * Edits of a found text one by one, so that some of them can be undone.
 *
 * Promise: `unitEdits` are as many as the distance; carrying out all of them gives the found text, and any of them a
 * text at most so many edits from the original (less than that if surrogates don't meet).
 */
import { editScript } from "../edits/script.js";
import { codePoints, fromCodePoints } from "../text/code-points.js";

/** Code points [at, at + remove) of the original become `written` (one code point or none). */
export interface UnitEdit {
  readonly at: number;
  readonly remove: 0 | 1;
  readonly written: readonly number[];
}

/** In ascending order of place. */
export function unitEdits(original: string, found: string): UnitEdit[] {
  const edits: UnitEdit[] = [];
  let at = 0;
  for (const { kind, from, to } of editScript(original, found)) {
    const taken = codePoints(from);
    const put = codePoints(to);
    if (kind === "insert") for (const point of put) edits.push({ at, remove: 0, written: [point] });
    else if (kind !== "same")
      taken.forEach((_, i) => {
        edits.push({ at: at + i, remove: 1, written: kind === "delete" ? [] : [put[i]!] });
      });
    at += taken.length;
  }
  return edits;
}

/** The original with these edits, which are in ascending order. */
export function withEdits(original: string, edits: readonly UnitEdit[]): string {
  const points = codePoints(original);
  const out: number[] = [];
  let at = 0;
  for (const edit of edits) {
    while (at < edit.at) out.push(points[at++]!);
    for (const point of edit.written) out.push(point);
    at += edit.remove;
  }
  while (at < points.length) out.push(points[at++]!);
  return fromCodePoints(out);
}
