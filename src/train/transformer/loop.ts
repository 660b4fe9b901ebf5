/**
 * Training of a native Transformer: the sum over words and the blocks together, by one loss.
 *
 * As ../loop.ts it is a generator that yields after batches and epochs, all that it carries from one epoch to the next is in
 * the checkpoint, and the epoch that certifies most validation texts at `chooseAt` edits is chosen. Equal data, options, runtime and
 * threads give equal models; another runtime rounds differently.
 */
import { nativeLipschitz } from "../../certify/lipschitz/native.js";
import { unicodeAlphabet } from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import type { TransformerFolderWeights } from "../../model/folder.js";
import { NativeModel, type NativeWeights } from "../../model/native.js";
import { NativeTransformer } from "../../model/native-transformer.js";
import { toGrid } from "../../numeric/grid.js";
import { Random } from "../../numeric/random.js";
import { wordTokens } from "../../tokenizer/automaton.js";
import { wordAutomaton } from "../../tokenizer/build.js";
import type { Vocabulary } from "../../tokenizer/vocabulary.js";
import { Adversary } from "../adversary.js";
import { parseConstraint } from "../constraints/parse.js";
import { corpus, type Example } from "../corpus.js";
import { growVocabulary } from "../grow.js";
import {
  type Checkpoint,
  checkLabels,
  classWeights,
  type EpochReport,
  freshParameters,
  type StateArray,
  type TrainEvent,
  type TrainingData,
  type Validation,
  validated,
  validate as validateSum,
} from "../loop.js";
import { checkTrainOptions, type TrainOptions } from "../options.js";
import type { Parameters } from "../parameters.js";
import { checkRegulariserOptions, type RegulariserOptions } from "../regularisers/options.js";
import { epochBatches } from "./batches.js";
import { BlockParameters } from "./block-parameters.js";
import { blockConstants } from "./constants.js";
import { GivenVectors } from "./given-vectors.js";
import { type BlockOptions, checkBlockOptions } from "./options.js";
import { Programs, type Runtime } from "./programs.js";
import { TransformerStep } from "./step.js";
import { BlockUpdates } from "./updates.js";

export interface TransformerTrainOptions extends TrainOptions, BlockOptions, RegulariserOptions {}

export interface TransformerTrainingData extends TrainingData {
  /** [training texts * labels] what a teacher says of each, adding up to 1; null: there is none. */
  readonly teacher: Float64Array | null;
  /** An additive model to begin with, whose vocabulary is kept; null: begin with nothing. */
  readonly start: NativeWeights | null;
}

const YIELD_EVERY = 10;

export async function* trainTransformer(
  data: TransformerTrainingData,
  options: TransformerTrainOptions,
  runtime: Runtime,
  resume?: Checkpoint<TransformerFolderWeights>,
): AsyncGenerator<TrainEvent<TransformerFolderWeights>, TransformerFolderWeights> {
  const programs = new Programs(runtime);
  try {
    return yield* epochs(data, options, programs, resume);
  } finally {
    await programs.close();
  }
}

async function* epochs(
  data: TransformerTrainingData,
  options: TransformerTrainOptions,
  programs: Programs,
  resume?: Checkpoint<TransformerFolderWeights>,
): AsyncGenerator<TrainEvent<TransformerFolderWeights>, TransformerFolderWeights> {
  checkTransformerOptions(options, data.teacher !== null);
  checkLabels(data);
  const classes = data.labels.length;
  const texts = corpus(data.train);
  const vocabulary = data.start?.vocabulary ?? growVocabulary(texts, options, data.vectors);
  const automaton = wordAutomaton(vocabulary);
  const tokens = texts.words.map((word) => Int32Array.from(wordTokens(automaton, word)));
  // A sum over words to start from holds already what vectors say of its words.
  const vectors = data.vectors ?? null;
  const parameters = freshParameters(vocabulary, classes, options, data.start === null ? vectors : null);
  const adversary = new Adversary(automaton, texts, parameters);
  if (data.start !== null) begin(parameters, data.start, data.labels);
  let random = new Random(options.seed);
  const given =
    vectors === null || options.blocks === 0 ? null : new GivenVectors(vectors, vocabulary, texts);
  const blocks = new BlockParameters(texts, classes, options, random, given);
  const updates = new BlockUpdates(blocks, options);
  const count = texts.texts.length;
  const batches = Math.ceil(count / options.batch);
  const total = batches * options.epochs;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let reports: readonly EpochReport[] = [];
  let best: TransformerFolderWeights | null = null;
  if (resume !== undefined) {
    for (const [name, values] of parameters.state()) values.set(resume.arrays.get(name) as never);
    parameters.restored(resume.step);
    updates.restore(resume.arrays);
    order.set(resume.order);
    random = new Random(resume.random);
    ({ reports, best } = resume);
  }
  const weight = classWeights(texts.labels, classes, options.balance);
  for (let epoch = resume?.epoch ?? 0; epoch < options.epochs; epoch++) {
    // Certified radius maximisation begins late.
    const phase = epoch < options.radiusFrom ? { ...options, certifiedRadius: 0 } : options;
    const step = new TransformerStep(
      tokens,
      parameters,
      blocks,
      adversary,
      weight,
      total,
      options.batch,
      phase,
      random,
      data.teacher,
      programs,
    );
    random.shuffle(order);
    adversary.forget();
    let loss = 0;
    let seen = 0;
    let batch = 0;
    let aligned = 0;
    for (const next of epochBatches(texts, order, options, random)) {
      const rest = 1 - parameters.step / total;
      const result = await step.run(next);
      if (!Number.isFinite(result.loss))
        throw new UserError(
          `training has diverged: the loss is ${result.loss} in epoch ${epoch + 1}; a lower --block-rate may help`,
        );
      loss += result.loss * next.texts.length;
      seen += next.texts.length;
      aligned += result.alignment ?? 0;
      parameters.update(options.learningRate * rest, next.texts.length);
      updates.step(result.dense, result.rows, result.embedding, rest, parameters.step - 1, total);
      if (++batch % YIELD_EVERY === 0)
        yield {
          kind: "progress",
          done: epoch * batches + batch,
          total,
          loss: loss / seen,
        };
    }
    const trained = snapshot(data.labels, vocabulary, parameters, blocks);
    const validation = data.validation.length === 0 ? null : validate(trained, data.validation, options);
    const isBest = validation === null || reports.every((r) => score(validation) > score(r.validation!));
    if (isBest || best === null) best = trained;
    const report: EpochReport = {
      epoch: epoch + 1,
      loss: loss / count,
      validation,
      best: isBest,
      constants: blockConstants(blocks),
      ...(options.grokAlign > 0 ? { alignment: aligned / batch } : {}),
    };
    reports = [...reports.map((r) => (isBest ? { ...r, best: false } : r)), report];
    const checkpoint: Checkpoint<TransformerFolderWeights> = {
      epoch: epoch + 1,
      step: parameters.step,
      random: random.save(),
      order,
      arrays: new Map<string, StateArray>([...parameters.state(), ...updates.state()]),
      reports,
      best,
    };
    yield { kind: "epoch", report, checkpoint };
  }
  return best!;
}

/** @throws UserError naming the first option out of range. */
export function checkTransformerOptions(options: TransformerTrainOptions, taught: boolean): void {
  checkTrainOptions(options);
  checkBlockOptions(options);
  checkRegulariserOptions(options);
  parseConstraint(options.constraint);
  if (options.average !== 1)
    throw new UserError(
      `average is ${options.average}; allowed is 1: models with blocks are no sums that could be averaged`,
      2,
    );
  if (options.distil > 0 && !taught)
    throw new UserError(`distil is ${options.distil} and there is no teacher; name one`, 2);
}

function begin(parameters: Parameters, { labels, evidence, bias }: NativeWeights, wanted: readonly string[]) {
  if (labels.join("\n") !== wanted.join("\n"))
    throw new UserError(
      `the model to start from has the labels ${labels.join(", ")}; the texts have ${wanted.join(", ")}`,
    );
  parameters.begin(evidence, bias);
}

function score({ clean, certified }: Validation): number {
  return certified.length === 0 ? clean : certified.at(-1)!;
}

function snapshot(
  labels: readonly string[],
  vocabulary: Vocabulary,
  parameters: Parameters,
  blocks: BlockParameters,
): TransformerFolderWeights {
  const additive = {
    labels,
    vocabulary,
    evidence: parameters.evidence.map(toGrid),
    bias: parameters.bias.map(toGrid),
  };
  return { additive, ...blocks.weights(vocabulary) };
}

export function transformerOf(weights: TransformerFolderWeights, name: string): NativeTransformer {
  const identity = { name, sha256: "" };
  return new NativeTransformer(new NativeModel(weights.additive, identity), weights, identity);
}

/** Certified accuracy by `lipschitz`, exact where there are no blocks, for k = 1 .. chooseAt. */
export function validate(
  weights: TransformerFolderWeights,
  examples: readonly Example[],
  { chooseAt }: Pick<TrainOptions, "chooseAt">,
): Validation {
  if (weights.blocks.length === 0) return validateSum(weights.additive, examples, { chooseAt });
  const model = transformerOf(weights, "in training");
  return validated(examples, chooseAt, (text) => nativeLipschitz(model, text, unicodeAlphabet(), chooseAt));
}
