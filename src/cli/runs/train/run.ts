/**
 * `typoproof train`: labelled texts in, a model folder with its card out.
 *
 * Promise: after every epoch the run's whole state is on disk beside the output folder, so that `--resume` ends with
 * the model that an uninterrupted run gives. The output folder is written only when training is done.
 */
import { appendFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { ModelIdentity } from "../../../model/classifier.js";
import type { FolderWeights } from "../../../model/folder.js";
import { NativeModel } from "../../../model/native.js";
import { loadNativeModel } from "../../../node/load-model.js";
import { saveModel } from "../../../node/save-model.js";
import { readWordVectors } from "../../../node/word-vectors.js";
import { modelCard } from "../../../report/model-card.js";
import type { EpochReport } from "../../../train/loop.js";
import { withoutNearDuplicates } from "../../../train/overlap.js";
import { split } from "../../../train/split.js";
import { transformerOf } from "../../../train/transformer/loop.js";
import { INTERRUPTED, watchInterrupt } from "../../interrupt.js";
import type { Io } from "../../io.js";
import { type Progress, startProgress } from "../../progress.js";
import { version } from "../../version.js";
import { excludedTexts, origin, readExamples } from "./examples.js";
import { changedOptions, planOf, sumOptions, type TrainFlags } from "./flags.js";
import { epochLine, quoted } from "./lines.js";
import { forget, prepareOutput, runKey, save } from "./saved.js";
import { keptWeights, startTraining } from "./start.js";
import { openTeacher } from "./teacher.js";
import { measure, readTests } from "./tests.js";

/** Options that leave the model as it is; the card's command does without them. */
const NO_MATTER: readonly string[] = ["--resume", "--overwrite", "--no-progress", "--debug"];

/**
 * Gives the exit status.
 * @param args the command line, for the card
 */
export async function runTrain(flags: TrainFlags, io: Io, args: readonly string[]): Promise<number> {
  const plan = planOf(flags);
  const { options } = plan;
  await prepareOutput(flags);
  const say = (line: string) => void io.stderr.write(`${line}\n`);
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;

  const { examples, labels, name } = await readExamples(flags, io);
  const tests = await readTests(flags, labels);
  const teacher =
    plan.teacher === null ? null : await openTeacher(plan.teacher.models, plan.teacher.scale, labels);
  const start = plan.start === null ? null : await loadNativeModel(plan.start);
  const vectors = plan.vectors === null ? null : await readWordVectors(plan.vectors);
  if (vectors !== null) say(`${vectors.words.length} words with vectors of ${vectors.size} numbers`);
  const distinct = withoutNearDuplicates(examples, await excludedTexts(flags), ({ text }) => text);
  const data = split(distinct, flags.validation, options.seed, flags.validationWords);
  const leftOut = examples.length - data.train.length - data.validation.length;
  say(
    `${data.train.length} texts to train on, ${data.validation.length} held out, ${leftOut} left out for overlap; labels ${labels.join(", ")}`,
  );

  const epochs = options.epochs * options.average;
  const stepsPerEpoch = Math.ceil(data.train.length / options.batch);
  const bar = (unit: string, total: number, start: number) =>
    startProgress(io, { wanted: flags.progress, printing: false, total: async () => total, start, unit });
  const interrupt = watchInterrupt(io);
  let progress: Progress | null = null;
  let reports: readonly EpochReport[] = [];
  let finished = 0;
  let weights: FolderWeights;
  try {
    let targets: Float64Array | null = null;
    if (teacher !== null) {
      progress = await bar("texts of the teacher", data.train.length, 0);
      targets = await teacher.targets(data.train, async (done) => {
        progress!.update(done);
        await new Promise((then) => setImmediate(then));
        return !interrupt.aborted;
      });
      progress.stop();
      if (targets === null) return stopped(0, flags, say);
    }
    const others = [
      ...[start, vectors].map((other) => other?.identity.sha256 ?? null),
      ...(teacher?.identities.map(({ sha256 }) => sha256) ?? []),
    ];
    const key = runKey(plan, others, labels, data);
    const from = flags.resume === true ? { output: flags.output, key } : null;
    const { done, run } = await startTraining(
      plan,
      { labels, ...data, teacher: targets, start, vectors },
      from,
    );
    finished = done;
    if (from !== null) say(`continuing after epoch ${done} of ${epochs}`);
    const stepBar = () => bar("steps", stepsPerEpoch * epochs, stepsPerEpoch * finished);
    progress = await stepBar();
    for (let next = await run.next(); ; next = await run.next()) {
      if (next.done) {
        weights = next.value;
        break;
      }
      const event = next.value;
      if (event.kind === "progress") {
        progress.update(event.done - stepsPerEpoch * finished, `loss ${event.loss.toFixed(4)}`);
        if (interrupt.aborted) return stopped(finished, flags, say);
        continue;
      }
      progress.stop();
      const { report, checkpoint } = event;
      reports = checkpoint.reports;
      finished = checkpoint.epoch;
      weights = checkpoint.best;
      await save(flags.output, checkpoint, key);
      if (flags.log !== undefined)
        await appendFile(flags.log, `${JSON.stringify({ ...report, seconds: elapsed() })}\n`);
      say(epochLine(report, epochs));
      if (flags.timeLimit !== undefined && elapsed() > flags.timeLimit && finished < epochs) {
        say(`stopped after ${Math.round(elapsed())} s by --time-limit; the best epoch so far is kept`);
        break;
      }
      progress = await stepBar();
    }
  } finally {
    progress?.stop();
    interrupt.release();
  }

  const seconds = elapsed();
  const kept = keptWeights(weights);
  const own = basename(resolve(flags.output));
  const model =
    "additive" in kept ? transformerOf(kept, own) : new NativeModel(kept, { name: own, sha256: "" });
  const measured = [];
  for (const test of tests) {
    say(`measuring on ${test.name} ...`);
    measured.push(await measure(model, test));
  }
  const taught =
    teacher === null
      ? null
      : { models: teacher.identities.map(named), scale: plan.teacher!.scale, share: options.distil };
  const begun = start === null ? null : named(start.identity);
  const chosen = reports.find((report) => report.best) ?? reports.at(-1)!;
  const card = modelCard({
    name: own,
    title: flags.title ?? own,
    labels,
    tokens: ("additive" in model ? model.additive : model).vocabulary.tokens.length,
    command: commandOf(args),
    date: new Date().toISOString().slice(0, 10),
    version: version(),
    seconds,
    options,
    changed: changedOptions(options),
    teacher: taught,
    start: begun,
    vectors: vectors === null ? null : { ...vectors.identity, size: vectors.size },
    embedded: "additive" in kept ? kept.embedding.rows : 0,
    data: {
      name,
      trained: data.train.length,
      validation: data.validation.length,
      leftOut,
      ...(await origin(flags)),
    },
    chosen,
    tests: measured,
  });
  const given = vectors === null ? {} : { vectors: vectors.identity };
  const training =
    plan.way === "sum"
      ? { ...sumOptions(options), ...given }
      : {
          ...options,
          threads: plan.threads,
          ...(taught === null ? {} : { teacher: taught.models, teacherScale: taught.scale }),
          ...(begun === null ? {} : { start: begun }),
          ...given,
        };
  await saveModel(flags.output, kept, { training }, card, { overwrite: flags.overwrite === true });
  await forget(flags.output);
  say(`saved ${flags.output} after ${Math.round(seconds)} s`);
  return 0;
}

const named = ({ name, sha256 }: ModelIdentity) => ({ name, sha256 });

function stopped(epochs: number, flags: TrainFlags, say: (line: string) => void): number {
  say(
    epochs === 0
      ? "interrupted before the end of the first epoch; nothing is kept"
      : `interrupted after epoch ${epochs}; run the same command with --resume to continue ${flags.output}`,
  );
  return INTERRUPTED;
}

/** The command that gives the model: what is in a --config file is among `args` already. */
function commandOf(args: readonly string[]): string {
  const kept = args.filter((arg, i) => {
    if (NO_MATTER.includes(arg) || arg.startsWith("--config=")) return false;
    return arg !== "--config" && args[i - 1] !== "--config";
  });
  return `typoproof ${kept.map(quoted).join(" ")}`;
}
