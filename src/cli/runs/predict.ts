/** `typoproof predict`: the model's answer, without any proof. */

import { createPredictionTally } from "../../evaluate/prediction-metrics.js";
import type { PredictionRecord } from "../../evaluate/record.js";
import { openAnswers, type PredictSettings } from "../../node/jobs/answers.js";
import { readWritten } from "../../node/output/resume.js";
import type { Format } from "../../report/format-names.js";
import { predictionReporter } from "../../report/formats.js";
import { markFor } from "../colour.js";
import type { Io } from "../io.js";
import { sayNotes } from "../notes.js";
import type { InputFlags, RunFlags } from "../options.js";
import { checkResume, chooseFormat, openSink, recordWriter } from "../output.js";
import { checkDatasetLabels, openSource, refuseOverwriting } from "../source.js";
import { conclude, streamRecords } from "../stream.js";

export type PredictCommandFlags = InputFlags &
  RunFlags & {
    readonly model: string;
    readonly format?: Format;
    readonly output?: string;
    readonly resume?: boolean;
  };

/** Gives the exit status. */
export async function runPredict(
  texts: readonly string[],
  flags: PredictCommandFlags,
  io: Io,
): Promise<number> {
  const source = await openSource(texts, flags, io);
  await refuseOverwriting(source, flags.output);
  const format = chooseFormat(flags, source.kind, io);
  checkResume(flags, format);

  const settings: PredictSettings = { task: "predict", model: flags.model };
  const answers = await openAnswers(settings);
  const { model } = answers;
  sayNotes(io, model);
  checkDatasetLabels(source, model.identity.name, model.labels);
  const tally = createPredictionTally();
  const written = flags.resume
    ? await readWritten(flags.output!, { sha256: model.identity.sha256 }, (line) =>
        tally.add(line as unknown as PredictionRecord),
      )
    : null;
  const reporter = predictionReporter(format, {
    mark: markFor(io, flags.output !== undefined),
    ...(flags.output === undefined && io.stdout.columns ? { width: io.stdout.columns } : {}),
  });
  const writer = recordWriter(reporter, openSink(io, flags.output, written));
  const resumable = flags.output !== undefined && format === "jsonl" ? { path: flags.output, written } : null;
  const end = await streamRecords({
    io,
    source,
    rows: source.rows(model.labels),
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
  return conclude(io, end, resumable?.path ?? null, [], metrics.errors);
}
