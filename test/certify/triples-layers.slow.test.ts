/**
 * Random (model, text, edits) triples against all texts within the edits, without slack: every kind of layer in small stacks, by the balls of its
 * bounds, up to 3 edits; and encoders of every kind by the chain, one edit. (With those of triples.slow.test.ts, 10,000 or more.)
 */
import { layerCases } from "../oracle/layer-cases.js";
import { seeded } from "../oracle/random-model.js";
import { encoderTriples } from "./encoder-triples.js";
import { LayerStack, stackTriples } from "./layer-stacks.js";
import { Tally } from "./triples.js";

const tally = new Tally();
const names = layerCases(seeded(1)).map(({ name }) => name);

test("stacks of layers, up to 3 edits: each kind of layer in 12 of its own", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seeded(seed);
    const cases = layerCases(random);
    for (const must of cases)
      stackTriples(tally, random, new LayerStack(random, cases, must), `seed ${seed}, ${must.name}`);
  }
  expect(tally.violations).toEqual([]);
});

test("encoders, one edit", () => {
  for (let seed = 1; seed <= 400; seed++) encoderTriples(tally, seed);
  expect(tally.violations).toEqual([]);
});

test("a bound that is too high is found out", () => {
  const found = new Tally();
  found.add({ kinds: ["a"], edits: 1, base: 1, bound: 0.5, truth: 0.5 - 2 ** -54, what: "" });
  expect(found.violations).toHaveLength(1);
});

test("enough of each kind", () => {
  process.stdout.write(`${tally.summary()}\n`);
  for (const name of names) expect(tally.countOf(name)).toBeGreaterThan(100);
  for (const kind of ["softmax", "cosine", "distance", "sigmoid", "null-mass"])
    expect(tally.countOf(`encoder with ${kind} attention`)).toBeGreaterThan(40);
  for (const kind of ["layer", "rms", "center", "scale", "none"])
    expect(tally.countOf(`encoder with norm ${kind}`)).toBeGreaterThan(40);
  for (const kind of ["mlp", "orthogonal"])
    expect(tally.countOf(`encoder with feed-forward ${kind}`)).toBeGreaterThan(20);
  for (const edits of [1, 2, 3]) expect(tally.countOf(`k = ${edits}`)).toBeGreaterThan(400);
  expect(tally.count).toBeGreaterThanOrEqual(3300);
});
