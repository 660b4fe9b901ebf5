/**
 * A counterexample of several edits for a LipsLev model: the worst single edit, again and again.
 *
 * Promise: what is returned is a text within `limit` edits, distance measured, that the whole model gives another label. It
 * proves nothing where it finds nothing.
 */
import { clock } from "../../clock.js";
import { levenshteinWithin } from "../../edits/distance.js";
import type { MethodLimits } from "../method.js";
import type { Counterexample } from "../result.js";
import { editedText } from "./edited-text.js";
import type { Question } from "./single.js";
import { type IdEdit, SingleEdits } from "./single-edits.js";

/** Steps, each as long as one search of all single edits. */
const MOST_STEPS = 12;

/** @param first the worst single edit, known not to change the label; null if there is none */
export function greedy(
  { model, text, winner, rivals, codePointOf }: Question,
  first: IdEdit | null,
  limit: number,
  limits: MethodLimits,
): Counterexample | null {
  const until = clock() + 1000 * (limits.seconds ?? Number.POSITIVE_INFINITY);
  const writable = [...codePointOf.keys()];
  let current = text;
  let next = first;
  for (let step = 1; step <= Math.min(limit, MOST_STEPS) && next !== null; step++) {
    current = editedText(model.read(current), next, codePointOf);
    const read = model.read(current);
    const prediction = model.prediction(model.logits(read.ids));
    if (prediction.index !== winner) {
      const edits = levenshteinWithin(text, current, limit);
      return edits === null ? null : { text: current, edits, prediction };
    }
    if (step === limit || limits.signal?.aborted || clock() > until) break;
    let least = Number.POSITIVE_INFINITY;
    let worst: IdEdit | null = null;
    new SingleEdits(model, read.ids, winner, rivals, writable).run((kind, at, id, margins) => {
      for (const margin of margins)
        if (margin < least) {
          least = margin;
          worst = kind === "delete" ? { kind, at } : { kind, at, id };
        }
      return true;
    });
    next = worst;
  }
  return null;
}
