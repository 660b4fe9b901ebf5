/**
 * What a run of `predict` adds up to: texts, failures, and accuracy where labels are known.
 */
import type { PredictionRecord } from "./record.js";
import { type Rate, rate } from "./wilson.js";

export interface PredictionMetrics {
  readonly texts: number;
  readonly errors: number;
  readonly labelled: number;
  /** Accuracy over all texts, failures included; null when no text has a label. */
  readonly clean: Rate | null;
}

export interface PredictionTally {
  add(record: PredictionRecord): void;
  metrics(): PredictionMetrics;
}

export function createPredictionTally(): PredictionTally {
  let texts = 0;
  let errors = 0;
  let labelled = 0;
  let correct = 0;
  return {
    add(record) {
      texts++;
      if ("error" in record) errors++;
      if (record.label !== null) labelled++;
      if (record.correct === true) correct++;
    },
    metrics: () => ({ texts, errors, labelled, clean: labelled === 0 ? null : rate(correct, texts) }),
  };
}
