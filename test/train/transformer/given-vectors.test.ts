/** The blocks' rows made of given word vectors: in the graph as in the saved model, with gradients, and for words without texts. */
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import { writeModelFolder } from "../../../src/model/folder.js";
import { Random } from "../../../src/numeric/random.js";
import { fold } from "../../../src/text/fold.js";
import { symbolText } from "../../../src/text/symbols.js";
import { vocabulary } from "../../../src/tokenizer/vocabulary.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { mul, sum } from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";
import { readCheckpoint } from "../../../src/train/checkpoint.js";
import { corpus } from "../../../src/train/corpus.js";
import { train } from "../../../src/train/loop.js";
import { embedded, embeddedRows, GivenVectors } from "../../../src/train/transformer/given-vectors.js";
import { type TransformerTrainOptions, transformerOf } from "../../../src/train/transformer/loop.js";
import type { WordVectors } from "../../../src/train/word-vectors.js";
import { examples, tiny } from "../examples.js";
import { dataOf, finish, laidOut, native, small } from "./tiny-blocks.js";

const SIZE = 4;
/** Words that `examples` has, and three that it hasn't. */
const HERE = "free prize cash win lunch home meet late club goal team match share stock".split(" ");
const STRANGERS = ["zebra", "quartz", "violin"];
function vectorsOf(words: readonly string[], seed = 1, length = 2): WordVectors {
  const random = new Random(seed);
  return {
    size: SIZE,
    words,
    data: Float32Array.from({ length: words.length * SIZE }, () => length * (random.next() - 0.5)),
    identity: { name: "tiny.txt", sha256: "0".repeat(64) },
  };
}
const VECTORS = vectorsOf([...HERE, ...STRANGERS]);
/** Rows long enough that many are shortened. */
const LOUD = { embeddingScale: 1.5, worstEdits: 0 };

test("the words that have a row: those with a vector that are tokens, in the texts or not", () => {
  const texts = corpus([{ text: "free rare common common", label: 0 }]);
  const given = new GivenVectors(
    vectorsOf(["free", "zebra", "rare", "unlisted"]),
    vocabulary("words", ["[UNK]", "common", "free", "zebra"]),
    texts,
  );
  expect(["free", "zebra", "rare", "unlisted", "common"].map((word) => given.has(word))).toEqual([
    ...[true, true, false, false, false],
  ]);
  expect(given.strangers).toEqual(["zebra"]);
  const of = given.of(["common", "free", "rare"]);
  expect([of.subarray(0, SIZE), of.subarray(2 * SIZE)]).toEqual([
    new Float32Array(SIZE),
    new Float32Array(SIZE),
  ]);
  expect(of.some((value) => value !== 0)).toBe(true);
  expect(() => new GivenVectors(VECTORS, vocabulary("words", ["[UNK]", "katze"]), texts)).toThrow(
    "no word of the model has a vector in tiny.txt",
  );
});

describe("rows", () => {
  const [B, T, d] = [2, 3, 5];
  const random = new Random(3);
  const draw = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => scale * (random.next() - 0.5));

  test.each([0.05, 1, 1000])("the graph's are those of the saved table, in a ball of %d", (ball) => {
    const [own, vectors, projection] = [draw(B * T * d, 1), draw(B * T * SIZE, 2), draw(d * SIZE, 1)];
    // A place without a word.
    own.fill(0, 0, d);
    vectors.fill(0, 0, SIZE);
    const tape = new Tape();
    const rows = embedded(
      tape.input("own", [B, T, d]),
      tape.input("vectors", [B, T, SIZE]),
      tape.input("projection", [d, SIZE]),
      ball,
    );
    const found = evaluate({ rows }, { own, vectors, projection }).rows!;
    const table = embeddedRows(own, vectors, projection, d, ball);
    found.forEach((value, k) => {
      expect(value).toBeCloseTo(table[k]!, 6);
    });
    for (let r = 0; r < B * T; r++) {
      const plain = Array.from({ length: d }, (_, c) => {
        let value = own[r * d + c]!;
        for (let e = 0; e < SIZE; e++) value += projection[c * SIZE + e]! * vectors[r * SIZE + e]!;
        return value;
      });
      const factor = Math.min(1, ball / Math.hypot(...plain));
      plain.forEach((value, c) => {
        expect(table[r * d + c]).toBeCloseTo(r === 0 ? 0 : value * factor, 6);
      });
    }
  });

  test.each([0.2, 1000])("gradients are slopes, in a ball of %d", (ball) => {
    const tape = new Tape();
    const inputs = {
      own: tape.input("own", [B, T, d]),
      projection: tape.input("projection", [d, SIZE]),
    };
    const vectors = tape.input("vectors", [B, T, SIZE]);
    const rows = embedded(inputs.own, vectors, inputs.projection, ball);
    const loss = sum(mul(rows, tape.input("weight", [B, T, d])), [0, 1, 2], true);
    const [own, projection] = gradients(loss, Object.values(inputs));
    const feeds: Record<string, Float64Array> = {
      own: Float64Array.from(draw(B * T * d, 1)),
      vectors: Float64Array.from(draw(B * T * SIZE, 2)),
      projection: Float64Array.from(draw(d * SIZE, 1)),
      weight: Float64Array.from(draw(B * T * d, 2)),
    };
    const slopes = evaluate({ own: own!, projection: projection! }, feeds);
    for (const name of ["own", "projection"] as const)
      feeds[name]!.forEach((value, k) => {
        const at = (moved: number) => {
          feeds[name]![k] = moved;
          const found = evaluate({ loss }, feeds).loss![0]!;
          feeds[name]![k] = value;
          return found;
        };
        expect(slopes[name]![k]).toBeCloseTo((at(value + 1e-6) - at(value - 1e-6)) / 2e-6, 5);
      });
  });
});

describe("the loss", () => {
  test.each<[string, Partial<TransformerTrainOptions>]>([
    ["one block", {}],
    ["two blocks, few words of their own", { blocks: 2, minEmbeddedTexts: 3 }],
    ["CHAIN", { norm: "chain", chainMixing: 0, chainMean: 0 }],
    ["windows and distances", { window: 1, similarity: "distance" }],
  ])("%s: without edits it is that of the exported model's logits", async (_, changes) => {
    const made = await laidOut(2, 2, { ...LOUD, ...changes }, null, VECTORS);
    const { temperature, kappa, batch: size } = made.options;
    const model = transformerOf(made.folder, "tiny");
    const rows = new Set<number>();
    const losses = made.batch.texts.map(({ words, label }) => {
      const text = Array.from(words, (word) => symbolText(made.texts.words[word]!));
      for (const word of text) rows.add(model.rowOf(word));
      const z = model.logits(fold(text.join(" ")).symbols);
      return made.weight[label]! * Math.log1p(Math.exp(-temperature * (z[label]! - z[1 - label]! - kappa)));
    });
    const expected = losses.reduce((a, b) => a + b, 0) / size;
    const found = evaluate({ loss: made.graph.loss }, made.feeds).loss![0]!;
    expect(found).toBeCloseTo(expected, 5);
    expect(made.result.loss).toBeCloseTo(expected, 4);
    // The vectors have a part in it.
    const without = { ...made.feeds, projection: made.feeds.projection!.map(() => 0) };
    expect(Math.abs(evaluate({ loss: made.graph.loss }, without).loss![0]! - found)).toBeGreaterThan(1e-4);
    expect(rows.size).toBeGreaterThan(3);
  });

  test.each<[string, Partial<TransformerTrainOptions>, "random" | null]>([
    ["two worst edits and two blocks", { worstEdits: 2, blocks: 2 }, null],
    ["a teacher", { worstEdits: 1, distil: 0.5, kappa: 0.2 }, "random"],
    ["Jacobian penalties", { worstEdits: 1, jacobianSquares: 0.3, jacobianSizes: 0.2, grokAlign: 0.5 }, null],
    ["selective gradients", { worstEdits: 1, selectiveGradients: 0.7, salientTokens: 1 }, null],
  ])("%s: gradients of the projection and of words' own rows are slopes", async (_, changes, teacher) => {
    const { graph, feeds } = await laidOut(
      11,
      3,
      { ...changes, embeddingScale: 1, batch: 6 },
      teacher,
      VECTORS,
    );
    const names = ["x", "projection", "readout", "0.value"];
    const slopes = gradients(
      graph.loss,
      names.map((name) => graph.inputs.get(name)!),
    );
    const found = evaluate(Object.fromEntries(names.map((name, n) => [name, slopes[n]!])), feeds);
    const exact = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    const loss = () => evaluate({ loss: graph.loss }, exact).loss![0]!;
    const random = new Random(5);
    let moving = 0;
    for (const name of names)
      for (let n = 0; n < 5; n++) {
        const values = exact[name]!;
        const i = Math.floor(random.next() * values.length);
        const value = values[i]!;
        values[i] = value + 1e-5;
        const above = loss();
        values[i] = value - 1e-5;
        const below = loss();
        values[i] = value;
        const slope = (above - below) / 2e-5;
        expect([name, Math.abs(found[name]![i]! - slope) < 1e-5 * (1 + Math.abs(slope))]).toEqual([
          name,
          true,
        ]);
        if (name === "projection" && Math.abs(slope) > 1e-6) moving++;
      }
    expect(moving).toBeGreaterThan(2);
  });

  test("a step says nothing of words that the batch hasn't, and fits ONNX Runtime's gradients", async () => {
    const { graph, feeds, result, blocks } = await laidOut(13, 2, { worstEdits: 1 }, null, VECTORS);
    const slope = gradients(graph.loss, [graph.inputs.get("projection")!])[0]!;
    const found = evaluate({ slope }, feeds).slope!;
    result.dense.get("projection")!.forEach((value, k) => {
      expect(value).toBeCloseTo(found[k]!, 4);
    });
    for (const row of result.rows) expect(row).toBeLessThan(blocks.rows - STRANGERS.length);
  });
});

describe("training", () => {
  const what = dataOf(examples(3, 24, 2, 5), { validation: examples(103, 8, 2, 5), vectors: VECTORS });

  test("words without texts have rows in the saved model: the projection of their vectors, in the ball", async () => {
    const options = small({ epochs: 2, ball: 0.5 });
    const { weights, saved } = await finish(what, options);
    const { arrays } = await readCheckpoint(saved.at(-1)!, "key", "the file");
    const projection = arrays.get("dense.projection") as Float32Array;
    const model = transformerOf(weights, "tiny");
    const given = new GivenVectors(VECTORS, weights.additive.vocabulary, corpus(what.train));
    const rows = new Set<number>();
    for (const word of STRANGERS) {
      const row = model.rowOf(word);
      expect(row).toBeGreaterThanOrEqual(0);
      rows.add(row);
      const found = weights.embedding.data.slice(row * options.width, (row + 1) * options.width);
      const vector = given
        .of([...HERE, ...STRANGERS])
        .subarray(
          (HERE.length + STRANGERS.indexOf(word)) * SIZE,
          (HERE.length + STRANGERS.indexOf(word) + 1) * SIZE,
        );
      const expected = embeddedRows(
        new Float32Array(options.width),
        vector,
        projection,
        options.width,
        options.ball,
      );
      found.forEach((value, c) => {
        expect(value).toBeCloseTo(expected[c]!, 6);
      });
      expect(Math.hypot(...found)).toBeGreaterThan(1e-3);
    }
    expect(rows.size).toBe(STRANGERS.length);
    for (let row = 0; row < weights.embedding.rows; row++)
      expect(
        Math.hypot(...weights.embedding.data.subarray(row * options.width, (row + 1) * options.width)),
      ).toBeLessThanOrEqual(options.ball * (1 + 1e-6));
    // The model does without what they were made of.
    expect(writeModelFolder(weights).get("config.json")!.toString()).not.toContain("projection");
    // The sum over words has learned with them too, and without vectors none of it is there.
    expect(weights.additive.vocabulary.tokens).toContain("zebra");
    const without = await finish({ ...what, vectors: null }, options);
    expect(without.weights.additive.vocabulary.tokens).not.toContain("zebra");
  });

  test.each<[string, Partial<TransformerTrainOptions>]>([
    ["one block", { epochs: 3, dropout: 0.2 }],
    [
      "Muon, a constraint and CHAIN",
      { epochs: 3, optimiser: "muon", constraint: "soft-cap:1", norm: "chain" },
    ],
    ["no blocks", { epochs: 3, blocks: 0, kappa: 0.2, batch: 1 }],
  ])("%s: a run taken up after any epoch ends as if it had not been stopped", async (_, changes) => {
    const options = small({ batch: 3, ...changes });
    const whole = await finish(what, options);
    expect(whole.saved).toHaveLength(3);
    for (const [epoch, bytes] of whole.saved.entries()) {
      const kept = await readCheckpoint<TransformerFolderWeights>(bytes, "key", "the file");
      const again = await finish(what, options, native, kept);
      expect(writeModelFolder(again.weights)).toEqual(writeModelFolder(whole.weights));
      expect(again.saved).toEqual(whole.saved.slice(epoch + 1));
    }
    const other = await finish({ ...what, vectors: vectorsOf(VECTORS.words, 2) }, options);
    expect(writeModelFolder(other.weights)).not.toEqual(writeModelFolder(whole.weights));
  });

  test("begun with a sum over words, its vocabulary is kept, and its words' rows are made of vectors", async () => {
    const run = train(
      { labels: ["ham", "spam"], train: what.train, validation: [] },
      tiny({ kind: "words" }),
    );
    let next = run.next();
    while (!next.done) next = run.next();
    const { weights, saved } = await finish({ ...what, start: next.value }, small({ epochs: 1 }));
    expect(weights.additive.vocabulary).toEqual(next.value.vocabulary);
    const { arrays } = await readCheckpoint(saved[0]!, "key", "the file");
    expect(arrays.has("dense.projection")).toBe(true);
    // What the map would say of words is in the evidence to begin with.
    expect(arrays.has("map")).toBe(false);
  });
});
