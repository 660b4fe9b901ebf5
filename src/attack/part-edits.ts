/**
 * The single edits of one part of a text, in an order that tries a bit of everything.
 *
 * Promise: every deletion, and every substitution and insertion of the given characters, each at least once.
 */
import type { Random } from "../numeric/random.js";
import { codePoints, fromCodePoints } from "../text/code-points.js";

export interface PartEdit {
  /** Of the part, in UTF-16: [begin, end) becomes `written`. */
  readonly begin: number;
  readonly end: number;
  readonly written: string;
}

export function* partEdits(
  part: string,
  characters: readonly number[],
  random: Random,
): Generator<PartEdit, void> {
  const points = codePoints(part);
  const places = Int32Array.from({ length: points.length + 1 }, (_, at) => at);
  random.shuffle(places);
  const starts = [0];
  for (const point of points) starts.push(starts.at(-1)! + fromCodePoints([point]).length);
  for (const at of places)
    if (at < points.length) yield { begin: starts[at]!, end: starts[at + 1]!, written: "" };
  for (const point of characters) {
    const written = String.fromCodePoint(point);
    for (const at of places) {
      if (at < points.length && points[at] !== point)
        yield { begin: starts[at]!, end: starts[at + 1]!, written };
      if (at === 0 || points[at - 1] !== point) yield { begin: starts[at]!, end: starts[at]!, written };
    }
  }
}
