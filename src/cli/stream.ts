/**
 * The loop that `certify`, `predict` and `evaluate` share: rows in, records out, one at a time and in order,
 * with progress, interruption and resuming.
 */
import type { FailedRecord, InputRow } from "../certify/result.js";
import type { AnswerSettings, Answers } from "../node/jobs/answers.js";
import { answerRows } from "../node/jobs/run.js";
import { remainingRows, type Written } from "../node/output/resume.js";
import { visible } from "../report/visible.js";
import { INTERRUPTED, watchInterrupt } from "./interrupt.js";
import type { Io } from "./io.js";
import type { RunFlags } from "./options.js";
import { startProgress } from "./progress.js";
import type { Source } from "./source.js";

export interface Stream<R> {
  readonly io: Io;
  readonly source: Source;
  readonly rows: AsyncIterable<InputRow>;
  readonly settings: AnswerSettings;
  readonly answers: Answers<R>;
  readonly flags: RunFlags;
  /** The file that can be continued later, and what it holds already. */
  readonly resumable: { readonly path: string; readonly written: Written | null } | null;
  /** Whether records go to standard output. */
  readonly printing: boolean;
  readonly take: (record: R) => Promise<void> | void;
}

export interface StreamEnd {
  readonly interrupted: boolean;
  readonly firstFailure: string | null;
  /** Texts done in this run. */
  readonly done: number;
}

export async function streamRecords<R extends object>(stream: Stream<R>): Promise<StreamEnd> {
  const { io, source, resumable } = stream;
  const written = resumable?.written ?? null;
  const rows = written === null ? stream.rows : remainingRows(stream.rows, written, resumable!.path);
  // Texts from the command line are over in no time, and without a handler Ctrl-C ends even a long search.
  const interrupt = source.kind === "texts" ? null : watchInterrupt(io);
  const progress = await startProgress(io, {
    wanted: stream.flags.progress && source.kind !== "texts",
    printing: stream.printing,
    total: source.count,
    start: written?.done ?? 0,
  });
  let done = 0;
  let firstFailure: string | null = null;
  const jobs = stream.flags.jobs === "auto" && source.kind !== "file" ? 1 : stream.flags.jobs;
  try {
    const records = answerRows(rows, stream.answers, stream.settings, jobs, {
      ...(interrupt === null ? {} : { signal: interrupt }),
      progress: progress.update,
    });
    for await (const record of records) {
      done++;
      if ("error" in record) firstFailure ??= (record as FailedRecord).error;
      await stream.take(record);
    }
  } finally {
    progress.stop();
    interrupt?.release();
  }
  return { interrupted: interrupt?.aborted ?? false, firstFailure, done };
}

/** Says on standard error what went wrong, and gives the exit status: 130, 1, 3 or 0, in this order. */
export function conclude(
  io: Io,
  end: StreamEnd,
  resumable: string | null,
  unmet: readonly string[],
  /** Failures of all texts, those of earlier runs included. */
  failures: number,
): number {
  if (end.interrupted) {
    const how =
      resumable === null
        ? "the results can't be continued; with --output <file.jsonl> they could"
        : `run the same command with --resume to continue ${resumable}`;
    io.stderr.write(`interrupted after ${end.done} texts; ${how}\n`);
    return INTERRUPTED;
  }
  if (failures > 0) {
    const texts = failures === 1 ? "1 text" : `${failures} texts`;
    const first = end.firstFailure === null ? "in an earlier run" : `the first: ${visible(end.firstFailure)}`;
    io.stderr.write(`error: ${texts} failed; ${failures === 1 ? first.replace("the first: ", "") : first}\n`);
  }
  for (const line of unmet) io.stderr.write(`gate: ${line}\n`);
  if (failures > 0) return 1;
  return unmet.length > 0 ? 3 : 0;
}
