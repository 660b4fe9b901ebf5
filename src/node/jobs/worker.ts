/**
 * What runs in a worker thread: loads the model once, then answers batch after batch.
 */
import { workerData } from "piscina";
import type { InputRow } from "../../certify/result.js";
import { type AnswerSettings, openAnswers } from "./answers.js";

const answers = openAnswers(workerData as AnswerSettings);
// A model that can't be loaded is reported by the first batch.
answers.catch(() => {});

export default async function answerBatch(rows: readonly InputRow[]): Promise<readonly unknown[]> {
  const { answer } = await answers;
  const records: unknown[] = [];
  // One after the other: a backend works on one text at a time.
  for (const row of rows) records.push(await answer(row));
  return records;
}
