/** Orthogonal feed-forward and CHAIN norms as options of training: what is exported is what they promise, and certifies. */
import { nativeLipschitz } from "../../../src/certify/lipschitz/native.js";
import { unicodeAlphabet } from "../../../src/edits/alphabet.js";
import { feedForward } from "../../../src/layers/feed-forward.js";
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import { readModelFolder, writeModelFolder } from "../../../src/model/folder.js";
import { NativeTransformer } from "../../../src/model/native-transformer.js";
import { Random } from "../../../src/numeric/random.js";
import { readCheckpoint } from "../../../src/train/checkpoint.js";
import { type TransformerTrainOptions, transformerOf } from "../../../src/train/transformer/loop.js";
import { normals } from "../../oracle/normals.js";
import { examples } from "../examples.js";
import { dataOf, finish, small } from "./tiny-blocks.js";

const held = examples(9, 12, 2, 6);
const what = dataOf(examples(5, 96, 2, 6), { validation: held });
const trained = (changes: Partial<TransformerTrainOptions>) =>
  finish(what, small({ epochs: 3, batch: 16, blockRate: 0.03, ...changes }));

describe("feed-forward orthogonal", () => {
  test("the exported block turns and reflects, whatever goes in: every singular value of its Jacobian is 1", async () => {
    const { weights } = await trained({ feedForward: "orthogonal", blocks: 2, inner: 4, optimiser: "muon" });
    for (const { feedForward: mlp, feedForwardGain } of weights.blocks) {
      expect(feedForwardGain).toBe(-2);
      const { rows, columns, data } = mlp.inner.weight;
      expect([rows, columns]).toEqual([4, 6]);
      mlp.outer.weight.data.forEach((value, n) => {
        expect(value).toBe(data[(n % rows) * columns + Math.floor(n / rows)]);
      });
      const through = (x: Float64Array) => {
        const branch = feedForward(mlp, x);
        return x.map((value, i) => value + feedForwardGain * branch[i]!);
      };
      for (let n = 0; n < 20; n++) {
        const x = Float64Array.from(normals(6, 40 + n));
        const step = 1e-6;
        // Columns of J by differences; J'J = I.
        const columnsOf = Array.from({ length: 6 }, (_, c) => {
          const moved = x.slice();
          moved[c] = moved[c]! + step;
          const [a, b] = [through(x), through(moved)];
          return a.map((value, i) => (b[i]! - value) / step);
        });
        for (let i = 0; i < 6; i++)
          for (let j = 0; j < 6; j++) {
            const product = columnsOf[i]!.reduce((sum, value, k) => sum + value * columnsOf[j]![k]!, 0);
            expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
          }
      }
      expect(through(new Float64Array(6))).toEqual(new Float64Array(6));
    }
  });
});

describe("norm chain", () => {
  /** Running mean squares as they stand in a checkpoint. */
  async function factors(bytes: Uint8Array, site: string): Promise<Float64Array> {
    const { arrays } = await readCheckpoint<TransformerFolderWeights>(bytes, "key", "");
    const sums = arrays.get(`norm.${site}`) as Float64Array;
    const psi = sums.slice(0, -1).map((sum) => Math.sqrt(sum / sums.at(-1)! + 1e-5));
    return psi.map((value) => Math.min(...psi) / value);
  }

  test("its factors are in the exported matrices: quiet channels count as they did, loud ones less", async () => {
    const { weights, saved } = await trained({ norm: "chain", epochs: 1 });
    const { arrays } = await readCheckpoint<TransformerFolderWeights>(saved[0]!, "key", "");
    const { attention, feedForward: mlp } = weights.blocks[0]!;
    for (const [name, site, layer] of [
      ["query", "0.attention", attention.query],
      ["key", "0.attention", attention.key],
      ["value", "0.attention", attention.value],
      ["inner", "0.feedForward", mlp.inner],
    ] as const) {
      const own = arrays.get(`dense.0.${name}`) as Float32Array;
      const by = await factors(saved[0]!, site);
      expect(Math.max(...by)).toBe(1);
      expect(Math.min(...by)).toBeLessThan(0.95);
      layer.weight.data.forEach((value, n) => {
        expect(value).toBeCloseTo(own[n]! * by[n % 6]!, 6);
      });
    }
    expect(Float64Array.from(attention.output.weight.data)).toEqual(
      Float64Array.from(arrays.get("dense.0.output") as Float32Array),
    );
  });

  test("the channels' means have a weight in the loss", async () => {
    const still = { norm: "chain", epochs: 1, blockRate: 1e-9, learningRate: 1e-9 } as const;
    const loss = async (chainMean: number) => (await trained({ ...still, chainMean })).reports[0]!.loss;
    expect(await loss(50)).toBeGreaterThan((await loss(0)) + 1e-3);
  });
});

test.each<[string, Partial<TransformerTrainOptions>]>([
  ["orthogonal", { feedForward: "orthogonal", inner: 5 }],
  ["chain", { norm: "chain" }],
  ["both", { feedForward: "orthogonal", norm: "chain" }],
])("%s: the saved model comes back, and its certificates withstand random edits", async (_, changes) => {
  const { weights, reports } = await trained(changes);
  const best = reports.find((report) => report.best)!;
  expect(best.validation!.certified[0]).toBeGreaterThan(0.2);
  const files = writeModelFolder(weights);
  const model = await readModelFolder(
    async (name) => files.get(name) ?? null,
    () => "",
    "x",
  );
  expect(model).toBeInstanceOf(NativeTransformer);
  const own = transformerOf(weights, "x");
  const random = new Random(3);
  let certified = 0;
  for (const { text } of held) {
    const { verdict, prediction } = nativeLipschitz(model as NativeTransformer, text, unicodeAlphabet(), 1);
    expect(prediction).toEqual(own.predict(text));
    if (verdict.certified !== 1) continue;
    certified++;
    for (let n = 0; n < 60; n++) {
      const at = Math.floor(random.next() * (text.length + 1));
      const letter = " abcdefghijklmnopqrstuvwxyz"[Math.floor(random.next() * 27)]!;
      const cut = random.next() < 0.6 ? 1 : 0;
      const edited = text.slice(0, at) + (random.next() < 0.7 ? letter : "") + text.slice(at + cut);
      expect(model.predict(edited)).toMatchObject({ label: prediction.label });
    }
  }
  expect(certified).toBeGreaterThan(2);
});
