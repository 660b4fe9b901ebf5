/**
 * The loss graph against the model that is exported: margins, what losing a word costs, and gradients. The graph runs in the
 * float64 interpreter; the model is the one that certificates are about.
 */
import { SIMILARITIES } from "../../../src/layers/similarity.js";
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import type { NativeTransformer } from "../../../src/model/native-transformer.js";
import { Random } from "../../../src/numeric/random.js";
import { fold } from "../../../src/text/fold.js";
import { symbolText } from "../../../src/text/symbols.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { matmul } from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";
import {
  type BlockTensors,
  blockPass,
  charge,
  reading,
} from "../../../src/train/transformer/blocks-graph.js";
import { type TransformerTrainOptions, transformerOf } from "../../../src/train/transformer/loop.js";
import { laidOut } from "./tiny-blocks.js";

/** Large enough that the blocks matter. */
const LOUD = { embeddingScale: 1.5, worstEdits: 0 };
type LaidOut = Awaited<ReturnType<typeof laidOut>>;

function texts({ batch, texts: corpus }: LaidOut): { words: string[]; label: number }[] {
  return batch.texts.map(({ words, label }) => ({
    words: Array.from(words, (word) => symbolText(corpus.words[word]!)),
    label,
  }));
}

function logitsOf(weights: TransformerFolderWeights, words: readonly string[]): Float64Array {
  return transformerOf(weights, "tiny").logits(fold(words.join(" ")).symbols);
}

const logSumExp = (values: readonly number[]): number =>
  Math.log(values.map(Math.exp).reduce((a, b) => a + b, 0));

describe("the loss without edits is that of the exported model's logits", () => {
  const cases: [number, number, Partial<TransformerTrainOptions>][] = [
    [1, 2, {}],
    [2, 3, { blocks: 2, kappa: 0.4 }],
    [3, 2, { blocks: 3, heads: 1, width: 3, scoreLimit: 0.5, nullMass: 0.7 }],
    [4, 4, { blocks: 1, temperature: 2, dropout: 0.3, minEmbeddedTexts: 2 }],
    [5, 2, { blocks: 0 }],
    [6, 3, { maxWords: 3 }],
    [8, 2, { feedForward: "orthogonal", inner: 4, width: 6, blocks: 2 }],
    [9, 3, { norm: "chain", chainMixing: 0, chainMean: 0, blocks: 2 }],
    [10, 2, { norm: "chain", feedForward: "orthogonal", chainMixing: 0, chainMean: 0 }],
    [11, 3, { window: 1, blocks: 2 }],
    [14, 3, { similarity: "cosine", blocks: 2, minEmbeddedTexts: 2 }],
    [15, 2, { similarity: "distance", blocks: 2, minEmbeddedTexts: 2 }],
    [16, 2, { similarity: "distance", norm: "chain", chainMixing: 0, chainMean: 0 }],
    [12, 2, { window: 2, heads: 1, minEmbeddedTexts: 2 }],
    [13, 2, { window: 1, heads: 3, maxWords: 4, minEmbeddedTexts: 2 }],
  ];
  test.each(cases)("seed %i, %i labels, %o", async (seed, labels, changes) => {
    const made = await laidOut(seed, labels, { ...LOUD, ...changes });
    const { temperature, kappa, batch: size } = made.options;
    const losses = texts(made).map(({ words, label }) => {
      const logits = logitsOf(made.folder, words);
      const terms = Array.from(
        logits,
        (z, y) => -temperature * (logits[label]! - z - (y === label ? 0 : kappa)),
      );
      return made.weight[label]! * logSumExp(terms);
    });
    expect(losses).toHaveLength(size);
    const expected = losses.reduce((a, b) => a + b, 0) / size;
    const { loss } = evaluate({ loss: made.graph.loss }, made.feeds);
    expect(loss![0]).toBeCloseTo(expected, 5);
    expect(made.result.loss).toBeCloseTo(expected, 4);
    // The blocks have a part in it.
    const without = evaluate(
      { loss: made.graph.loss },
      { ...made.feeds, readout: made.feeds.readout!.map(() => 0) },
    );
    if (made.options.blocks > 0) expect(Math.abs(without.loss![0]! - expected)).toBeGreaterThan(1e-3);
  });

  test("a teacher's part is the cross-entropy of the logits with what it says", async () => {
    const made = await laidOut(7, 3, { ...LOUD, distil: 0.3 }, "random");
    const { temperature, batch: size } = made.options;
    let expected = 0;
    texts(made).forEach(({ words, label }, b) => {
      const logits = Array.from(logitsOf(made.folder, words), (z) => z * temperature);
      const whole = logSumExp(logits);
      const at = made.batch.texts[b]!.index * 3;
      const taught = logits.reduce((sum, z, y) => sum + made.targets![at + y]! * (whole - z), 0);
      expected += (made.weight[label]! * (0.7 * (whole - logits[label]!) + 0.3 * taught)) / size;
    });
    expect(evaluate({ loss: made.graph.loss }, made.feeds).loss![0]).toBeCloseTo(expected, 5);
  });
});

describe("the charge of a word", () => {
  /** What the blocks give to the margin of one label over another. */
  const blocksMargin = (model: NativeTransformer, rows: readonly number[], plus: number, minus: number) => {
    const branches = model.branches(rows);
    return branches[plus]! - branches[minus]!;
  };

  test.each([0, 1, 2])(
    "with windows of %d (0: none) it is at least what its removal takes from the blocks' part, for every word of random models",
    async (window) => {
      let words = 0;
      let tight = 0;
      for (let seed = 1; seed <= 8; seed++) {
        const labels = 2 + (seed % 2);
        const heads = 1 + (seed % 3);
        const made = await laidOut(seed, labels, {
          ...LOUD,
          heads,
          window,
          similarity: SIMILARITIES[seed % 3]!,
          nullMass: 0.2 + seed / 4,
          scoreLimit: 3,
        });
        const { batch, width } = made.options;
        const model = transformerOf(made.folder, "tiny");
        const T = made.batch.words;
        const tape = new Tape();
        const x = tape.input("x", [batch, T, width]);
        const mask = tape.input("mask", [batch, T]);
        const differences = tape.input("differences", [batch, labels - 1, labels]);
        const named = (name: string) => tape.input(name, [...shapeOf(made.folder, name)]);
        const parts = "query key value output inner outer attentionGain feedForwardGain".split(" ");
        const block = Object.fromEntries(
          parts.map((name) => [name, named(`0.${name}`)]),
        ) as unknown as BlockTensors;
        const pass = blockPass(block, x, mask, made.options);
        const read = reading(block, pass, mask, matmul(differences, named("readout")), made.options);
        const { charges, total } = evaluate(
          { charges: charge(block, pass, mask, read, made.options), total: read.total },
          made.feeds,
        );
        texts(made).forEach(({ words: own, label }, b) => {
          const rows = own.map((word) => model.rowOf(word));
          expect(rows.every((row) => row >= 0)).toBe(true);
          const rivals = Array.from({ length: labels }, (_, y) => y).filter((y) => y !== label);
          rivals.forEach((rival, r) => {
            const whole = blocksMargin(model, rows, label, rival);
            expect(total![b * rivals.length + r]).toBeCloseTo(whole, 4);
            rows.forEach((_, i) => {
              const taken =
                whole -
                blocksMargin(
                  model,
                  rows.filter((_, j) => j !== i),
                  label,
                  rival,
                );
              const charged = charges![(b * T + i) * rivals.length + r]!;
              expect(charged).toBeGreaterThanOrEqual(taken - 1e-5);
              words++;
              if (taken > 0.1 && charged < 1.5 * taken) tight++;
            });
          });
          // Where there is no word, there is nothing to pay for.
          for (let i = rows.length; i < T; i++)
            expect(Math.abs(charges![(b * T + i) * rivals.length]!)).toBeLessThan(1e-3);
        });
      }
      expect(words).toBeGreaterThan(100);
      // It isn't large for nothing.
      expect(tight).toBeGreaterThan(words / 10);
    },
  );

  test("is taken from the margin for the worst edits, with what they take from the sum over words", async () => {
    const plain = await laidOut(3, 2, { ...LOUD, worstEdits: 0 });
    const loss = async (worstEdits: number, more: Partial<TransformerTrainOptions> = {}) => {
      const made = await laidOut(3, 2, { ...LOUD, worstEdits, ...more });
      return { made, loss: evaluate({ loss: made.graph.loss }, made.feeds).loss![0]! };
    };
    const clean = evaluate({ loss: plain.graph.loss }, plain.feeds).loss![0]!;
    const one = await loss(1);
    const two = await loss(2);
    expect(one.loss).toBeGreaterThan(clean);
    expect(two.loss).toBeGreaterThan(one.loss);
    expect((await loss(1, { charge: 0 })).loss).toBeLessThan(one.loss);
    // Without blocks, one edit costs the largest drop.
    const { made } = await loss(1, { blocks: 0, temperature: 1 });
    const T = made.batch.words;
    const expected = made.batch.texts.map((_, b) => {
      const drop = Math.max(...made.feeds.drops!.subarray(2 * b * T, 2 * (b + 1) * T));
      return made.feeds.weight![b]! * Math.log1p(Math.exp(drop - made.feeds.additive![b]!));
    });
    const mean = expected.reduce((a, b) => a + b, 0) / expected.length;
    expect(evaluate({ loss: made.graph.loss }, made.feeds).loss![0]).toBeCloseTo(mean, 6);
  });
});

describe("gradients of the loss are its slopes", () => {
  const cases: [string, Partial<TransformerTrainOptions>, "random" | null][] = [
    ["two worst edits and two blocks", { worstEdits: 2, blocks: 2 }, null],
    ["a teacher", { worstEdits: 1, distil: 0.5, kappa: 0.2 }, "random"],
    ["Jacobian penalties", { worstEdits: 1, jacobianSquares: 0.3, jacobianSizes: 0.2, grokAlign: 0.5 }, null],
    ["selective gradients", { worstEdits: 1, selectiveGradients: 0.7, salientTokens: 1 }, null],
    ["windows", { worstEdits: 2, window: 1, blocks: 2 }, null],
    ["cosines", { worstEdits: 1, similarity: "cosine", blocks: 2 }, null],
    ["distances", { worstEdits: 1, similarity: "distance", blocks: 2 }, null],
    ["orthogonal feed-forward", { worstEdits: 1, feedForward: "orthogonal", blocks: 2 }, null],
    ["CHAIN, some channels unscaled", { worstEdits: 1, norm: "chain", chainMixing: 0.9, chainMean: 2 }, null],
    ["certified radii", { worstEdits: 1, certifiedRadius: 2, radiusBelow: 1000 }, null],
  ];
  test.each(cases)("%s", async (_, changes, teacher) => {
    const { graph, feeds } = await laidOut(11, 3, { ...changes, embeddingScale: 1 }, teacher);
    const names = [...graph.inputs.keys()];
    const slopes = gradients(graph.loss, [...graph.inputs.values()]);
    const found = evaluate(Object.fromEntries(names.map((name, n) => [name, slopes[n]!])), feeds);
    const exact: Record<string, Float64Array> = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    const loss = () => evaluate({ loss: graph.loss }, exact).loss![0]!;
    const random = new Random(5);
    let moving = 0;
    for (const name of names) {
      const values = exact[name]!;
      for (let n = 0; n < 3; n++) {
        // Where there is no drop, places tie for the worst, and the loss has a kink.
        const smooth = [...values.keys()].filter((at) => name !== "drops" || values[at]! !== 0);
        const i = smooth[Math.floor(random.next() * smooth.length)]!;
        const [value, step] = [values[i]!, 1e-5];
        values[i] = value + step;
        const above = loss();
        values[i] = value - step;
        const below = loss();
        values[i] = value;
        const slope = (above - below) / (2 * step);
        expect([name, Math.abs(found[name]![i]! - slope) < 1e-5 * (1 + Math.abs(slope))]).toEqual([
          name,
          true,
        ]);
        if (Math.abs(slope) > 1e-6) moving++;
      }
    }
    expect(moving).toBeGreaterThan(names.length);
  });

  test("ONNX Runtime gives them too", async () => {
    const { graph, feeds, result } = await laidOut(13, 2, { worstEdits: 1 });
    const names = [...graph.inputs.keys()];
    const slopes = gradients(graph.loss, [...graph.inputs.values()]);
    const found = evaluate(Object.fromEntries(names.map((name, n) => [name, slopes[n]!])), feeds);
    for (const [name, values] of result.dense)
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(found[name]![i]!, 4);
      });
  });

  test.each<[string, Partial<TransformerTrainOptions>, "random" | null]>([
    ["no edits", { worstEdits: 0 }, null],
    ["two worst edits", { worstEdits: 2, minEmbeddedTexts: 100 }, null],
    ["a teacher", { worstEdits: 1, distil: 0.6 }, "random"],
    [
      "certified radii, whose slopes by margin and by edit differ",
      { worstEdits: 0, certifiedRadius: 2, radiusBelow: 1000 },
      null,
    ],
  ])("by the evidence of tokens: %s", async (_, changes, teacher) => {
    const made = await laidOut(17, 3, { ...changes, kind: "patterns", temperature: 1 }, teacher);
    const { additive, again, gradient, graph, batch } = made;
    const count = batch.texts.length;
    const loss = async () => evaluate({ loss: graph.loss }, await again()).loss![0]!;
    /** The slope by a number that stays where it was. */
    const slope = async (values: Float64Array, k: number) => {
      const [value, step] = [values[k]!, 1e-3];
      values[k] = value + step;
      const above = await loss();
      values[k] = value - step;
      const below = await loss();
      values[k] = value;
      return (above - below) / (2 * step);
    };
    const moved = [...additive.evidence.keys()].filter((k) => gradient.evidence[k] !== 0);
    expect(moved.length).toBeGreaterThan(20);
    const random = new Random(3);
    for (let n = 0; n < 12; n++) {
      const k = moved[Math.floor(random.next() * moved.length)]!;
      expect(gradient.evidence[k]! / count).toBeCloseTo(await slope(additive.evidence, k), 3);
    }
    for (let y = 0; y < 3; y++)
      expect(gradient.bias[y]! / count).toBeCloseTo(await slope(additive.bias, y), 3);
  });
});

function shapeOf({ blocks, readout }: TransformerFolderWeights, name: string): readonly number[] {
  if (name === "readout") return [readout.rows, readout.columns];
  const { attention, feedForward } = blocks[0]!;
  const part = { ...attention, ...feedForward }[name.slice(2) as "query"];
  return part === undefined ? [1] : [part.weight.rows, part.weight.columns];
}
