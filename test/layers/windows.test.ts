/** Attention with windows against sums over the tokens that a window holds, written out. */

import { plainBranches } from "../../src/certify/plain-transformer.js";
import { attention, type NullMassAttention } from "../../src/layers/attention.js";
import { isWindowed, seenBy, type Window } from "../../src/layers/windows.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { randomlyWindowed, randomWindow, withWindows } from "../oracle/random-windows.js";

const d = 4;
const heads = 2;

function layerOf(random: () => number, windows?: readonly Window[]): NullMassAttention {
  const linear = () => ({
    weight: { rows: d, columns: d, data: Float64Array.from({ length: d * d }, () => 2 * random() - 1) },
    bias: null,
  });
  const parts = { query: linear(), key: linear(), value: linear(), output: linear() };
  const layer = { kind: "null-mass" as const, heads, scale: 0.7, limit: 2, nullMass: 1.5, ...parts };
  return windows === undefined ? layer : { ...layer, windows };
}

const tokens = (random: () => number, n: number) =>
  Float64Array.from({ length: n * d }, () => 2 * random() - 1);

/** What token i gets: of the tokens it sees alone, all of which a layer without windows reads. */
function written(layer: NullMassAttention, x: Float64Array, i: number): number[] {
  const n = x.length / d;
  const { windows, ...free } = layer;
  const out = new Array<number>(d).fill(0);
  for (let h = 0; h < heads; h++) {
    const seen: number[] = [];
    for (let j = 0; j < n; j++) {
      const side = j < i ? windows![h]!.before : windows![h]!.after;
      if (j === i || side === null || Math.abs(j - i) <= side) seen.push(j);
    }
    const part = Float64Array.from(seen.flatMap((j) => [...x.subarray(j * d, (j + 1) * d)]));
    // The output map of one head alone.
    const data = free.output.weight.data.map((value, at) =>
      Math.floor((at % d) / (d / heads)) === h ? value : 0,
    ) as Float64Array;
    const alone = { ...free, output: { weight: { ...free.output.weight, data }, bias: null } };
    const mine = attention(alone, part).subarray(seen.indexOf(i) * d, (seen.indexOf(i) + 1) * d);
    for (let c = 0; c < d; c++) out[c] = out[c]! + mine[c]!;
  }
  return out;
}

test("each query sums over what its window holds", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seeded(seed);
    const layer = layerOf(random, [randomWindow(random), randomWindow(random)]);
    const x = tokens(random, 1 + Math.floor(random() * 8));
    const out = attention(layer, x);
    for (let i = 0; i < x.length / d; i++)
      for (const [c, value] of written(layer, x, i).entries()) expect(out[i * d + c]).toBeCloseTo(value, 12);
  }
});

test("windows without limits are none, to the last bit", () => {
  const free = { before: null, after: null };
  const [plain, windowed] = [layerOf(seeded(1)), layerOf(seeded(1), [free, free])];
  const x = tokens(seeded(2), 7);
  expect(attention(windowed, x)).toEqual(attention(plain, x));
  expect(isWindowed(windowed)).toBe(false);
  expect(isWindowed(layerOf(seeded(1), [free, { before: 0, after: null }]))).toBe(true);
});

test("what a window holds", () => {
  expect(seenBy({ before: 2, after: 0 }, 5, 9)).toEqual({ first: 3, last: 5 });
  expect(seenBy({ before: 9, after: 9 }, 5, 9)).toEqual({ first: 0, last: 8 });
  expect(seenBy({ before: null, after: 1 }, 5, 9)).toEqual({ first: 0, last: 6 });
  expect(seenBy(undefined, 5, 9)).toEqual({ first: 0, last: 8 });
});

test("order counts for models with windows alone", () => {
  const model = randomTransformer(seeded(3), randomModel(seeded(3), "words", 2), { blocks: 1 });
  const [row, other] = [0, 1];
  const looking = withWindows(model, () => [
    { before: 1, after: 0 },
    { before: 0, after: 1 },
  ]);
  const apart = (m: typeof model) => m.branches([row, other])[0]! - m.branches([other, row])[0]!;
  expect(Math.abs(apart(model))).toBeLessThan(1e-12);
  expect(Math.abs(apart(looking))).toBeGreaterThan(1e-3);
});

test("the checker's forward is the model's", () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seeded(seed);
    const additive = randomModel(random, "words", 3);
    const shape = { blocks: 1 + (seed % 3), heads: 1 + (seed % 2) };
    const model = randomlyWindowed(random, randomTransformer(random, additive, shape));
    const rows = Array.from({ length: Math.floor(random() * 9) }, () =>
      Math.floor(random() * model.embedding.rows),
    );
    const plain = plainBranches(model, rows);
    for (const [y, value] of model.branches(rows).entries()) expect(plain[y]).toBeCloseTo(value, 10);
  }
});
