/** `typoproof evaluate`: accuracy as it is, proven and attacked, on labelled texts. */
import { extname } from "node:path";
import type { ResultRecord } from "../../certify/result.js";
import { unmetGates } from "../../evaluate/gates.js";
import { createTally } from "../../evaluate/metrics.js";
import { UserError } from "../../failure.js";
import { openAnswers } from "../../node/jobs/answers.js";
import { readWritten } from "../../node/output/resume.js";
import { fileSink, streamSink } from "../../node/output/sinks.js";
import { evaluationReport } from "../../report/evaluation.js";
import type { EvaluationFormat } from "../../report/format-names.js";
import { jsonlReporter, resultFields } from "../../report/jsonl.js";
import type { Io } from "../io.js";
import { requireLabels } from "../labelled.js";
import { sayNotes } from "../notes.js";
import { type CertifyFlags, checkGates, type GateFlags, type InputFlags, type RunFlags } from "../options.js";
import { openSink, recordWriter } from "../output.js";
import { certifySettings, resumeSettings } from "../settings.js";
import { checkDatasetLabels, openSource, refuseOverwriting } from "../source.js";
import { conclude, streamRecords } from "../stream.js";
import { version } from "../version.js";

export type EvaluateCommandFlags = InputFlags &
  CertifyFlags &
  RunFlags &
  GateFlags & {
    readonly format?: EvaluationFormat;
    readonly output?: string;
    readonly lines?: string;
    readonly resume?: boolean;
  };

const BY_EXTENSION: Readonly<Record<string, EvaluationFormat>> = {
  ".json": "json",
  ".csv": "csv",
  ".md": "markdown",
};

/** Gives the exit status. */
export async function runEvaluate(flags: EvaluateCommandFlags, io: Io): Promise<number> {
  checkGates(flags);
  if (flags.resume === true && flags.lines === undefined) {
    throw new UserError(
      "--resume is given without --lines; allowed is --resume with --lines <file.jsonl>",
      2,
    );
  }
  if (flags.lines !== undefined && flags.lines === flags.output) {
    throw new UserError(`--lines and --output are both ${flags.lines}; allowed are two files`, 2);
  }
  const source = await openSource([], flags, io);
  await refuseOverwriting(source, flags.output);
  await refuseOverwriting(source, flags.lines);

  const settings = certifySettings(flags);
  const answers = await openAnswers(settings);
  const { model } = answers;
  sayNotes(io, model);
  checkDatasetLabels(source, model.identity.name, model.labels);
  const tally = createTally({ limit: flags.edits, labels: model.labels });
  const methods = new Set<string>();
  const add = (record: ResultRecord): void => {
    tally.add(record);
    if (!("error" in record)) methods.add(record.method);
  };
  const written = flags.resume
    ? await readWritten(flags.lines!, resumeSettings(answers, settings), (line) =>
        add(line as unknown as ResultRecord),
      )
    : null;
  const writer =
    flags.lines === undefined
      ? null
      : recordWriter(jsonlReporter(resultFields), openSink(io, flags.lines, written));
  const began = performance.now();
  const end = await streamRecords({
    io,
    source,
    rows: requireLabels(source.rows(model.labels), source.name, "evaluate"),
    settings,
    answers,
    flags,
    resumable: flags.lines === undefined ? null : { path: flags.lines, written },
    printing: false,
    take(record) {
      add(record);
      return writer?.record(record);
    },
  });
  await writer?.end(null);
  const metrics = tally.metrics();
  if (!end.interrupted) {
    const evaluation = {
      version: version(),
      input: source.name,
      model: model.identity,
      // What was used, where `auto` was asked for.
      method: [...methods].sort().join(", ") || flags.method,
      alphabet: answers.alphabet!,
      metrics,
      seconds: (performance.now() - began) / 1000,
    };
    const format = flags.format ?? BY_EXTENSION[extname(flags.output ?? "").toLowerCase()] ?? "table";
    const sink = flags.output === undefined ? streamSink(io.stdout) : await fileSink(flags.output);
    await sink.write(evaluationReport(evaluation, format));
    await sink.close();
  }
  return conclude(io, end, flags.lines ?? null, unmetGates(metrics, flags), metrics.errors);
}
