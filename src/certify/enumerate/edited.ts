/**
 * Texts with edits carried out, by code point.
 */
import { codePoints, fromCodePoints } from "../../text/code-points.js";
import type { TextEdit } from "../../tokenizer/reach.js";

/** The text with this edit. Two lone surrogates that come to stand side by side are one character afterwards. */
export function edited(text: string, edit: TextEdit): string {
  const points = codePoints(text);
  const { at, remove, insert } = edit;
  const written = insert < 0 ? "" : String.fromCodePoint(insert);
  return fromCodePoints(points.subarray(0, at)) + written + fromCodePoints(points.subarray(at + remove));
}

/** All texts that one edit makes, each at least once; characters written are from `points`. */
export function* singleEditTexts(text: string, points: readonly number[]): Generator<string, void> {
  const { length } = codePoints(text);
  for (let at = 0; at <= length; at++) {
    if (at < length) {
      yield edited(text, { at, remove: 1, insert: -1 });
      for (const insert of points) yield edited(text, { at, remove: 1, insert });
    }
    for (const insert of points) yield edited(text, { at, remove: 0, insert });
  }
}
