/**
 * Method `lipschitz` for native Transformers against brute force over every string within reach, with no slack: never a margin
 * above the true one; and how near it comes.
 */
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import { NativeTransformer } from "../../src/model/native-transformer.js";
import { compare, sure, tightFor } from "./lipschitz-native-held.js";

test.each([
  [1, 1, 9],
  [1, 2, 5],
  [2, 1, 8],
  [2, 2, 5],
])("blocks %d, %d edits: no margin above the true one", (blocks, edits, length) => {
  const ratios: number[] = [];
  for (let seed = 0; seed < 100; seed++) {
    const { fell, bound } = compare(seed, blocks, edits, length);
    // Where no more than the verdict is asked for, bounds say no more than they must.
    if (fell > 0 && tightFor(seed)) ratios.push(bound / fell);
  }
  ratios.sort((a, b) => a - b);
  expect(ratios.length).toBeGreaterThan(25);
  // One edit and one block: what is taken and brought is computed, so half of the bounds are the truth or nearly so.
  if (blocks === 1 && edits === 1) expect(ratios[ratios.length >> 1]!).toBeLessThan(1.3);
});

test.each(
  (["cosine", "distance"] as const).flatMap((similarity) => [
    [similarity, 1, 1, 8, 60] as const,
    [similarity, 1, 2, 5, 40] as const,
    [similarity, 2, 1, 7, 60] as const,
    [similarity, 2, 2, 4, 40] as const,
  ]),
)("%s, blocks %d, %d edits: no margin above the true one", (similarity, blocks, edits, length, seeds) => {
  const ratios: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { fell, bound } = compare(seed, blocks, edits, length, similarity);
    if (fell > 0 && tightFor(seed)) ratios.push(bound / fell);
  }
  ratios.sort((a, b) => a - b);
  expect(ratios.length).toBeGreaterThan(seeds / 4);
  if (blocks === 1 && edits === 1) expect(ratios[ratios.length >> 1]!).toBeLessThan(1.3);
});

describe("what no bound is proven for is left open", () => {
  const model = sure(5, 1);
  const word = [..."ab"]
    .flatMap((a) => ["", ..."ab"].map((b) => a + b))
    .find((candidate) => model.rowOf(candidate) >= 0)!;

  test("a text of more words than attention is kept for", () => {
    const text = Array(60).fill(word).join(" ");
    const { verdict } = nativeLipschitz(model, text, asciiAlphabet(), 1, { weights: 5000 });
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0, broken: null });
    expect("reason" in verdict && verdict.reason).toMatch(
      /^60 embedded words are more than the 50 whose attention/,
    );
    expect(nativeLipschitz(model, text, asciiAlphabet(), 0, { weights: 5000 }).verdict.verdict).toBe(
      "certified",
    );
  });

  test("weights so large that the rounding of scores can't be bounded", () => {
    const [block] = model.blocks;
    const { query } = block!.attention;
    const huge = { ...query.weight, data: query.weight.data.map((value) => value * 2 ** 50) as Float64Array };
    const attention = { ...block!.attention, query: { weight: huge, bias: null } };
    const parts = { rows: model.rows, embedding: model.embedding, readout: model.readout };
    const large = new NativeTransformer(
      model.additive,
      { ...parts, blocks: [{ ...block!, attention }] },
      model.identity,
    );
    const { verdict } = nativeLipschitz(large, `${word} ${word}`, asciiAlphabet(), 1);
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
    expect("reason" in verdict && verdict.reason).toMatch(/too large to bound the rounding/);
  });
});
