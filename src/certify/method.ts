/**
 * What every method of certification gives: a verdict, and what it rests on.
 */
import type { Prediction } from "../model/classifier.js";
import type { Evidence } from "./evidence.js";
import type { MarginBound, Verdict, Work } from "./result.js";

export interface MethodAnswer {
  readonly verdict: Verdict;
  readonly prediction: Prediction;
  readonly margins: readonly MarginBound[];
  readonly work?: Work;
  readonly evidence?: Evidence;
}

/** How far a method may go on one text; none by default. */
export interface MethodLimits {
  /** Wall-clock time. */
  readonly seconds?: number | undefined;
  /** Sequences that the model is run on. */
  readonly sequences?: number | undefined;
  /** Strings that are looked at. */
  readonly strings?: number | undefined;
  readonly signal?: { readonly aborted: boolean } | undefined;
}
