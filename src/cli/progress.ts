/**
 * The progress bar on standard error: texts done, how many per second, time left.
 *
 * Promise: nothing is written unless standard error is a terminal and the records themselves go elsewhere.
 */
import type { Io } from "./io.js";

export interface Progress {
  /** @param note shown beside the numbers; the last one stays */
  update(done: number, note?: string): void;
  stop(): void;
}

const NONE: Progress = { update: () => {}, stop: () => {} };

export interface ProgressOptions {
  readonly wanted: boolean;
  /** Whether standard output, too, is being written to. */
  readonly printing: boolean;
  /** Counts the texts; called only if there will be a bar. */
  readonly total: () => Promise<number | null>;
  /** Texts that were done before. */
  readonly start: number;
  /** What is counted; texts by default. */
  readonly unit?: string;
}

export async function startProgress(io: Io, options: ProgressOptions): Promise<Progress> {
  if (!options.wanted || io.stderr.isTTY !== true) return NONE;
  if (options.printing && io.stdout.isTTY === true) return NONE;
  const total = await options.total();
  const unit = options.unit ?? "texts";
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar({
    stream: io.stderr as NodeJS.WritableStream,
    format:
      total === null
        ? `{value} ${unit}, {note}{duration_formatted}`
        : `{bar} {value}/{total} ${unit}, {note}{duration_formatted}, {eta_formatted} left`,
    etaBuffer: 200,
    fps: 5,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  bar.start(total ?? 0, options.start, { note: "" });
  return {
    update: (done, note) => bar.update(options.start + done, note === undefined ? {} : { note: `${note}, ` }),
    stop: () => bar.stop(),
  };
}
