/**
 * Changes of embeddings against every text within the edits, tokenised whole and compared by plain formulas: attained
 * at one edit, never exceeded at two, supersets included.
 */
import fc from "fast-check";
import { embeddingChange, sumChange } from "../../src/bounds/embedding-change.js";
import { mostBy } from "../../src/bounds/site-budget.js";
import { NORM_NAMES, type NormName, tokenCosts } from "../../src/bounds/token-costs.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { matrix } from "../../src/numeric/matrix.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { type Reached, reach } from "../../src/tokenizer/reach.js";
import { randomString, randomVocabulary, seeded } from "../oracle/random-model.js";
import { allTexts } from "../tokenizer/reach-oracle.js";
import { plainAlignment, plainNorm } from "./plain-alignment.js";

const alphabet = listAlphabet(
  "ab ",
  [..."ab "].map((c) => c.charCodeAt(0)),
);
const COLUMNS = 3;

function setting(seed: number) {
  const random = seeded(seed);
  const kind = (["words", "pieces", "patterns"] as const)[seed % 3]!;
  const tokenizer = nativeTokenizer(randomVocabulary(random, kind, ["a", "b"]));
  const embedding = matrix(
    tokenizer.size,
    COLUMNS,
    Array.from({ length: tokenizer.size * COLUMNS }, () => random() * 4 - 2),
  );
  const vectors = (ids: ArrayLike<number>) =>
    Array.from(ids, (id) => [...embedding.data.subarray(id * COLUMNS, (id + 1) * COLUMNS)]);
  return { tokenizer, embedding, vectors, text: randomString(random, ["a", "b", " "], 6) };
}

/** The most that the sites' changes come to with all of the edits. */
function claimed(reached: Reached, costs: ReturnType<typeof tokenCosts>) {
  const changes = embeddingChange(reached, costs);
  const most = (of: "sum" | "aligned" | "longest") =>
    mostBy(reached, (_, level, index) => Math.max(0, changes[index]![level]![of])).at(-1)!;
  return { sum: most("sum"), aligned: most("aligned"), longest: most("longest") };
}

function real(seed: number, norm: NormName, k: number) {
  const { tokenizer, vectors, text } = setting(seed);
  const base = vectors(tokenizer.ids(text));
  const total = (rows: number[][]) =>
    Array.from({ length: COLUMNS }, (_, c) => rows.reduce((sum, row) => sum + row[c]!, 0));
  const before = total(base);
  const most = { sum: 0, aligned: 0, longest: 0 };
  for (const string of allTexts(text, alphabet, k)) {
    const rows = vectors(tokenizer.ids(string));
    most.sum = Math.max(
      most.sum,
      plainNorm(
        norm,
        total(rows).map((value, c) => value - before[c]!),
      ),
    );
    most.aligned = Math.max(most.aligned, plainAlignment(norm, base, rows));
    most.longest = Math.max(most.longest, rows.length - base.length);
  }
  return most;
}

describe.each(NORM_NAMES)("%s", (norm) => {
  test("at one edit the bound is what some text attains", () => {
    for (let seed = 0; seed < 60; seed++) {
      const { tokenizer, embedding, text } = setting(seed);
      const found = claimed(reach(tokenizer, text, alphabet, 1), tokenCosts(embedding, norm));
      const most = real(seed, norm, 1);
      for (const key of ["sum", "aligned", "longest"] as const) {
        expect(found[key]).toBeGreaterThanOrEqual(most[key] * (1 - 1e-14));
        expect(found[key]).toBeLessThanOrEqual(most[key] * (1 + 1e-12) + 1e-12);
      }
    }
  });
  test.each([1e6, 20, 0])("at two edits, %d strings allowed, no text exceeds it", (strings) => {
    let loose = 0;
    for (let seed = 100; seed < 130; seed++) {
      const { tokenizer, embedding, text } = setting(seed);
      const reached = reach(tokenizer, text, alphabet, 2, { strings });
      for (const { levels } of reached.sites) loose += levels.filter(({ exact }) => !exact).length;
      const found = claimed(reached, tokenCosts(embedding, norm));
      const most = real(seed, norm, 2);
      for (const key of ["sum", "aligned", "longest"] as const)
        expect(found[key]).toBeGreaterThanOrEqual(most[key] * (1 - 1e-14));
    }
    expect(loose > 0).toBe(strings < 1e6);
  });
});

test("changes of the sum are rounded upwards, whatever cancels", () => {
  const integers = fc.integer({ min: -(2 ** 53), max: 2 ** 53 });
  const values = fc.tuple(integers, fc.nat(9)).map(([value, shift]) => value * 2 ** shift);
  fc.assert(
    fc.property(
      fc.array(values, { minLength: 6, maxLength: 6 }),
      fc.array(fc.nat(5), { maxLength: 8 }),
      fc.array(fc.nat(5), { maxLength: 8 }),
      (data, from, to) => {
        const costs = tokenCosts(matrix(6, 1, data), "l1");
        const exact = (ids: number[]) => ids.reduce((sum, id) => sum + BigInt(data[id]!), 0n);
        const change = exact(to) - exact(from);
        const bound = sumChange(from, to, costs);
        expect(BigInt(Math.floor(bound))).toBeGreaterThanOrEqual(change < 0n ? -change : change);
      },
    ),
    { numRuns: 500 },
  );
});

test("without knowledge of the spelling nothing is claimed", () => {
  const { tokenizer, embedding } = setting(3);
  const reached = reach({ ...tokenizer, spelling: undefined }, "a b", alphabet, 2, { strings: 0 });
  const [change] = embeddingChange(reached, tokenCosts(embedding, "l2"));
  expect(change!.map(({ exact, sum }) => [exact, sum === Infinity])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
});
