/**
 * Strings within some edits of others, by carrying out every edit on every string.
 *
 * Promise: `ball(starts, fixed, written, edits)[d]` are the strings that d edits of some start make and fewer don't,
 * each once, where the first `fixed` code points stay and code points of `written` are written. For d > 1 the starts
 * must hold no lone surrogates; a deletion that would join two isn't an edit of one code point and is left out.
 * Proof. By induction on d: a sequence of d edits ends in one edit of a string that d - 1 edits make.
 */
import { isHighSurrogate, isLowSurrogate } from "../../text/code-points.js";
import type { Written } from "./written.js";

export function ball(starts: Iterable<string>, fixed: number, written: Written, edits: number): string[][] {
  const seen = new Set<string>(starts);
  const layers = [[...seen]];
  for (let d = 1; d <= edits; d++) {
    const layer: string[] = [];
    for (const origin of layers[d - 1]!) {
      for (const string of edited(origin, fixed, written)) {
        if (seen.has(string)) continue;
        seen.add(string);
        layer.push(string);
      }
    }
    layers.push(layer);
  }
  return layers;
}

/** What one edit behind the first `fixed` code points makes of a string; some more than once. */
function* edited(text: string, fixed: number, { all: { strings } }: Written): Generator<string, void> {
  const characters = [...text];
  let head = characters.slice(0, fixed).join("");
  for (let at = fixed; ; at++) {
    const rest = text.slice(head.length);
    for (const string of strings) yield head + string + rest;
    const character = characters[at];
    if (character === undefined) return;
    const tail = rest.slice(character.length);
    if (!joins(head, tail)) yield head + tail;
    for (const string of strings) if (string !== character) yield head + string + tail;
    head += character;
  }
}

/** At least the number of strings that `ball` looks at around one with this many code points that may change. */
export function ballSize(free: number, { all: { points } }: Written, edits: number): number {
  let size = 1;
  for (let d = 0; d < edits; d++) {
    const length = free + d;
    size *= 1 + length + (2 * length + 1) * points.length;
  }
  return size;
}

/** The strings in which one edit has undone each of the cuts at these code points, the same more than once perhaps. */
export function undone(
  text: string,
  cuts: readonly number[],
  written: Written,
  afterWord: boolean,
): string[] {
  let strings = [[...text]];
  // From the last to the first, so that the places of the others stay.
  for (const at of [...cuts].reverse())
    strings = strings.flatMap((characters) => undoings(characters, at, written, afterWord));
  return strings.map((characters) => characters.join(""));
}

function undoings(characters: string[], at: number, written: Written, afterWord: boolean): string[][] {
  const found: string[][] = [];
  const add = (place: number, remove: number, ...insert: string[]): void => {
    const changed = [...characters.slice(0, place), ...insert, ...characters.slice(place + remove)];
    if (insert.length > 0 || !joins(changed[place - 1] ?? "", changed[place] ?? "")) found.push(changed);
  };
  add(at, 1);
  for (const string of written.all.strings) if (string !== " ") add(at, 1, string);
  if (!afterWord) return found;
  add(at - 1, 1);
  for (const string of written.white.strings) {
    add(at - 1, 1, string);
    add(at, 0, string);
  }
  return found;
}

/** At least the number of ways in which `undone` undoes one cut. */
export function undoingCount({ all, white }: Written, afterWord: boolean): number {
  return 1 + all.points.length + (afterWord ? 1 + 2 * white.points.length : 0);
}

/** Whether a lone high surrogate at the end of one string and a lone low one at the start of the other would meet. */
function joins(head: string, tail: string): boolean {
  return isHighSurrogate(head.charCodeAt(head.length - 1)) && isLowSurrogate(tail.charCodeAt(0));
}
