/**
 * Answers rows with as many threads as it pays: in this thread for a few rows, in a pool for many.
 *
 * Promise: the records are the same and in the same order whatever the number of threads.
 */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { InputRow } from "../../certify/result.js";
import { mapRows, type RunOptions } from "../../evaluate/evaluate.js";
import type { AnswerSettings, Answers } from "./answers.js";
import { answerInPool } from "./pool.js";

/** Up to this many rows a pool isn't worth its start. */
const FEW = 64;
/** More threads than this are used only when asked for. */
const MOST = 8;

/** `auto`: one thread for few rows, else one per core, at most 8. */
export type Jobs = number | "auto";

/** Records of the kind that `settings.task` asks for. `answers` are the same settings opened in this thread. */
export async function* answerRows<R>(
  rows: AsyncIterable<InputRow>,
  answers: Answers<R>,
  settings: AnswerSettings,
  jobs: Jobs,
  options: RunOptions = {},
): AsyncGenerator<R, void> {
  const threads = jobs === "auto" ? Math.min(availableParallelism(), MOST) : jobs;
  const source = rows[Symbol.asyncIterator]();
  try {
    let first: InputRow[] = [];
    if (jobs === "auto" && threads > 1) {
      first = await take(source, FEW + 1);
      if (first.length <= FEW) return yield* inThisThread(first, answers, options);
    }
    if (threads === 1) return yield* inThisThread(chain(first, source), answers, options);
    let done = 0;
    for await (const record of answerInPool<R>(chain(first, source), settings, threads, options.signal)) {
      yield record;
      options.progress?.(++done);
    }
  } finally {
    await source.return?.();
  }
}

function inThisThread<R>(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  answers: Answers<R>,
  options: RunOptions,
): AsyncGenerator<R, void> {
  return mapRows(rows, answers.answer, { pause: breather(), ...options });
}

/** Lets the thread see signals and timers now and then, without paying for it at every text. */
function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < 20) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
    });
  };
}

async function take<T>(source: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const step = await source.next();
    if (step.done) break;
    taken.push(step.value);
  }
  return taken;
}

async function* chain<T>(first: readonly T[], rest: AsyncIterator<T>): AsyncGenerator<T, void> {
  yield* first;
  for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value;
}
