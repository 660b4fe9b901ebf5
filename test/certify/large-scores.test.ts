/**
 * Scores so large that a mass is one key's, and values whose terms cancel: there float64 leaves little of what is computed by taking off, and a
 * bound that forgets it claims too much. Beyond all measure nothing may be claimed.
 */
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import type { Window } from "../../src/layers/windows.js";
import { NativeModel } from "../../src/model/native.js";
import { NativeTransformer } from "../../src/model/native-transformer.js";
import { type DenseMatrix, matrix } from "../../src/numeric/matrix.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { seeded } from "../oracle/random-model.js";
import { hold } from "./lipschitz-native-held.js";

const identity = { name: "made", sha256: "0".repeat(64) };
const near: readonly Window[] = [{ before: 2, after: 2 }];

interface Made {
  readonly limit: number;
  readonly nullMass: number;
  /** Of each word as a key, whatever asks. */
  readonly scores: readonly number[];
  /** [words][channels] */
  readonly values: readonly (readonly number[])[];
  /** [channels] what a margin sees of each. */
  readonly sees: readonly number[];
  readonly windows?: readonly Window[] | undefined;
}

/** Words a, b, ... of one block with one head and no feed-forward. */
function made({ limit, nullMass, scores, values, sees, windows }: Made): NativeTransformer {
  const words = [..."abc"].slice(0, scores.length);
  const [n, channels] = [words.length, sees.length];
  const d = n + channels;
  const of = (rows: number, columns: number, value: (r: number, c: number) => number): DenseMatrix =>
    matrix(
      rows,
      columns,
      Float64Array.from({ length: rows * columns }, (_, at) => value(Math.floor(at / columns), at % columns)),
    );
  const linear = (weight: DenseMatrix) => ({ weight, bias: null });
  const tokens = ["[UNK]", ...words];
  const additive = new NativeModel(
    {
      labels: ["x", "y"],
      vocabulary: vocabulary("words", tokens),
      evidence: new Float64Array(2 * tokens.length),
      bias: Float64Array.of(1000, 0),
    },
    identity,
  );
  const block = {
    attention: {
      kind: "null-mass" as const,
      heads: 1,
      scale: 1,
      limit,
      nullMass,
      ...(windows === undefined ? {} : { windows }),
      query: linear(of(1, d, () => 1)),
      key: linear(of(1, d, (_, c) => (c < n ? limit * Math.atanh(scores[c]! / limit) : 0))),
      value: linear(of(channels, d, (r, c) => (c < n ? values[c]![r]! : 0))),
      output: linear(of(d, channels, (r, c) => (r === n + c ? 1 : 0))),
    },
    attentionGain: 1,
    feedForward: {
      kind: "mlp" as const,
      inner: linear(of(1, d, () => 0)),
      activation: "relu" as const,
      outer: linear(of(d, 1, () => 0)),
    },
    feedForwardGain: 0,
  };
  const readout = of(2, d, (y, c) => (y === 0 && c >= n ? sees[c - n]! : 0));
  const weights = {
    rows: Int32Array.of(-1, ...words.keys()),
    embedding: of(n, d, (r, c) => (r === c ? 1 : 0)),
  };
  return new NativeTransformer(additive, { ...weights, blocks: [block], readout }, identity);
}

test.each([
  ["all", undefined],
  ["windows", near],
])("a heavy key that goes leaves a mass below the rounding of what it was in (%s)", (_, windows) => {
  for (const limit of [12, 15, 18, 20, 25, 30, 40])
    for (const light of [-6.8, -6.9, -9, 1 - limit]) {
      const scores = [0.999 * limit, Math.max(light, 0.99 * -limit)];
      const model = made({ limit, nullMass: 1e-6, scores, values: [[0], [-1]], sees: [1], windows });
      for (const text of ["a b", "b a", "a b b"]) hold(model, text, 1, true, `limit ${limit}, ${light}`);
    }
});

test.each([
  ["all", undefined],
  ["windows", near],
])("terms that cancel leave the error of their sizes (%s)", (_, windows) => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seeded(seed);
    const [first, second, large] = [random(), random(), Math.exp(8 + 9 * random())];
    const apart = Math.exp(-14 - 8 * random());
    const model = made({
      limit: 12,
      nullMass: 1e-9,
      scores: [11.988, -11.88],
      values: [
        [first, first * (1 - apart)],
        [second, second * (1 + apart / 2)],
      ],
      sees: [large, -large],
      windows,
    });
    hold(model, "b a b", 1, true, `seed ${seed}`);
  }
});

test("random models with limits from 10 to 50", () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = seeded(seed);
    const limit = 10 + 40 * random();
    const model = made({
      limit,
      nullMass: Math.exp(-20 * random()),
      scores: Array.from({ length: 2 }, () => limit * (2 * random() - 1)),
      values: Array.from({ length: 2 }, () => [random() < 0.4 ? 0 : 2 * random() - 1]),
      sees: [1],
      windows: random() < 0.5 ? near : undefined,
    });
    const text = Array.from({ length: 1 + Math.floor(4 * random()) }, () => (random() < 0.5 ? "a" : "b"));
    hold(model, text.join(" "), 1 + (seed % 2), seed % 3 > 0, `seed ${seed}`);
  }
});

test("weights beyond all measure prove nothing", () => {
  for (const [limit, nullMass] of [
    [800, 1],
    [2000, 1],
    [2, 1e-300],
    [2, 1e300],
  ] as const)
    for (const windows of [undefined, near]) {
      const model = made({
        limit,
        nullMass,
        scores: [0.99 * limit, -0.9 * limit],
        values: [[1], [-1]],
        sees: [1],
        windows,
      });
      for (const text of ["b", "b b", "a b"]) {
        const { verdict, margins } = nativeLipschitz(model, text, asciiAlphabet(), 2, { tight: true });
        expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
        expect(margins).toHaveLength(1);
      }
    }
});
