/**
 * A text in parts, and what has been changed in which of them.
 *
 * Promise: the parts joined give the text; a part is a word with the white space before it, or a piece of a long one; a
 * state's text is within `cost` edits of the original, since each part is within its own.
 */
import { codePoints, fromCodePoints } from "../text/code-points.js";

/** Code points of a part at most, so that long words and texts without spaces are looked at piece by piece. */
const LONGEST = 24;

/** The parts of a text; the empty text is one empty part. */
export function partsOf(text: string): string[] {
  const points = codePoints(text);
  const parts: string[] = [];
  let begin = 0;
  for (let i = 1; i < points.length; i++) {
    const starts = isSpace(points[i]!) && !isSpace(points[i - 1]!);
    if (!starts && i - begin < LONGEST) continue;
    parts.push(fromCodePoints(points.subarray(begin, i)));
    begin = i;
  }
  parts.push(fromCodePoints(points.subarray(begin)));
  return parts;
}

function isSpace(point: number): boolean {
  return /\s/.test(String.fromCodePoint(point));
}

/** A changed text. */
export interface State {
  /** What some parts have become, by their number. */
  readonly changed: ReadonlyMap<number, string>;
  /** Edits that were made; the distance may be less. */
  readonly cost: number;
}

export const UNCHANGED: State = { changed: new Map(), cost: 0 };

/** The state after a part has become `written`, at `edits` more. */
export function withPart(state: State, part: number, written: string, edits: number): State {
  return { changed: new Map(state.changed).set(part, written), cost: state.cost + edits };
}

export function textOf(parts: readonly string[], { changed }: State): string {
  return parts.map((part, i) => changed.get(i) ?? part).join("");
}
