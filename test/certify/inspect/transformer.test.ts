/** `inspect` of native Transformers: its bound is that of the method `lipschitz`, split by layers and words. */
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { nativeLipschitz } from "../../../src/certify/lipschitz/native.js";
import { asciiAlphabet, listAlphabet } from "../../../src/edits/alphabet.js";
import { SIMILARITIES } from "../../../src/layers/similarity.js";
import { NativeModel } from "../../../src/model/native.js";
import { NativeTransformer } from "../../../src/model/native-transformer.js";
import { toGrid } from "../../../src/numeric/grid.js";
import { allWithin } from "../../oracle/all-within.js";
import { randomModel, randomString, seeded } from "../../oracle/random-model.js";
import { randomTransformer } from "../../oracle/random-transformer.js";
import { expectConsistent } from "./held.js";

const letters = [..."ab "];
const ab = listAlphabet(
  "ab",
  letters.map((c) => c.codePointAt(0)!),
);

function modelOf(seed: number, blocks: number, lead: number): NativeTransformer {
  const random = seeded(seed);
  const small = randomModel(
    random,
    (["words", "patterns"] as const)[seed % 2]!,
    2 + (seed % 3 === 0 ? 1 : 0),
  );
  const bias = small.bias.map((value, y) => value + (y === seed % 2 ? toGrid(lead) : 0));
  const additive = new NativeModel({ ...small, bias }, small.identity);
  return randomTransformer(random, additive, {
    blocks,
    gain: 0.05 + 0.4 * random(),
    similarity: SIMILARITIES[(seed >> 1) % 3]!,
  });
}

test.each([0, 1, 2, 3])("%d blocks: the bound is the method's", async (blocks) => {
  const seen = { certified: 0, open: 0, charged: 0, later: 0 };
  for (let seed = 0; seed < 60; seed++) {
    const model = modelOf(seed, blocks, seed % 4 === 0 ? 30 : seed % 3);
    const text = randomString(seeded(seed + 7), letters, 9);
    const found = await inspect(model, text, { alphabet: ab });
    expectConsistent(found);
    const method = nativeLipschitz(model, text, ab, 1, { tight: true });
    expect(found.kind).toBe("transformer");
    expect(found.bound).toBe(method.margins[1]!.lower);
    expect(found.margin).toBe(method.margins[0]!.lower);
    expect(found.certified).toBe(method.verdict.certified === 1);
    seen[found.certified ? "certified" : "open"]++;
    const names = found.layers.map(({ name }) => name);
    if (names.includes("block 1 attention")) seen.charged++;
    if (names.includes("block 2")) seen.later++;
    // Nothing is proven that brute force refutes, at any place.
    const winner = found.prediction.index;
    for (const string of allWithin(text, letters, 1)[1]!) {
      const { scores } = model.predict(string);
      const margin = scores[winner]! - Math.max(...scores.filter((_, y) => y !== winner));
      expect(found.bound!).toBeLessThanOrEqual(margin + 1e-12);
    }
    if (found.sites.length > 0 && blocks > 0)
      expect(Math.min(found.bound!, found.sites[0]!.lower)).toBe(found.bound);
  }
  expect(Math.min(seen.certified, seen.open)).toBeGreaterThan(blocks > 1 ? 1 : 5);
  if (blocks > 0) expect(seen.charged).toBeGreaterThan(20);
  if (blocks > 1) expect(seen.later).toBeGreaterThan(20);
});

test("the margin that is asked for is the least that certifies", async () => {
  let tried = 0;
  for (let seed = 0; seed < 60; seed++) {
    const model = modelOf(seed, 1 + (seed % 2), seed % 3);
    const text = randomString(seeded(seed + 7), letters, 9);
    const found = await inspect(model, text, { alphabet: ab });
    const change = found.changes.find(({ what }) => what === "margin");
    if (change?.what !== "margin") throw new Error("no margin");
    for (const [slack, certified] of [
      [2 ** -18, true],
      [-(2 ** -18), false],
    ] as const) {
      const more = toGrid(change.needed - change.now + slack);
      const winner = found.prediction.index;
      const bias = model.additive.bias.map((value, y) => value + (y === winner ? more : 0));
      const { rows, embedding, readout, blocks } = model;
      const moved = new NativeTransformer(
        new NativeModel({ ...model.additive, bias }, model.identity),
        { rows, embedding, readout, blocks },
        model.identity,
      );
      const answer = nativeLipschitz(moved, text, ab, 1, { tight: true });
      if (answer.prediction.index !== winner) continue;
      expect(answer.verdict.certified === 1).toBe(certified);
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(60);
});

test("what later blocks may lose at most: with blocks whose gains are scaled down so far, the loss is below what is asked for", async () => {
  let tried = 0;
  for (let seed = 0; seed < 80 && tried < 5; seed++) {
    const model = modelOf(seed, 2, 6);
    const text = randomString(seeded(seed + 7), letters, 9);
    const found = await inspect(model, text, { alphabet: ab });
    const change = found.changes.find((one) => one.what === "layer" && one.layer === "later blocks");
    if (change?.what !== "layer" || change.scale === null) continue;
    const now = found.layers.find(({ name }) => name === "block 2")!.loss;
    // A second block that does next to nothing loses next to nothing, which is below any loss that is asked for.
    const { rows, embedding, readout, blocks } = model;
    const weak = blocks.map((block, l) =>
      l === 0
        ? block
        : {
            ...block,
            attentionGain: 1e-9 * block.attentionGain,
            feedForwardGain: 1e-9 * block.feedForwardGain,
          },
    );
    const moved = new NativeTransformer(
      model.additive,
      { rows, embedding, readout, blocks: weak },
      model.identity,
    );
    const after = await inspect(moved, text, { alphabet: ab });
    const left = after.layers.find(({ name }) => name === "block 2")!.loss;
    if (after.prediction.index !== found.prediction.index) continue;
    expect(left).toBeLessThan(now * Math.max(change.scale, 1e-6));
    // The margin is another one too, by what the second block gave.
    const gave = found.margin - after.margin;
    if (found.prediction.scores.length === 2 && gave <= 0) {
      expect(after.certified).toBe(true);
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(2);
});

test("what has no bound says so", async () => {
  const model = modelOf(5, 1, 30);
  const [block] = model.blocks;
  const { query } = block!.attention;
  const huge = { ...query.weight, data: query.weight.data.map((value) => value * 2 ** 50) as Float64Array };
  const { rows, embedding, readout, additive, identity } = model;
  const attention = { ...block!.attention, query: { weight: huge, bias: null } };
  const large = new NativeTransformer(
    additive,
    { rows, embedding, readout, blocks: [{ ...block!, attention }] },
    identity,
  );
  const found = await inspect(large, "a b", { alphabet: asciiAlphabet() });
  expect(found).toMatchObject({ bound: null, loss: null, certified: false, layers: [] });
  expect(found.notes.join()).toMatch(/too large to bound the rounding/);
  await expect(inspect(model, "a", { exactBlocks: 1 })).rejects.toThrow(
    /exactBlocks is 1, but random is no encoder/,
  );
});
