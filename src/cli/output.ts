/**
 * Where the records of a run are written, and in which format.
 *
 * Promise: an existing output is touched only once the first record is ready (or the run has ended), so a run
 * that fails at the start destroys nothing.
 */
import { extname } from "node:path";
import { UserError } from "../failure.js";
import type { Written } from "../node/output/resume.js";
import { cutTorn } from "../node/output/resume.js";
import { fileSink, type Sink, streamSink } from "../node/output/sinks.js";
import type { Format, ResultFormat } from "../report/format-names.js";
import type { Reporter } from "../report/reporter.js";
import type { Io } from "./io.js";
import type { Source } from "./source.js";

const BY_EXTENSION: Readonly<Record<string, Format>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".md": "markdown",
};

/**
 * The format that was asked for; else what the output's name says; else words for texts given as arguments,
 * a table on a terminal, and JSON lines for other programs.
 */
export function chooseFormat<F extends string>(
  flags: { readonly format?: F; readonly output?: string },
  kind: Source["kind"],
  io: Io,
): F | Format {
  if (flags.format !== undefined) return flags.format;
  if (flags.output !== undefined) return BY_EXTENSION[extname(flags.output).toLowerCase()] ?? "jsonl";
  if (kind === "texts") return "words";
  return io.stdout.isTTY === true ? "table" : "jsonl";
}

/** @throws UserError if `--resume` can't work with the other options. */
export function checkResume(
  flags: { readonly resume?: boolean; readonly output?: string },
  format: ResultFormat,
): void {
  if (flags.resume !== true) return;
  if (flags.output === undefined) {
    throw new UserError("--resume is given without --output; allowed is --resume with --output <file>", 2);
  }
  if (format !== "jsonl") {
    throw new UserError(`--resume can't continue the format ${format}; allowed is jsonl`, 2);
  }
}

/** The sink of a run; `written` is what a resumed file holds already. */
export function openSink(io: Io, path: string | undefined, written: Written | null): Sink {
  if (path === undefined) return streamSink(io.stdout);
  return lazySink(async () => {
    if (written !== null) await cutTorn(path, written);
    return fileSink(path, { append: written !== null });
  });
}

/** Opens on the first write that has something to write, or on closing. */
function lazySink(open: () => Promise<Sink>): Sink {
  let opened: Promise<Sink> | null = null;
  const sink = (): Promise<Sink> => {
    opened ??= open();
    return opened;
  };
  return {
    write: async (text) => {
      if (text !== "") await (await sink()).write(text);
    },
    close: async () => (await sink()).close(),
  };
}

/** A reporter on a sink. */
export interface RecordWriter<R, S> {
  record(record: R): Promise<void>;
  /** Writes the end and closes the sink. */
  end(summary: S): Promise<void>;
}

export function recordWriter<R, S>(reporter: Reporter<R, S>, sink: Sink): RecordWriter<R, S> {
  // Written with the first record, so that a run that fails before has written nothing.
  let head = reporter.begin();
  const withHead = (text: string): string => {
    const all = head + text;
    head = "";
    return all;
  };
  return {
    record: (record) => sink.write(withHead(reporter.record(record))),
    async end(summary) {
      await sink.write(withHead(reporter.end(summary)));
      await sink.close();
    },
  };
}
