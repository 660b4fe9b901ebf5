/** `typoproof certify`: how many character edits each prediction provably withstands. */
import type { ResultRecord } from "../../certify/result.js";
import { unmetGates } from "../../evaluate/gates.js";
import { createTally } from "../../evaluate/metrics.js";
import { UserError } from "../../failure.js";
import { openAnswers } from "../../node/jobs/answers.js";
import { readWritten } from "../../node/output/resume.js";
import type { ResultFormat } from "../../report/format-names.js";
import { resultReporter } from "../../report/formats.js";
import { markFor } from "../colour.js";
import type { Io } from "../io.js";
import { requireLabels } from "../labelled.js";
import { sayNotes } from "../notes.js";
import { type CertifyFlags, checkGates, type GateFlags, type InputFlags, type RunFlags } from "../options.js";
import { checkResume, chooseFormat, openSink, recordWriter } from "../output.js";
import { certifySettings, resumeSettings } from "../settings.js";
import { checkDatasetLabels, openSource, refuseOverwriting } from "../source.js";
import { conclude, streamRecords } from "../stream.js";

export type CertifyCommandFlags = InputFlags &
  CertifyFlags &
  RunFlags &
  GateFlags & { readonly format?: ResultFormat; readonly output?: string; readonly resume?: boolean };

/** Gives the exit status. */
export async function runCertify(
  texts: readonly string[],
  flags: CertifyCommandFlags,
  io: Io,
): Promise<number> {
  checkGates(flags);
  const source = await openSource(texts, flags, io);
  const needsLabels = flags.minCertifiedAccuracy !== undefined;
  if (needsLabels && source.kind === "texts") {
    throw new UserError("--min-certified-accuracy needs labels; allowed with --input or --dataset", 2);
  }
  await refuseOverwriting(source, flags.output);
  const format = chooseFormat(flags, source.kind, io);
  checkResume(flags, format);

  const settings = certifySettings(flags);
  const answers = await openAnswers(settings);
  const { model } = answers;
  sayNotes(io, model);
  checkDatasetLabels(source, model.identity.name, model.labels);
  const tally = createTally({ limit: flags.edits });
  const written = flags.resume
    ? await readWritten(flags.output!, resumeSettings(answers, settings), (line) =>
        tally.add(line as unknown as ResultRecord),
      )
    : null;
  const reporter = resultReporter(format, {
    mark: markFor(io, flags.output !== undefined),
    labels: model.labels,
    ...(flags.output === undefined && io.stdout.columns ? { width: io.stdout.columns } : {}),
  });
  const writer = recordWriter(reporter, openSink(io, flags.output, written));
  const rows = source.rows(model.labels);
  const resumable = flags.output !== undefined && format === "jsonl" ? { path: flags.output, written } : null;
  const end = await streamRecords({
    io,
    source,
    rows: needsLabels ? requireLabels(rows, source.name, "--min-certified-accuracy") : rows,
    settings,
    answers,
    flags,
    resumable,
    printing: flags.output === undefined,
    take(record) {
      tally.add(record);
      return writer.record(record);
    },
  });
  const metrics = tally.metrics();
  await writer.end(metrics);
  return conclude(io, end, resumable?.path ?? null, unmetGates(metrics, flags), metrics.errors);
}
