/** `inspect` of LipsLev models: the constant taken apart, at edits of every kind, and the published model if it is there. */
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { lipslevLayers } from "../../../src/certify/inspect/lipslev-chain.js";
import { editCosts, worstCost } from "../../../src/certify/lipslev/constants.js";
import { editedIds } from "../../../src/certify/lipslev/edited-text.js";
import { certifyLipslev } from "../../../src/certify/lipslev/lipslev.js";
import { type IdEdit, SingleEdits } from "../../../src/certify/lipslev/single-edits.js";
import { listAlphabet } from "../../../src/edits/alphabet.js";
import { allWithin } from "../../oracle/all-within.js";
import { randomString, seeded } from "../../oracle/random-model.js";
import { randomLipslev } from "../lipslev/random-model.js";
import { agNews, present, published } from "../lipslev/shared.js";
import { expectConsistent } from "./held.js";

const letters = [..."abc"];
const abc = listAlphabet(
  "abc",
  letters.map((c) => c.codePointAt(0)!),
);

const modelOf = (seed: number) => {
  const random = seeded(seed);
  return randomLipslev(random, {
    kernelSize: 1 + (seed % 4),
    labels: 2 + (seed % 2),
    p: ([1, 2, Number.POSITIVE_INFINITY] as const)[seed % 3]!,
    maxCharacters: seed % 5 === 0 ? 5 : 50,
    lean: seed % 4 === 0 ? 12 : 0,
  });
};

test("at every single edit the layers' losses are none below 0 and add up to the cost of any edit", () => {
  let edits = 0;
  for (let seed = 0; seed < 40; seed++) {
    const model = modelOf(seed);
    const { ids } = model.read(randomString(seeded(seed + 3), letters, 8));
    const cut = ids.length + 1 > model.maxCharacters;
    const cost = worstCost(editCosts(model, 0, 1), cut);
    new SingleEdits(model, ids, 0, [1], [1, 2, 3]).run((kind, at, id) => {
      const edit: IdEdit = kind === "delete" ? { kind, at } : { kind, at, id };
      const layers = lipslevLayers(model, ids, edit, cut, 0, 1);
      const sum = layers.reduce((total, { loss }) => total + loss, 0);
      expect(Math.abs(sum - cost)).toBeLessThanOrEqual(1e-9 * cost);
      for (const { name, loss } of layers)
        if (name !== "the edit itself") expect([name, loss >= -1e-9 * cost]).toEqual([name, true]);
      const fell = (x: Int32Array) => model.logits(x)[0]! - model.logits(x)[1]!;
      expect(layers[0]!.loss).toBe(fell(ids) - fell(editedIds(ids, edit)));
      edits++;
      return true;
    });
  }
  expect(edits).toBeGreaterThan(500);
});

test("the bound is the constant's, the verdict the method's, the least that of brute force", async () => {
  const seen = { constant: 0, single: 0, open: 0 };
  for (let seed = 0; seed < 60; seed++) {
    const model = modelOf(seed);
    const text = randomString(seeded(seed + 5), letters, 7);
    const found = await inspect(model, text, { alphabet: abc });
    expectConsistent(found);
    const constant = certifyLipslev(model, text, abc, 1, { method: "constant" });
    if (constant.verdict.certified === 1) expect(found.bound).toBe(constant.margins[1]!.lower);
    else expect(found.bound!).toBeLessThanOrEqual(0);
    const method = certifyLipslev(model, text, abc, 1);
    expect(found.certified).toBe(method.verdict.certified === 1);
    seen[found.bound! > 0 ? "constant" : found.certified ? "single" : "open"]++;
    let least = found.margin;
    for (const string of allWithin(text, letters, 1)[1]!) {
      const { scores } = model.predict(string);
      const others = scores.filter((_, y) => y !== found.prediction.index);
      least = Math.min(least, scores[found.prediction.index]! - Math.max(...others));
    }
    expect(found.least!).toBeCloseTo(least, 9);
    for (const { lower } of found.sites) expect(lower).toBeGreaterThanOrEqual(found.least! - 1e-12);
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(3);
});

test("a factor as small as is asked for certifies by the constant, a larger one doesn't", async () => {
  let tried = 0;
  for (let seed = 0; seed < 60; seed++) {
    const model = modelOf(seed);
    const text = randomString(seeded(seed + 5), letters, 7);
    const found = await inspect(model, text, { alphabet: abc });
    const change = found.changes.find(({ what }) => what === "layer");
    if (change?.what !== "layer" || change.scale === null) continue;
    for (const [times, certified] of [
      [1, true],
      [1.001, false],
    ] as const) {
      const costs: typeof editCosts = (m, a, b) => {
        const { substitute, insert, delete: remove } = editCosts(m, a, b);
        const scale = change.scale! * times;
        return { substitute: substitute * scale, insert: insert * scale, delete: remove * scale };
      };
      const answer = certifyLipslev(model, text, abc, 1, { method: "constant", costs });
      expect(answer.verdict.certified === 1).toBe(certified);
    }
    tried++;
  }
  expect(tried).toBeGreaterThan(10);
});

(present ? test : test.skip)(
  "../shared/models/lipslev-ag-news: a published text (skipped where the folder is absent)",
  async () => {
    const model = await agNews();
    const { text } = published()[0]!;
    const found = await inspect(model, text);
    expectConsistent(found);
    expect(found.layers.map(({ name }) => name)).toEqual([
      "the edit itself",
      "other kinds of edit",
      "embedding",
      "convolution",
      "relu",
      "sum over windows",
      "head",
      "rounding",
    ]);
    expect(found.layers.find(({ name }) => name === "embedding")!.factor).toBe(model.norms.distance);
    expect(found.layers.find(({ name }) => name === "convolution")!.factor).toBe(model.norms.kernel);
  },
  60_000,
);
