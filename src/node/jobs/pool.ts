/**
 * Answers rows in worker threads, each with its own copy of the model.
 *
 * Promise: records come in the order of the rows, one per row; a bounded number of rows is under way; the
 * threads are gone when the run ends, fails or is left early.
 */
import { Piscina } from "piscina";
import type { InputRow } from "../../certify/result.js";
import type { Abort } from "../../evaluate/evaluate.js";
import type { AnswerSettings } from "./answers.js";
import { inOrder } from "./ordered.js";

/** Rows per message: enough to make the message cheap, few enough to spread uneven work. */
const BATCH = 16;
/** UTF-16 units per message. */
const BATCH_WEIGHT = 65_536;
/** Batches under way or waiting per thread. */
const AHEAD = 4;

/** Records of the kind that `settings.task` asks for. */
export async function* answerInPool<R>(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  settings: AnswerSettings,
  threads: number,
  signal?: Abort,
): AsyncGenerator<R, void> {
  const pool = new Piscina<readonly InputRow[], readonly R[]>({
    filename: new URL("./worker.js", import.meta.url).href,
    workerData: settings,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
  });
  try {
    yield* inOrder(
      rows,
      (batch) => pool.run(batch),
      (row) => row.text.length,
      {
        batch: BATCH,
        batchWeight: BATCH_WEIGHT,
        inFlight: AHEAD * threads,
        ...(signal === undefined ? {} : { signal }),
      },
    );
  } finally {
    // Answers that arrive while the threads end are no longer wanted; the pool would call them an error.
    pool.on("error", () => {});
    await pool.destroy();
  }
}
