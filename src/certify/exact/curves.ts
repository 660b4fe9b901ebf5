/**
 * The lowest margin over each rival class by number of edits: what the method `exact` minimises over, taken apart.
 *
 * Promise: `curves[r].lower[j]` is the minimum of logit(label) - logit(rival) over all texts within j edits (blocks.ts has
 * the proof), for all j up to the number asked for, or fewer where a limit was reached: rivals have equally many.
 */
import { clock } from "../../clock.js";
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import type { NativeModel } from "../../model/native.js";
import { fold } from "../../text/fold.js";
import { Blocks, wordSpans } from "./blocks.js";
import { Budget, LimitReached, type Limits } from "./budget.js";
import { ExactContext } from "./context.js";

export interface RivalCurve {
  readonly rival: number;
  readonly label: string;
  /** By number of edits from 0, in logits. */
  readonly lower: readonly number[];
}

/** Nearest rival of the unedited text first. */
export function marginCurves(
  model: NativeModel,
  text: string,
  alphabet: Alphabet,
  edits: number,
  limits: Limits = {},
): readonly RivalCurve[] {
  const budget = new Budget(limits, clock());
  const { symbols } = fold(text);
  const { index: winner, scores } = model.prediction(model.logits(symbols));
  const rivals = [...scores.keys()].filter((y) => y !== winner).sort((a, b) => scores[b]! - scores[a]!);
  const curves = rivals.map((y) => [scores[winner]! - scores[y]!]);
  const context = ExactContext.of(model);
  const spans = wordSpans(symbols);
  const writable = foldedAlphabet(alphabet);
  try {
    const blocks = rivals.map((y) => new Blocks(spans, context.margin(winner, y, writable), budget));
    for (let j = 1; j <= edits; j++) {
      const level = rivals.map((y, r) => {
        const found = blocks[r]!.least(j, Number.POSITIVE_INFINITY)!;
        return found.value + model.bias[winner]! - model.bias[y]!;
      });
      for (const [r, value] of level.entries()) curves[r]!.push(value);
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  return rivals.map((rival, r) => ({ rival, label: model.labels[rival]!, lower: curves[r]! }));
}
