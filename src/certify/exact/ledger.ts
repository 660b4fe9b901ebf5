/**
 * What each word of a text says for its label, and the most that one edit can take away there.
 *
 * Promise: over the nearest rival, `said` of all words and the bias add up to the margin of the text, exactly. `loss` is
 * the margin (over all rivals) less the least that one edit at one of the word's code points leaves (places.ts); it is
 * never negative. Words are the text's runs of code points between separators, as they are written.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import type { NativeModel } from "../../model/native.js";
import { fromCodePoints } from "../../text/code-points.js";
import { fold, foldCodePoint } from "../../text/fold.js";
import { SEPARATOR } from "../../text/symbols.js";
import { type WorstPlaces, worstByPlace } from "./places.js";

export interface WordEntry {
  readonly word: string;
  /** Code points [from, to) of the text. */
  readonly from: number;
  readonly to: number;
  /** Contribution to the margin over the nearest rival, in logits. */
  readonly said: number;
  readonly loss: number;
}

export interface Ledger {
  /** Label of the nearest rival. */
  readonly rival: string;
  /** What is there without any word. */
  readonly bias: number;
  readonly words: readonly WordEntry[];
}

/** `worst`: what `worstByPlace` gives for the same text. */
export function wordLedger(model: NativeModel, text: string, worst: WorstPlaces): Ledger {
  const { symbols, points } = fold(text);
  const { index: winner, scores } = model.prediction(model.logits(symbols));
  const rival = [...scores.keys()]
    .filter((y) => y !== winner)
    .reduce((a, b) => (scores[b]! > scores[a]! ? b : a));
  const over = (logits: ArrayLike<number>): number => logits[winner]! - logits[rival]!;
  const bias = over(model.bias);
  const words: WordEntry[] = [];
  for (let from = 0; from < points.length; ) {
    let to = from;
    while (to < points.length && foldCodePoint(points[to]!) !== SEPARATOR) to++;
    if (to > from) {
      const { symbols: own } = fold(points.slice(from, to));
      const least = worst.places.slice(from, to).reduce((a, { margin }) => Math.min(a, margin), worst.margin);
      words.push({
        word: fromCodePoints(points.subarray(from, to)),
        from,
        to,
        said: over(model.logits(own)) - bias,
        loss: worst.margin - least,
      });
    }
    from = to + 1;
  }
  return { rival: model.labels[rival]!, bias, words };
}

/** The ledger of a text alone; null if a limit was reached. */
export function ledgerOf(model: NativeModel, text: string, alphabet: Alphabet): Ledger | null {
  const worst = worstByPlace(model, text, alphabet);
  return worst === null ? null : wordLedger(model, text, worst);
}
