/**
 * Whether what a line says of a prediction is what was computed, within what rounding can change.
 */
import type { Prediction } from "../model/classifier.js";
import { shown } from "./check-claims.js";

/** Whether two numbers differ by no more than rounding, for scores of this size. */
export type Near = (a: number, b: number, logits: ArrayLike<number>) => boolean;

/** `rounding`: of the size of the scores. */
export function nearness(rounding: number): Near {
  return (a, b, logits) => Math.abs(a - b) <= rounding * Math.max(1, ...Array.from(logits, Math.abs));
}

export function nearPredictionProblems(
  model: { readonly labels: readonly string[] },
  near: Near,
  name: string,
  seen: Prediction,
  logits: ArrayLike<number>,
): string[] {
  let index = 0;
  for (let y = 1; y < logits.length; y++) if (logits[y]! > logits[index]!) index = y;
  const label = model.labels[index]!;
  const problems: string[] = [];
  if (seen.index !== index) problems.push(`${name}.index is ${seen.index}, but computed is ${index}`);
  if (seen.label !== label)
    problems.push(`${name}.label is ${shown(seen.label)}, but computed is ${shown(label)}`);
  if (seen.scores.length !== logits.length)
    problems.push(
      `${name}.scores has ${seen.scores.length} numbers, but the model has ${logits.length} labels`,
    );
  else
    for (const [y, score] of seen.scores.entries())
      if (!near(score, logits[y]!, logits))
        problems.push(`${name}.scores[${y}] is ${score}, but computed is ${logits[y]}`);
  return problems;
}
