/** The map from word vectors to evidence: its steps against a plain account of them, and what words get by it. */
import { UserError } from "../../src/failure.js";
import type { NativeWeights } from "../../src/model/native.js";
import { Random } from "../../src/numeric/random.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.js";
import { corpus } from "../../src/train/corpus.js";
import { growVocabulary } from "../../src/train/grow.js";
import { type Checkpoint, freshParameters, type TrainingData, train } from "../../src/train/loop.js";
import type { TrainOptions } from "../../src/train/options.js";
import { Parameters } from "../../src/train/parameters.js";
import { GATHERED, SharedMap } from "../../src/train/shared-map.js";
import {
  type TokenVectors,
  tokenVectors,
  vectorsOf,
  type WordVectors,
} from "../../src/train/word-vectors.js";
import { examples, tiny } from "./examples.js";

const given = (table: Readonly<Record<string, readonly number[]>>): WordVectors => ({
  size: Object.values(table)[0]!.length,
  words: Object.keys(table),
  data: Float32Array.from(Object.values(table).flat()),
  identity: { name: "tiny.txt", sha256: "0".repeat(64) },
});

function random(seed: number, tokens: readonly number[], size: number): TokenVectors {
  const next = new Random(seed);
  const data = Float64Array.from({ length: tokens.length * size }, () => next.next() - 0.5);
  return { size, tokens: Int32Array.from(tokens), data };
}

describe("vectors of a vocabulary", () => {
  const three = given({ cat: [3, 4], dog: [0, 1], ant: [9, 9] });

  test("are those of its whole words, of mean length 1", () => {
    // Lengths 5 and 1, so the mean is 3.
    const patterns = vocabulary("patterns", ["$", "^cat$", "^do", "^dog$", "^eel$", "ant"]);
    expect(tokenVectors(patterns, three)).toEqual({
      size: 2,
      tokens: Int32Array.of(1, 3),
      data: Float64Array.of(1, 4 / 3, 0, 1 / 3),
    });
    expect(tokenVectors(vocabulary("words", ["[UNK]", "dog"]), three)).toEqual({
      size: 2,
      tokens: Int32Array.of(1),
      data: Float64Array.of(0, 1),
    });
    expect(vectorsOf(["eel", "dog", "cat"], three)).toEqual(Float64Array.of(0, 0, 0, 1 / 3, 1, 4 / 3));
    expect(vectorsOf(["dog"], given({ dog: [0, 0] }))).toEqual(Float64Array.of(0, 0));
  });

  test("there must be one", () => {
    const run = () => tokenVectors(vocabulary("patterns", ["$", "^eel$", "ant", "^dog"]), three);
    expect(run).toThrow(UserError);
    expect(run).toThrow("no word of the model has a vector in tiny.txt");
  });

  test("the first words of the file are tokens in any case, each once", () => {
    const texts = corpus([{ text: "dog dog eel", label: 0 }]);
    const grown = (changes: Partial<TrainOptions>) =>
      growVocabulary(texts, tiny({ minWordTexts: 1, minPatternTexts: 1000, ...changes }), three).tokens;
    expect(grown({ kind: "words", vectorWords: 0 })).toEqual(["[UNK]", "dog", "eel"]);
    expect(grown({ kind: "words", vectorWords: 2 })).toEqual(["[UNK]", "cat", "dog", "eel"]);
    expect(grown({ kind: "words", vectorWords: 1000 })).toEqual(["[UNK]", "ant", "cat", "dog", "eel"]);
    expect(grown({ kind: "patterns", vectorWords: 1 })).toEqual(["$", "^cat$", "^dog$", "^eel$"]);
  });
});

describe("steps", () => {
  test("are Adam's, each on the mean of the gradients that were gathered", () => {
    const [size, classes] = [3, 2];
    const vectors = random(1, [4, 0, 2], size);
    const shared = new SharedMap(5, classes, vectors);
    expect([...shared.rowOf]).toEqual([1, -1, 2, -1, 0]);
    const next = new Random(2);
    // A plain account: one number of the map at a time.
    const map = new Float64Array(classes * size);
    const m = new Float64Array(classes * size);
    const v = new Float64Array(classes * size);
    for (let step = 1; step <= 5; step++) {
      const all: { row: number; y: number; g: number }[] = [];
      const rate = 0.1 / step;
      for (let batch = 1; batch <= GATHERED; batch++) {
        for (let n = 0; n < 3; n++) {
          const one = {
            row: Math.floor(3 * next.next()),
            y: Math.floor(2 * next.next()),
            g: next.next() - 0.4,
          };
          all.push(one);
          shared.gather(one.row, one.y, one.g);
        }
        const before = shared.offsets.slice();
        expect(shared.batch(rate)).toBe(batch === GATHERED);
        if (batch < GATHERED) expect(shared.offsets).toEqual(before);
      }
      for (let y = 0; y < classes; y++)
        for (let c = 0; c < size; c++) {
          const k = y * size + c;
          let slope = 0;
          for (const one of all)
            if (one.y === y) slope += (one.g * vectors.data[one.row * size + c]!) / GATHERED;
          m[k] = 0.9 * m[k]! + 0.1 * slope;
          v[k] = 0.99 * v[k]! + 0.01 * slope ** 2;
          map[k] =
            map[k]! - (rate * (m[k]! / (1 - 0.9 ** step))) / (Math.sqrt(v[k]! / (1 - 0.99 ** step)) + 1e-8);
        }
      for (let row = 0; row < 3; row++)
        for (let y = 0; y < classes; y++) {
          let dot = 0;
          for (let c = 0; c < size; c++) dot += map[y * size + c]! * vectors.data[row * size + c]!;
          expect(shared.offsets[row * classes + y]).toBeCloseTo(dot, 12);
        }
    }
  });

  test("taken up from the state at any batch, they go on to the bit", () => {
    const vectors = random(3, [0, 1, 2, 3], 4);
    const gradient = (batch: number, row: number) => Math.sin(7 * batch + row);
    const go = (shared: SharedMap, from: number, to: number) => {
      for (let batch = from; batch < to; batch++) {
        for (let row = 0; row < 4; row++) shared.gather(row, batch % 3, gradient(batch, row));
        shared.batch(0.05);
      }
      return shared;
    };
    const whole = go(new SharedMap(6, 3, vectors), 0, 90);
    for (const stop of [0, 1, GATHERED - 1, GATHERED, 57, 90]) {
      const first = go(new SharedMap(6, 3, vectors), 0, stop);
      const second = new SharedMap(6, 3, vectors);
      for (const [name, values] of first.state())
        second
          .state()
          .get(name)!
          .set(values as never);
      second.refresh();
      go(second, stop, 90);
      expect(second.offsets).toEqual(whole.offsets);
      expect(second.state()).toEqual(whole.state());
    }
  });

  test("without gradients nothing moves", () => {
    const shared = new SharedMap(1, 2, random(4, [0], 2));
    for (let batch = 0; batch < 3 * GATHERED; batch++) shared.batch(1);
    expect(shared.offsets).toEqual(new Float64Array(2));
  });
});

describe("evidence", () => {
  test("is bound * tanh(own + offset) of each token at every moment, whatever was touched", () => {
    const bound = Float64Array.of(1, 0.5, 1, 0.25);
    const shared = new SharedMap(4, 2, random(5, [2, 0], 3));
    const parameters = new Parameters(4, 2, bound, shared);
    const next = new Random(6);
    let moved = 0;
    for (let batch = 0; batch < 3 * GATHERED + 7; batch++) {
      for (let n = 0; n < 2; n++) parameters.push(Math.floor(3 * next.next()), n, 1 - n, next.next() - 0.5);
      parameters.update(0.1, 2);
      const theta = parameters.state().get("theta")!;
      parameters.evidence.forEach((value, k) => {
        const row = shared.rowOf[k >> 1]!;
        const offset = row < 0 ? 0 : shared.offsets[2 * row + (k & 1)]!;
        expect(value).toBe(bound[k >> 1]! * Math.tanh(theta[k]! + offset));
        if (offset !== 0) moved++;
      });
    }
    expect(moved).toBeGreaterThan(100);
    // Again from nothing, as the second of several models to average: the same as one that is new.
    parameters.reset();
    expect(parameters.evidence).toEqual(new Float64Array(8));
    expect(shared.offsets).toEqual(new Float64Array(4));
    const fresh = new Parameters(4, 2, bound, new SharedMap(4, 2, shared.vectors));
    const again = (one: Parameters) => {
      const random = new Random(7);
      for (let batch = 0; batch < GATHERED + 3; batch++) {
        one.push(Math.floor(3 * random.next()), 0, 1, random.next() - 0.5);
        one.update(0.1, 1);
      }
      return one;
    };
    expect(again(parameters).evidence).toEqual(again(fresh).evidence);
    expect(parameters.state()).toEqual(fresh.state());
  });

  test("a zero that has a sign keeps it when training is taken up again", () => {
    const parameters = new Parameters(1, 3, Float64Array.of(1));
    parameters.begin(Float64Array.of(-0, 0.5, 0), new Float64Array(3));
    parameters.push(0, 1, 2, 1);
    parameters.update(0.1, 1);
    const before = parameters.evidence.slice();
    parameters.restored(1);
    expect(Object.is(before[0], -0)).toBe(true);
    expect(parameters.evidence).toEqual(before);
  });
});

/** Two groups of words with vectors that tell them apart, and noise. */
const GOOD = ["great", "lovely", "superb", "charming", "splendid"];
const BAD = ["awful", "dreadful", "lousy", "horrid", "boring"];
const noise = new Random(11);
const VECTORS = given(
  Object.fromEntries(
    [...GOOD, ...BAD].map((word, n) => [
      word,
      [n < GOOD.length ? 1 : -1, 0, 0].map((value) => value + 0.4 * (noise.next() - 0.5)),
    ]),
  ),
);
/** All but the last word of each group. */
function opinions(count: number): TrainingData {
  const pick = new Random(12);
  const some = (words: readonly string[]) => words[Math.floor(pick.next() * (words.length - 1))]!;
  return {
    labels: ["bad", "good"],
    train: Array.from({ length: count }, (_, n) => ({
      text: `film ${some(n % 2 ? GOOD : BAD)} plot ${some(n % 2 ? GOOD : BAD)}`,
      label: n % 2,
    })),
    validation: [],
    vectors: VECTORS,
  };
}

function finish(data: TrainingData, options: TrainOptions, resume?: Checkpoint<NativeWeights>) {
  const run = train(data, options, resume);
  const saved: Uint8Array[] = [];
  for (;;) {
    const next = run.next();
    if (next.done) return { weights: next.value, saved };
    if (next.value.kind === "epoch") saved.push(writeCheckpoint(next.value.checkpoint, "key"));
  }
}

const leaning = ({ vocabulary, evidence }: NativeWeights, token: string): number => {
  const at = vocabulary.tokens.indexOf(token);
  expect(at).toBeGreaterThanOrEqual(0);
  return evidence[2 * at + 1]! - evidence[2 * at]!;
};

test.each([
  ["words", ""],
  ["patterns", "^$"],
] as const)("%s: a word without texts gets evidence of the sign of words like it", (kind, ends) => {
  const token = (word: string) => `${ends.slice(0, 1)}${word}${ends.slice(1)}`;
  const options = tiny({ kind, epochs: 8, learningRate: 0.05, minPatternTexts: 1000 });
  const { weights } = finish(opinions(160), options);
  expect(leaning(weights, token("splendid"))).toBeGreaterThan(0.1);
  expect(leaning(weights, token("boring"))).toBeLessThan(-0.1);
  // Words that texts have say more.
  expect(leaning(weights, token("great"))).toBeGreaterThan(leaning(weights, token("splendid")));
  // They are tokens because the file has them; where it is told not to, they aren't.
  const few = finish(opinions(40), { ...options, vectorWords: 0 }).weights.vocabulary;
  expect(few.tokens).not.toContain(token("boring"));
  expect(few.tokens).toContain(token("awful"));
});

test.each<[string, Partial<TrainOptions>]>([
  ["one model", { epochs: 3, dropout: 0.2 }],
  ["averaged models", { epochs: 2, average: 2 }],
])("%s: a run taken up after any epoch ends as if it had not been stopped", async (_, changes) => {
  // 13 batches an epoch, so that runs stop in the midst of what is gathered for a step.
  const what = { ...opinions(104), validation: opinions(8).train };
  const options = tiny({ kind: "words", ...changes });
  const whole = finish(what, options);
  expect(whole.saved).toHaveLength(options.epochs * options.average);
  for (const [epoch, bytes] of whole.saved.entries()) {
    const kept = await readCheckpoint<NativeWeights>(bytes, "key", "the file");
    expect([...kept.arrays.keys()].filter((name) => name.startsWith("map"))).toHaveLength(5);
    const again = finish(what, options, kept);
    expect(again.weights).toEqual(whole.weights);
    expect(again.saved).toEqual(whole.saved.slice(epoch + 1));
  }
  expect(finish({ ...what, vectors: null }, options).weights.evidence).not.toEqual(whole.weights.evidence);
});

test("evidence stays within its bounds, and vectors that no word has are refused", () => {
  const { weights } = finish(opinions(80), tiny({ learningRate: 5, epochs: 6 }));
  for (const value of weights.evidence) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  const foreign = given({ hund: [1, 2] });
  const data = { labels: ["ham", "spam"], train: examples(1, 20, 2), validation: [] };
  expect(() => finish({ ...data, vectors: foreign }, tiny({ vectorWords: 0 }))).toThrow(
    "no word of the model has a vector in tiny.txt",
  );
  expect(() => freshParameters(vocabulary("words", ["[UNK]", "katze"]), 2, tiny(), foreign)).toThrow(
    UserError,
  );
});
