/**
 * The radius as the paper's method states it, for comparison with published figures. It is NOT a proof: the constant behind it
 * doesn't hold for insertions and deletions where the kernel is wider than 1 (certify/lipslev/constants.ts), and it charges nothing for
 * characters that an insertion pushes out of a text at the model's length.
 */
import type { LipslevModel } from "../../model/lipslev.js";
import { publishedCost } from "./constants.js";

export interface PublishedRadius {
  readonly radius: number;
  readonly sound: false;
  /** Winner's logit minus the best other. */
  readonly margin: number;
}

/** The largest k with k times the published constant at most the margin, over all rivals. */
export function publishedRadius(model: LipslevModel, text: string): PublishedRadius {
  const { index, scores } = model.predict(text);
  let radius = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (const [rival, score] of scores.entries()) {
    if (rival === index) continue;
    const margin = scores[index]! - score;
    least = Math.min(least, margin);
    radius = Math.min(radius, Math.floor(margin / publishedCost(model, index, rival)));
  }
  return { radius, sound: false, margin: least };
}
