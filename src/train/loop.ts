/**
 * The training loop: epochs of sparse Adam on the objective, an exact validation after each, and the choice of the
 * epoch that certifies most validation texts at `chooseAt` edits (earliest among equals; the last one where there
 * are no validation texts). With `average` > 1, several models are trained in a row and averaged.
 *
 * It is a generator: it yields after every few batches and after every epoch, so the caller decides about progress,
 * saving and stopping. What it does depends on examples and options alone: all that is carried from one epoch
 * to the next is in the checkpoint, so a run that is taken up again ends with the same model.
 */
import { exact } from "../certify/exact/exact.js";
import type { MethodAnswer } from "../certify/method.js";
import { unicodeAlphabet } from "../edits/alphabet.js";
import { UserError } from "../failure.js";
import type { FolderWeights } from "../model/folder.js";
import { NativeModel, type NativeWeights } from "../model/native.js";
import { toGrid } from "../numeric/grid.js";
import { Random } from "../numeric/random.js";
import { wordTokens } from "../tokenizer/automaton.js";
import { wordAutomaton } from "../tokenizer/build.js";
import { tokenShape, type Vocabulary } from "../tokenizer/vocabulary.js";
import { Adversary } from "./adversary.js";
import { Average, type Mean } from "./average.js";
import { corpus, type Example } from "./corpus.js";
import { growVocabulary } from "./grow.js";
import { Objective } from "./objective.js";
import { checkTrainOptions, type TrainOptions } from "./options.js";
import { Parameters } from "./parameters.js";
import { SharedMap } from "./shared-map.js";
import { tokenVectors, type WordVectors } from "./word-vectors.js";

export interface Validation {
  readonly texts: number;
  readonly clean: number;
  /** Part of the texts that are right and certified at 1, 2, .. `chooseAt` edits. */
  readonly certified: readonly number[];
}

export interface EpochReport {
  readonly epoch: number;
  readonly loss: number;
  readonly validation: Validation | null;
  /** Whether this is the best epoch so far. */
  readonly best: boolean;
  /** Of blocks: the spectral norm of each matrix and the size of each gain. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Where GrokAlign is on: the mean cosine between Jacobian and input. */
  readonly alignment?: number;
}

export type StateArray = Float64Array | Float32Array | Int32Array;

/**
 * All that a run carries from one epoch to the next. Its arrays are the run's own: they hold until the generator is
 * asked for more.
 */
export interface Checkpoint<W extends FolderWeights = FolderWeights> {
  readonly epoch: number;
  readonly step: number;
  readonly random: number;
  readonly order: Int32Array;
  readonly arrays: ReadonlyMap<string, StateArray>;
  readonly reports: readonly EpochReport[];
  readonly best: W;
}

export type TrainEvent<W extends FolderWeights = FolderWeights> =
  | { readonly kind: "progress"; readonly done: number; readonly total: number; readonly loss: number }
  | { readonly kind: "epoch"; readonly report: EpochReport; readonly checkpoint: Checkpoint<W> };

export interface TrainingData {
  readonly labels: readonly string[];
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** Vectors of words to learn with; none by default. */
  readonly vectors?: WordVectors | null;
}

const YIELD_EVERY = 50;

export function* train(
  data: TrainingData,
  options: TrainOptions,
  resume?: Checkpoint<NativeWeights>,
): Generator<TrainEvent<NativeWeights>, NativeWeights> {
  checkTrainOptions(options);
  checkLabels(data);
  const classes = data.labels.length;
  const texts = corpus(data.train);
  const vocabulary = growVocabulary(texts, options, data.vectors);
  const automaton = wordAutomaton(vocabulary);
  const tokens = texts.words.map((word) => Int32Array.from(wordTokens(automaton, word)));
  const parameters = freshParameters(vocabulary, classes, options, data.vectors ?? null);
  const adversary = new Adversary(automaton, texts, parameters);
  const weight = classWeights(texts.labels, classes, options.balance);

  const count = texts.texts.length;
  const batches = Math.ceil(count / options.batch);
  const total = batches * options.epochs;
  let order = Int32Array.from({ length: count }, (_, i) => i);
  let random = new Random(options.seed);
  let reports: EpochReport[] = [];
  let best: NativeWeights | null = null;
  let from = 0;
  if (resume !== undefined) {
    for (const [name, values] of parameters.state()) values.set(resume.arrays.get(name) as never);
    parameters.restored(resume.step);
    order = Int32Array.from(resume.order);
    random = new Random(resume.random);
    reports = [...resume.reports];
    best = resume.best;
    from = resume.epoch;
  }

  const sum = new Average(parameters);
  if (resume !== undefined) sum.restore(resume.arrays);
  const objective = new Objective(texts, tokens, parameters, adversary, options, weight, random);
  const epochs = options.epochs * options.average;
  for (let epoch = from; epoch < epochs; epoch++) {
    if (epoch % options.epochs === 0 && epoch > 0) parameters.reset();
    random.shuffle(order);
    adversary.forget();
    let loss = 0;
    for (let batch = 0; batch < batches; batch++) {
      const begin = batch * options.batch;
      const size = Math.min(options.batch, count - begin);
      for (let n = 0; n < size; n++) loss += objective.add(order[begin + n]!);
      parameters.update(options.learningRate * (1 - parameters.step / total), size);
      if (batch % YIELD_EVERY === 0)
        yield {
          kind: "progress",
          done: epoch * batches + batch + 1,
          total: batches * epochs,
          loss: loss / (begin + size),
        };
    }
    // Of several models, only averages of finished ones can be chosen.
    const finished = (epoch + 1) % options.epochs === 0;
    if (finished) sum.add();
    const weights = exported(data.labels, vocabulary, options.average > 1 ? sum.mean() : parameters);
    const candidate = options.average === 1 || finished;
    const validation =
      !candidate || data.validation.length === 0 ? null : validate(weights, data.validation, options);
    const isBest = candidate && (validation === null || better(validation, reports, options));
    // Until there is a candidate, a run that is stopped ends with its latest epoch.
    if (isBest || !reports.some((r) => r.best)) best = weights;
    const report: EpochReport = { epoch: epoch + 1, loss: loss / count, validation, best: isBest };
    reports = [...reports.map((r) => (isBest ? { ...r, best: false } : r)), report];
    const checkpoint: Checkpoint<NativeWeights> = {
      epoch: epoch + 1,
      step: parameters.step,
      random: random.save(),
      order,
      arrays: new Map([...parameters.state(), ...sum.state()]),
      reports,
      best: best!,
    };
    yield { kind: "epoch", report, checkpoint };
  }
  return best!;
}

/** @throws UserError if there are fewer than two labels, or one without a text. */
export function checkLabels({ labels, train }: TrainingData): void {
  if (labels.length < 2) throw new UserError(`training needs at least 2 labels, not ${labels.length}`);
  labels.forEach((label, y) => {
    if (!train.some((example) => example.label === y))
      throw new UserError(`no training text has the label ${JSON.stringify(label)}`);
  });
}

/** Nothing learned yet; with vectors, words are learned with what they have in common. */
export function freshParameters(
  vocabulary: Vocabulary,
  classes: number,
  options: TrainOptions,
  vectors: WordVectors | null,
): Parameters {
  const { length } = vocabulary.tokens;
  const shared = vectors === null ? null : new SharedMap(length, classes, tokenVectors(vocabulary, vectors));
  return new Parameters(length, classes, bounds(vocabulary, options), shared);
}

/** Whole words may weigh 1, parts of words what the options say. */
export function bounds(vocabulary: Vocabulary, options: TrainOptions): Float64Array {
  return Float64Array.from(vocabulary.tokens, (token) => {
    if (vocabulary.kind !== "patterns") return 1;
    const shape = tokenShape("patterns", token)!;
    return shape.atStart && shape.atEnd ? 1 : options.patternEvidence;
  });
}

export function classWeights(labels: Int32Array, classes: number, balance: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const y of labels) counts[y] = counts[y]! + 1;
  return counts.map((n) => (labels.length / classes / n) ** balance);
}

function exported(labels: readonly string[], vocabulary: Vocabulary, parameters: Mean): NativeWeights {
  return {
    labels,
    vocabulary,
    evidence: parameters.evidence.map(toGrid),
    bias: parameters.bias.map(toGrid),
  };
}

/** Exact certified accuracy, for k = 1 .. chooseAt. */
export function validate(
  weights: NativeWeights,
  examples: readonly Example[],
  options: Pick<TrainOptions, "chooseAt">,
): Validation {
  const model = new NativeModel(weights, { name: "in training", sha256: "" });
  const k = options.chooseAt;
  return validated(examples, k, (text) => exact(model, text, unicodeAlphabet(), k));
}

/** The part of the texts that is right and certified at 0 .. k edits by what `answer` says. */
export function validated(
  examples: readonly Example[],
  k: number,
  answer: (text: string) => MethodAnswer,
): Validation {
  const certified = new Float64Array(k + 1);
  for (const { text, label } of examples) {
    const { prediction, verdict } = answer(text);
    if (prediction.index !== label) continue;
    for (let j = 0; j <= (verdict.certified ?? -1); j++) certified[j] = certified[j]! + 1;
  }
  const part = Array.from(certified, (n) => n / examples.length);
  return { texts: examples.length, clean: part[0]!, certified: part.slice(1) };
}

function better(now: Validation, before: readonly EpochReport[], options: TrainOptions): boolean {
  const score = (v: Validation) => (options.chooseAt === 0 ? v.clean : v.certified[options.chooseAt - 1]!);
  return before.every((report) => report.validation === null || score(now) > score(report.validation));
}
