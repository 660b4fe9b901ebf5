/**
 * From an input row to its output record.
 *
 * Promise: every row gives exactly one record, whatever happens: a row that couldn't be read, or a text on
 * which the classifier fails, gives one with `error`.
 */
import type { Certification, FailedRecord, InputRow, ResultRecord } from "../certify/result.js";
import type { ModelIdentity, Prediction } from "../model/classifier.js";

/** One line of `predict`: what the model says about a text, without any proof. */
export type PredictionRecord = {
  readonly id: number;
  readonly text: string;
  readonly label: string | null;
  readonly correct: boolean | null;
} & ({ readonly prediction: Prediction; readonly model: ModelIdentity } | FailedRecord);

type Awaitable<T> = T | Promise<T>;
export type CertifyText = (text: string) => Awaitable<Certification>;
export type PredictText = (text: string) => Awaitable<{
  readonly prediction: Prediction;
  readonly model: ModelIdentity;
}>;

/** Certifies one row. */
export function certifyRow(row: InputRow, certify: CertifyText): Promise<ResultRecord> {
  return recordOf(row, certify);
}

/** Predicts one row. */
export function predictRow(row: InputRow, predict: PredictText): Promise<PredictionRecord> {
  return recordOf(row, predict);
}

type Record<R> = {
  readonly id: number;
  readonly text: string;
  readonly label: string | null;
  readonly correct: boolean | null;
} & (R | FailedRecord);

async function recordOf<R extends { readonly prediction: Prediction }>(
  row: InputRow,
  answer: (text: string) => Awaitable<R>,
): Promise<Record<R>> {
  const { id, text, label } = row;
  if (row.error !== undefined) return { id, text, label, correct: null, error: row.error };
  try {
    const result = await answer(text);
    return { id, text, label, correct: label === null ? null : result.prediction.label === label, ...result };
  } catch (error) {
    return { id, text, label, correct: null, error: messageOf(error) };
  }
}

/** The first line of what was thrown. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] || "failed without a message";
}
