/**
 * A text parted at its cuts: stretches whose tokens are their own.
 *
 * Promise: `base` is `tokenizer.ids(text)` and the concatenation of the stretches' ids. That a tokenizer breaks its
 * claim of locality on this very text is a defect, and thrown.
 */
import { codePoints } from "../../text/code-points.js";
import { isCut, type Tokenizer } from "../tokenizer.js";

export interface Stretches {
  readonly text: string;
  readonly points: Uint32Array;
  /** [points + 1] where each code point starts in the string, and its length. */
  readonly units: Int32Array;
  /** Code point indices; the first is 0, the last the number of code points. An empty text is one empty stretch. */
  readonly cuts: readonly number[];
  /** Token index of each cut. */
  readonly tokenCuts: readonly number[];
  readonly base: Int32Array;
  /** Whether white space before a cut undoes it. */
  readonly afterWord: boolean;
}

export function stretchesOf(tokenizer: Tokenizer, text: string): Stretches {
  const { locality } = tokenizer;
  const points = codePoints(text);
  const units = new Int32Array(points.length + 1);
  for (let i = 0; i < points.length; i++) units[i + 1] = units[i]! + (points[i]! > 0xffff ? 2 : 1);
  const cuts = [0];
  for (let i = 1; i < points.length; i++) if (isCut(locality, text, units[i]!)) cuts.push(i);
  cuts.push(points.length);
  const base = tokenizer.ids(text);
  const tokenCuts = [0];
  let at = 0;
  for (let t = 0; t + 1 < cuts.length; t++) {
    // With one stretch there is nothing to compare.
    const ids = cuts.length === 2 ? base : tokenizer.ids(text.slice(units[cuts[t]!]!, units[cuts[t + 1]!]!));
    for (const id of ids)
      if (base[at++] !== id) throw new Error(`${tokenizer.name}: locality fails on ${JSON.stringify(text)}`);
    tokenCuts.push(at);
  }
  if (at !== base.length) throw new Error(`${tokenizer.name}: locality fails on ${JSON.stringify(text)}`);
  const afterWord = locality.kind === "before-space" && locality.afterWord;
  return { text, points, units, cuts, tokenCuts, base, afterWord };
}
