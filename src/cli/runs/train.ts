/**
 * `typoproof train`: labelled texts in, a model folder with its card out.
 *
 * Promise: after every epoch the run's whole state is on disk beside the output folder, so that `--resume` ends with
 * the model that an uninterrupted run gives. The output folder is written only when training is done.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { certifyExactly } from "../../certify/certify-exactly.js";
import { createTally, type Metrics } from "../../evaluate/metrics.js";
import { certifyRow } from "../../evaluate/record.js";
import { UserError } from "../../failure.js";
import { NativeModel, type NativeWeights } from "../../model/native.js";
import { datasetInput } from "../../node/datasets/input.js";
import { loadDatasetCard } from "../../node/datasets/packaged.js";
import { readRows } from "../../node/input/rows.js";
import { saveModel } from "../../node/save-model.js";
import { modelCard } from "../../report/model-card.js";
import { readCheckpoint, writeCheckpoint } from "../../train/checkpoint.js";
import type { Example } from "../../train/corpus.js";
import { type Checkpoint, type EpochReport, train } from "../../train/loop.js";
import { checkTrainOptions, TRAIN_DEFAULTS, type TrainOptions } from "../../train/options.js";
import { withoutNearDuplicates } from "../../train/overlap.js";
import { split } from "../../train/split.js";
import { INTERRUPTED, watchInterrupt } from "../interrupt.js";
import type { Io } from "../io.js";
import { requireLabels } from "../labelled.js";
import type { InputFlags } from "../options.js";
import { startProgress } from "../progress.js";
import { openSource } from "../source.js";
import { version } from "../version.js";

export type TrainFlags = InputFlags &
  Omit<TrainOptions, "chooseAt"> & {
    readonly validation: number;
    readonly validationWords: number;
    readonly exclude?: readonly string[];
    readonly test?: readonly string[];
    readonly edits: number;
    readonly output: string;
    readonly overwrite?: boolean;
    readonly title?: string;
    readonly log?: string;
    readonly resume?: boolean;
    readonly timeLimit?: number;
    readonly progress: boolean;
  };

/** Options that leave the model as it is; the card's command does without them. */
const NO_MATTER: readonly string[] = ["--resume", "--overwrite", "--no-progress", "--debug"];
/** The largest k that a model card reports. */
const CARD_EDITS = 3;

/** Gives the exit status. */
export async function runTrain(flags: TrainFlags, io: Io, args: readonly string[]): Promise<number> {
  const options = trainOptions(flags);
  if (flags.validation > 0.5)
    throw new UserError(`--validation is ${flags.validation}; allowed is a share from 0 to 0.5`, 2);
  const checkpointPath = `${resolve(flags.output)}.checkpoint`;
  await refuseOutput(flags, checkpointPath);
  await prepare(flags, checkpointPath);
  const say = (line: string) => void io.stderr.write(`${line}\n`);
  const began = performance.now();

  const { examples, labels, name } = await readExamples(flags, io);
  // Read before the training, so that a wrong name costs seconds, not the run.
  const tests = await Promise.all((flags.test ?? []).map((input) => testRows(input, flags, labels)));
  const excluded = await excludedTexts(flags);
  const distinct = withoutNearDuplicates(examples, excluded, (example) => example.text);
  const data = split(distinct, flags.validation, options.seed, flags.validationWords);
  say(
    `${data.train.length} texts to train on, ${data.validation.length} held out, ${examples.length - data.train.length - data.validation.length} left out for overlap; labels ${labels.join(", ")}`,
  );

  const key = runKey(options, labels, data.train, data.validation);
  const checkpoint = flags.resume ? await resumed(checkpointPath, key) : undefined;
  if (checkpoint !== undefined) say(`continuing after epoch ${checkpoint.epoch} of ${totalEpochs(options)}`);

  const steps = (epochs: number) => epochs * Math.ceil(data.train.length / options.batch);
  const bar = (start: number) =>
    startProgress(io, {
      wanted: flags.progress,
      printing: false,
      total: async () => steps(totalEpochs(options)),
      start,
      unit: "steps",
    });
  const interrupt = watchInterrupt(io);
  const run = train({ labels, ...data }, options, checkpoint);
  let progress = await bar(steps(checkpoint?.epoch ?? 0));
  let reports: readonly EpochReport[] = checkpoint?.reports ?? [];
  let weights = checkpoint?.best;
  try {
    for (let next = run.next(); ; next = run.next()) {
      if (next.done) {
        weights = next.value;
        break;
      }
      const event = next.value;
      if (event.kind === "progress") {
        progress.update(event.done);
        // Lets signals in.
        await new Promise((done) => setImmediate(done));
        if (interrupt.aborted) return stopped(reports.length, flags, say);
        continue;
      }
      progress.stop();
      reports = event.checkpoint.reports;
      weights = event.checkpoint.best;
      await writeFile(`${checkpointPath}.part`, writeCheckpoint(event.checkpoint, key));
      await rename(`${checkpointPath}.part`, checkpointPath);
      if (flags.log !== undefined)
        await appendFile(
          flags.log,
          `${JSON.stringify({ ...event.report, seconds: (performance.now() - began) / 1000 })}\n`,
        );
      say(epochLine(event.report, totalEpochs(options)));
      const seconds = (performance.now() - began) / 1000;
      if (
        flags.timeLimit !== undefined &&
        seconds > flags.timeLimit &&
        reports.length < totalEpochs(options)
      ) {
        say(`stopped after ${Math.round(seconds)} s by --time-limit; the best epoch so far is kept`);
        break;
      }
      progress = await bar(event.checkpoint.step);
      progress.update(0);
    }
  } finally {
    progress.stop();
    interrupt.release();
  }

  const seconds = (performance.now() - began) / 1000;
  const model = new NativeModel(weights!, { name: basename(resolve(flags.output)), sha256: "" });
  const measured: { name: string; metrics: Metrics }[] = [];
  for (const test of tests) {
    say(`measuring on ${test.name} ...`);
    measured.push({ name: test.name, metrics: await measure(model, test.rows) });
  }
  const chosen = reports.find((report) => report.best) ?? reports.at(-1)!;
  const card = modelCard({
    name: model.identity.name,
    title: flags.title ?? model.identity.name,
    labels,
    tokens: model.vocabulary.tokens.length,
    command: `typoproof ${args
      .filter((arg) => !NO_MATTER.includes(arg))
      .map(quoted)
      .join(" ")}`,
    date: new Date().toISOString().slice(0, 10),
    version: version(),
    seconds,
    options,
    data: {
      name,
      trained: data.train.length,
      validation: data.validation.length,
      leftOut: examples.length - data.train.length - data.validation.length,
      ...(await origin(flags)),
    },
    chosen,
    tests: measured,
  });
  await saveModel(flags.output, weights!, { training: { ...options } }, card, {
    overwrite: flags.overwrite === true,
  });
  await rm(checkpointPath, { force: true });
  say(`saved ${flags.output} after ${Math.round(seconds)} s`);
  return 0;
}

function trainOptions(flags: TrainFlags): TrainOptions {
  const { edits: chooseAt, ...given } = flags;
  const options = Object.fromEntries(
    Object.keys(TRAIN_DEFAULTS).map((name) => [name, { ...given, chooseAt }[name as keyof TrainOptions]]),
  ) as unknown as TrainOptions;
  checkTrainOptions(options);
  return options;
}

const totalEpochs = (options: TrainOptions): number => options.epochs * options.average;

async function refuseOutput(flags: TrainFlags, checkpoint: string): Promise<void> {
  const there = await exists(flags.output);
  if (there && flags.overwrite !== true)
    throw new UserError(`${flags.output} exists; allowed is a new folder, or --overwrite`);
  if (flags.resume === true && !(await exists(checkpoint)))
    throw new UserError(`there is nothing to resume: no ${checkpoint}; leave out --resume to start anew`);
}

/** Makes sure, before the training, that what is written after every epoch can be. */
async function prepare(flags: TrainFlags, checkpoint: string): Promise<void> {
  const attempt = (path: string, write: () => Promise<unknown>) =>
    write().catch((error: Error) => {
      throw new UserError(`can't write ${path}: ${error.message}`);
    });
  await attempt(flags.output, () => mkdir(dirname(checkpoint), { recursive: true }));
  if (flags.log !== undefined) await attempt(flags.log, () => appendFile(flags.log!, ""));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readExamples(
  flags: TrainFlags,
  io: Io,
): Promise<{ examples: Example[]; labels: string[]; name: string }> {
  const source = await openSource([], flags, io);
  const rows: { text: string; label: string }[] = [];
  for await (const row of requireLabels(source.rows(null), source.name, "train")) {
    if (row.error !== undefined) throw new UserError(`${source.name}: ${row.error}`);
    if (row.label === "") throw new UserError(`${source.name}: row ${row.id} has an empty label`);
    rows.push({ text: row.text, label: row.label! });
  }
  const labels = [...(source.datasetLabels ?? [...new Set(rows.map((row) => row.label))].sort())];
  const index = new Map(labels.map((label, i) => [label, i]));
  const examples = rows.map(({ text, label }) => ({ text, label: index.get(label)! }));
  return { examples, labels, name: source.name };
}

/** Texts of the files and data sets named by --exclude. */
async function excludedTexts(flags: TrainFlags): Promise<string[]> {
  const texts: string[] = [];
  for (const input of flags.exclude ?? [])
    for await (const row of readRows(await inputOptions(input, flags)))
      if (row.error === undefined) texts.push(row.text);
  return texts;
}

async function inputOptions(input: string, flags: TrainFlags) {
  return /^[a-z0-9-]+:[a-z0-9-]+$/.test(input) ? datasetInput(input, flags.data) : { path: input };
}

interface TestSet {
  readonly name: string;
  readonly rows: readonly { id: number; text: string; label: string | null; error?: string }[];
}

async function testRows(input: string, flags: TrainFlags, labels: readonly string[]): Promise<TestSet> {
  const rows = [];
  for await (const row of readRows({ ...(await inputOptions(input, flags)), allowedLabels: labels }))
    rows.push(row);
  return { name: input, rows };
}

async function measure(model: NativeModel, rows: TestSet["rows"]): Promise<Metrics> {
  const tally = createTally({ limit: CARD_EDITS, labels: model.labels });
  for (const row of rows)
    tally.add(await certifyRow(row, (text) => certifyExactly(model, text, { edits: CARD_EDITS })));
  return tally.metrics();
}

async function resumed(path: string, key: string): Promise<Checkpoint<NativeWeights>> {
  return readCheckpoint(await readFile(path), key, path);
}

/** Tells runs apart: equal keys mean equal options, texts and version. */
function runKey(
  options: TrainOptions,
  labels: readonly string[],
  trained: readonly Example[],
  validation: readonly Example[],
): string {
  const hash = createHash("sha256").update(JSON.stringify([version(), options, labels]));
  for (const part of [trained, validation])
    for (const { text, label } of part) hash.update(`${label} ${text.length} ${text}\n`);
  return hash.digest("hex");
}

function stopped(epochs: number, flags: TrainFlags, say: (line: string) => void): number {
  say(
    epochs === 0
      ? "interrupted before the end of the first epoch; nothing is kept"
      : `interrupted after epoch ${epochs}; run the same command with --resume to continue ${flags.output}`,
  );
  return INTERRUPTED;
}

function epochLine(report: EpochReport, epochs: number): string {
  const { validation } = report;
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const held =
    validation === null
      ? ""
      : `; held-out texts: ${percent(validation.clean)} right${validation.certified.map((v, i) => `, ${percent(v)} certified at ${i + 1}`).join("")}${report.best ? " (best so far)" : ""}`;
  return `epoch ${report.epoch} of ${epochs}: loss ${report.loss.toFixed(4)}${held}`;
}

/** Where the texts come from, by their data set's card. */
async function origin(flags: TrainFlags) {
  if (flags.dataset === undefined) return {};
  const card = await loadDatasetCard(flags.dataset.split(":")[0]!);
  return {
    source: `${card.title}, ${card.source.url}`,
    citation: card.source.citation,
    licence: card.licence.name,
    terms: card.licence.terms,
  };
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
