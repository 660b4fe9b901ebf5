/**
 * Random (model, text, edits) triples against all texts within the edits, without slack: native Transformers, and LipsLev models.
 * (With those of triples-layers.slow.test.ts, 10,000 or more.)
 */
import { lipslevTriples, nativeTriples, Tally } from "./triples.js";

const tally = new Tally();

test.each([
  [0, 1, 6, 60],
  [0, 2, 5, 60],
  [0, 3, 3, 150],
  [1, 1, 7, 150],
  [1, 2, 5, 150],
  [1, 3, 3, 200],
  [2, 1, 6, 100],
  [2, 2, 4, 100],
  [2, 3, 3, 80],
])(
  "native Transformers of %d blocks, up to %d edits, up to %d characters: %d models",
  (blocks, most, length, models) => {
    for (let seed = 0; seed < models; seed++) nativeTriples(tally, 10_000 + seed, blocks, most, length);
    expect(tally.violations).toEqual([]);
  },
);

test("LipsLev, up to 3 edits", () => {
  for (let seed = 0; seed < 1200; seed++) lipslevTriples(tally, seed, 3, seed % 4 === 0 ? 5 : 4);
  expect(tally.violations).toEqual([]);
});

test("enough of each kind", () => {
  process.stdout.write(`${tally.summary()}\n`);
  for (const blocks of [0, 1, 2])
    expect(tally.countOf(`native Transformer of ${blocks} blocks`)).toBeGreaterThan(700);
  expect(tally.countOf("LipsLev, lipschitz")).toBeGreaterThan(1500);
  expect(tally.countOf("LipsLev, constant")).toBeGreaterThan(150);
  for (const edits of [1, 2, 3]) expect(tally.countOf(`k = ${edits}`)).toBeGreaterThan(700);
  expect(tally.count).toBeGreaterThanOrEqual(6700);
});
