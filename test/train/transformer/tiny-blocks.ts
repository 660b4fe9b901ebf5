/** Small training runs with blocks, and one step's graph with the numbers that it is fed. */
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import { openProgram } from "../../../src/node/backends/program.js";
import { toGrid } from "../../../src/numeric/grid.js";
import { Random } from "../../../src/numeric/random.js";
import { wordTokens } from "../../../src/tokenizer/automaton.js";
import { wordAutomaton } from "../../../src/tokenizer/build.js";
import { Adversary } from "../../../src/train/adversary.js";
import { writeCheckpoint } from "../../../src/train/checkpoint.js";
import { corpus, type Example } from "../../../src/train/corpus.js";
import { growVocabulary } from "../../../src/train/grow.js";
import type { Checkpoint, EpochReport } from "../../../src/train/loop.js";
import { Parameters } from "../../../src/train/parameters.js";
import { REGULARISER_DEFAULTS } from "../../../src/train/regularisers/options.js";
import { type Batch, epochBatches } from "../../../src/train/transformer/batches.js";
import { BlockParameters } from "../../../src/train/transformer/block-parameters.js";
import { GivenVectors } from "../../../src/train/transformer/given-vectors.js";
import {
  type TransformerTrainingData,
  type TransformerTrainOptions,
  trainTransformer,
  transformerOf,
} from "../../../src/train/transformer/loop.js";
import { type LossGraph, lossGraph } from "../../../src/train/transformer/loss-graph.js";
import { BLOCK_DEFAULTS } from "../../../src/train/transformer/options.js";
import { Programs, type Runtime } from "../../../src/train/transformer/programs.js";
import { TransformerStep } from "../../../src/train/transformer/step.js";
import type { WordVectors } from "../../../src/train/word-vectors.js";
import { examples, tiny } from "../examples.js";

export const native: Runtime = { open: openProgram("native"), threads: 1 };

export const small = (changes: Partial<TransformerTrainOptions> = {}): TransformerTrainOptions => ({
  ...BLOCK_DEFAULTS,
  ...REGULARISER_DEFAULTS,
  ...tiny({ kind: "words" }),
  blocks: 1,
  width: 6,
  heads: 2,
  headWidth: 3,
  inner: 5,
  minEmbeddedTexts: 1,
  blockRate: 0.01,
  embeddingScale: 0.3,
  ...changes,
});

export const dataOf = (
  train: readonly Example[],
  more: Partial<TransformerTrainingData> = {},
): TransformerTrainingData => ({
  labels: ["ham", "spam"],
  train,
  validation: [],
  teacher: null,
  start: null,
  ...more,
});

export interface Run {
  readonly weights: TransformerFolderWeights;
  readonly reports: readonly EpochReport[];
  /** The checkpoint after each epoch, as bytes. */
  readonly saved: readonly Uint8Array[];
}

export async function finish(
  data: TransformerTrainingData,
  options: TransformerTrainOptions,
  runtime: Runtime = native,
  resume?: Checkpoint<TransformerFolderWeights>,
): Promise<Run> {
  const run = trainTransformer(data, options, runtime, resume);
  let reports: readonly EpochReport[] = resume?.reports ?? [];
  const saved: Uint8Array[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return { weights: next.value, reports, saved };
    if (next.value.kind === "progress") continue;
    reports = next.value.checkpoint.reports;
    saved.push(writeCheckpoint(next.value.checkpoint, "key"));
  }
}

/** Part of the examples that get their label. */
export function accuracy(weights: TransformerFolderWeights, texts: readonly Example[]): number {
  const model = transformerOf(weights, "trained");
  return texts.filter(({ text, label }) => model.predict(text).index === label).length / texts.length;
}

const opened: Programs[] = [];
afterAll(async () => {
  for (const programs of opened) await programs.close();
});

/** One batch of a random model, as training lays it out for the graph. */
export async function laidOut(
  seed: number,
  labels: number,
  changes: Partial<TransformerTrainOptions>,
  teacher: "random" | null = null,
  vectors: WordVectors | null = null,
) {
  const options = small({ batch: 3, ...changes });
  const random = new Random(seed);
  const texts = corpus(examples(seed, 12, labels, 5));
  const vocabulary = growVocabulary(texts, options, vectors);
  const automaton = wordAutomaton(vocabulary);
  const tokens = texts.words.map((word) => Int32Array.from(wordTokens(automaton, word)));
  const size = vocabulary.tokens.length;
  const additive = new Parameters(size, labels, new Float64Array(size).fill(1));
  for (let k = 0; k < additive.evidence.length; k++) additive.evidence[k] = toGrid(random.next() * 0.6 - 0.3);
  for (let y = 0; y < labels; y++) additive.bias[y] = toGrid(random.next() - 0.5);
  const blocks = new BlockParameters(
    texts,
    labels,
    options,
    random,
    vectors === null ? null : new GivenVectors(vectors, vocabulary, texts),
  );
  const weight = Float64Array.from({ length: labels }, (_, y) => 1 + y / 4);
  let feeds: Record<string, Float32Array> = {};
  const watched: Runtime = {
    threads: 1,
    async open(onnx, threads) {
      const program = await native.open(onnx, threads);
      return {
        run(given) {
          feeds = { ...(given as Record<string, Float32Array>) };
          return program.run(given);
        },
        close: () => program.close(),
      };
    },
  };
  const targets = teacher === null ? null : distributions(random, texts.texts.length, labels);
  const adversary = new Adversary(automaton, texts, additive);
  const programs = new Programs(watched);
  opened.push(programs);
  const step = new TransformerStep(
    tokens,
    additive,
    blocks,
    adversary,
    weight,
    10,
    options.batch,
    options,
    random,
    targets,
    programs,
  );
  const order = Int32Array.from({ length: texts.texts.length }, (_, i) => i);
  const batch = [...epochBatches(texts, order, options, random)][0]! as Batch;
  // Norms have statistics after a first step.
  if (options.norm === "chain") await step.run(batch);
  const folder: TransformerFolderWeights = {
    additive: {
      labels: Array.from({ length: labels }, (_, y) => `label ${y}`),
      vocabulary,
      evidence: additive.evidence.slice(),
      bias: additive.bias.slice(),
    },
    ...blocks.weights(vocabulary),
  };
  const result = await step.run(batch);
  /** What the graph is fed when the step is made again, with the weights of the moment. */
  const again = async () => {
    adversary.forget();
    await step.run(batch);
    return feeds;
  };
  const shapes = new Map([...blocks.dense].map(([name, { shape }]) => [name, shape]));
  const graph: LossGraph = lossGraph(
    { texts: options.batch, words: batch.words, classes: labels },
    shapes,
    options,
  );
  const gradient = { evidence: additive.gradient.slice(), bias: additive.biasGradient.slice() };
  return {
    options,
    texts,
    batch,
    again,
    gradient,
    feeds,
    graph,
    result,
    weight,
    targets,
    folder,
    additive,
    blocks,
  };
}

/** [count * labels], each adding up to 1. */
function distributions(random: Random, count: number, labels: number): Float64Array {
  const all = new Float64Array(count * labels);
  for (let i = 0; i < count; i++) {
    const parts = Array.from({ length: labels }, () => 0.1 + random.next());
    const total = parts.reduce((a, b) => a + b, 0);
    all.set(
      parts.map((part) => part / total),
      i * labels,
    );
  }
  return all;
}
