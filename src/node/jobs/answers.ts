/**
 * From settings that can be sent to another thread to a function that answers rows.
 *
 * Promise: the same settings answer the same row with the same record in every thread, the time it took and
 * a time limit excepted.
 */

import { type CertifiableModel, certify, defaultAlphabet, type MethodName } from "../../certify/certify.js";
import type { InputRow, ResultRecord } from "../../certify/result.js";
import { certifyRow, type PredictionRecord, predictRow } from "../../evaluate/record.js";
import { loadModel } from "../load-model.js";
import { loadAlphabet } from "./alphabet.js";

export interface CertifySettings {
  readonly task: "certify";
  /** Name of a shipped model, or a folder. */
  readonly model: string;
  readonly edits: number;
  readonly method: MethodName;
  /** `unicode`, `ascii`, `model`, or a file; by default what suits the model. */
  readonly alphabet?: string;
  /** Seconds per text. */
  readonly timeLimit?: number;
  /** Token sequences per text. */
  readonly queries?: number;
  readonly seed?: number;
}

export interface PredictSettings {
  readonly task: "predict";
  readonly model: string;
}

export type AnswerSettings = CertifySettings | PredictSettings;

export interface Answers<R> {
  readonly model: CertifiableModel;
  /** As it stands in a threat; null where the task has none. */
  readonly alphabet: string | null;
  readonly answer: (row: InputRow) => Promise<R>;
}

export function openAnswers(settings: CertifySettings): Promise<Answers<ResultRecord>>;
export function openAnswers(settings: PredictSettings): Promise<Answers<PredictionRecord>>;
export function openAnswers(settings: AnswerSettings): Promise<Answers<ResultRecord | PredictionRecord>>;
export async function openAnswers(
  settings: AnswerSettings,
): Promise<Answers<ResultRecord | PredictionRecord>> {
  const model = await loadModel(settings.model);
  if (settings.task === "predict") {
    const predict = async (text: string) => ({
      prediction: await model.predict(text),
      model: model.identity,
    });
    return { model, alphabet: null, answer: (row) => predictRow(row, predict) };
  }
  const { task: _, model: __, alphabet: name, ...rest } = settings;
  const alphabet = name === undefined ? defaultAlphabet(model) : await loadAlphabet(name, model);
  const options = { ...rest, alphabet };
  return {
    model,
    alphabet: alphabet.name,
    answer: (row) => certifyRow(row, (text) => certify(model, text, options)),
  };
}
