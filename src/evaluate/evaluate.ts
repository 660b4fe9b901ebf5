/**
 * Runs a classifier over rows and adds up what comes out.
 *
 * Promise: records come in the order of the rows, one per row, as soon as each is ready; at most one row is
 * held at a time; the metrics count exactly the records that were given out.
 */
import type { InputRow, ResultRecord } from "../certify/result.js";
import { createTally, type Metrics, type Tally } from "./metrics.js";
import { type CertifyText, certifyRow } from "./record.js";

/** The part of an AbortSignal that is needed; looked at between two texts. */
export interface Abort {
  readonly aborted: boolean;
}

export interface RunOptions {
  readonly signal?: Abort;
  /** Called after each text with the number of texts done. */
  readonly progress?: (done: number) => void;
  /** Awaited after each text, so that a caller can let other work of its thread run. */
  readonly pause?: () => Promise<void> | undefined;
}

export interface EvaluateOptions extends RunOptions {
  /** The largest number of edits that `certify` is asked for. */
  readonly edits: number;
  /** Labels in the order in which the metrics are to list them. */
  readonly labels?: readonly string[];
}

type Rows<R> = AsyncIterable<R> | Iterable<R>;

/**
 * Certifies every row. The records are yielded; the metrics are what the generator returns:
 * `for await` sees the records, `drain` gives the metrics.
 */
export function evaluate(
  rows: Rows<InputRow>,
  certify: CertifyText,
  options: EvaluateOptions,
): AsyncGenerator<ResultRecord, Metrics> {
  const tally = createTally({
    limit: options.edits,
    ...(options.labels === undefined ? {} : { labels: options.labels }),
  });
  return counted(
    mapRows(rows, (row) => certifyRow(row, certify), options),
    tally,
  );
}

/** Applies `answer` to row after row until they end or the signal is raised. */
export async function* mapRows<A, B>(
  rows: Rows<A>,
  answer: (row: A) => B | Promise<B>,
  options: RunOptions = {},
): AsyncGenerator<B, void> {
  let done = 0;
  if (options.signal?.aborted) return;
  for await (const row of rows) {
    yield await answer(row);
    options.progress?.(++done);
    await options.pause?.();
    if (options.signal?.aborted) return;
  }
}

/** Passes records on and counts those that were taken; returns the metrics. */
export async function* counted(
  records: AsyncIterable<ResultRecord>,
  tally: Tally,
): AsyncGenerator<ResultRecord, Metrics> {
  for await (const record of records) {
    tally.add(record);
    yield record;
  }
  return tally.metrics();
}

/** Runs a generator of records to its end and gives what it returns. */
export async function drain<R, S>(records: AsyncGenerator<R, S>, each?: (record: R) => void): Promise<S> {
  for (;;) {
    const step = await records.next();
    if (step.done) return step.value;
    each?.(step.value);
  }
}
