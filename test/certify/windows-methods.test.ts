/** What assumes no order of words must not where heads see windows: every method, `verify` and `inspect` on such models. */
import { certify } from "../../src/certify/certify.js";
import { checkTransformerRecord } from "../../src/certify/check-transformer.js";
import { inspect } from "../../src/certify/inspect/inspect.js";
import { laterLoss } from "../../src/certify/lipschitz/later-blocks.js";
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { WordChanges } from "../../src/certify/lipschitz/word-changes.js";
import { plainBlocks } from "../../src/certify/plain-blocks.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { foldedAlphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { NativeTransformer } from "../../src/model/native-transformer.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import { allWithin } from "../oracle/all-within.js";
import { seeded } from "../oracle/random-model.js";
import { withWindows } from "../oracle/random-windows.js";
import { looking, shortWords } from "./lipschitz-windows-held.js";

const LETTERS = [..."ab "];
const ab = listAlphabet("ab", [97, 98, 32]);

/** The same model reading the words from the other end: where order counts, another one. */
const mirrored = (model: NativeTransformer) =>
  withWindows(
    model,
    (_, b) =>
      model.blocks[b]!.attention.windows?.map(({ before, after }) => ({ before: after, after: before })) ??
      null,
  );

/** [labels] least margins of `winner` over all strings within so many edits. */
function leastOf(model: NativeTransformer, text: string, winner: number, edits: number): number[] {
  const least = model.labels.map(() => Number.POSITIVE_INFINITY);
  for (const string of allWithin(text, LETTERS, edits).flat())
    for (const [y, score] of model.predict(string).scores.entries())
      if (y !== winner) least[y] = Math.min(least[y]!, model.predict(string).scores[winner]! - score);
  return least;
}

test.each([
  [1, 9],
  [2, 5],
])(
  "trying every sequence of words, %d edits: the least margins are those of every string",
  (edits, length) => {
    for (let seed = 0; seed < 20; seed++) {
      const model = looking(seed, 1 + (seed % 2));
      const text = shortWords(seed, length);
      const found = plainBlocks(model, text, ab, 0, edits);
      if (!found.done) throw new Error(found.reason);
      for (const [y, margin] of leastOf(model, text, 0, edits).entries())
        if (y !== 0) expect([seed, Math.abs(found.least[y]! - margin) < 1e-9]).toEqual([seed, true]);
    }
  },
);

test("method enumerate has the least margin of every string", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const model = looking(seed, 1);
    const text = shortWords(seed, 9);
    const { margins, prediction } = await certify(model, text, {
      edits: 1,
      alphabet: ab,
      method: "enumerate",
    });
    if (margins.length < 2) continue;
    const least = Math.min(...leastOf(model, text, prediction.index, 1));
    expect(margins[1]!.lower).toBeCloseTo(least, 9);
  }
});

test("certificates hold for the model that they are of, and not for its mirror image", async () => {
  let [held, refused] = [0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const model = looking(seed, 1 + (seed % 2));
    const text = shortWords(seed, 12);
    const answer = await certify(model, text, { edits: 1, alphabet: ab });
    const row = { id: 0, text, label: null, correct: null };
    const line = JSON.parse(JSON.stringify({ ...row, ...answer })) as ResultRecord;
    expect([seed, checkTransformerRecord(model, line, ab).problems]).toEqual([seed, []]);
    if (answer.verdict === "certified") held++;
    // Their hashes are empty here, so that it's the numbers that tell.
    const other = mirrored(model);
    const apart = model
      .predict(text)
      .scores.some((score, y) => Math.abs(score - other.predict(text).scores[y]!) > 1e-6);
    if (apart && !checkTransformerRecord(other, line, ab).holds) refused++;
    else expect(apart).toBe(false);
  }
  expect(held).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(2);
});

test("inspect has the method's bound", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const model = looking(seed, 1 + (seed % 2));
    const text = shortWords(seed, 11);
    const found = await inspect(model, text, { alphabet: ab });
    const { margins } = nativeLipschitz(model, text, ab, 1, { tight: true });
    expect(found.bound).toBe(margins[1]!.lower);
  }
});

test("lists of what comes are in the order of the text", () => {
  let two = 0;
  for (let seed = 0; seed < 60; seed++) {
    const model = looking(seed, 1);
    if (model.blocks[0]!.attention.windows!.every(({ before, after }) => before === null && after === null))
      continue;
    const changes = new WordChanges(model, foldedAlphabet(ab).allowed);
    const rows = (text: string) =>
      text.split(" ").flatMap((word) => (model.rowOf(word) < 0 ? [] : [model.rowOf(word)]));
    const random = seeded(seed);
    for (let n = 0; n < 4; n++) {
      const word = Array.from({ length: Math.floor(random() * 5) }, () => (random() < 0.5 ? "a" : "b")).join(
        "",
      );
      const [, once, twice] = allWithin(word, LETTERS, 2);
      const unchanged = rows(word).join();
      const single = new Set(changes.of([word], 1).map(String));
      const double = new Set(changes.of([word], 2).map(String));
      for (const text of once!) {
        if (rows(text).length > 1) two++;
        expect(single.has(rows(text).join()) || rows(text).join() === unchanged).toBe(true);
      }
      for (const text of twice!) expect(double).toContain(rows(text).join());
    }
  }
  expect(two).toBeGreaterThan(20);
});

/**
 * Two blocks in which every word attends to a rare one, if it sees it, and takes over what it says: an edit of that word is felt as far as windows
 * reach twice.
 */
function relayed(reach: number): NativeTransformer {
  const model = looking(4, 2);
  const zeros = (rows: number, columns: number, ...ones: [number, number, number][]): Matrix => {
    const data = new Float64Array(rows * columns);
    for (const [r, c, value] of ones) data[r * columns + c] = value;
    return { rows, columns, data };
  };
  const linear = (...ones: [number, number, number][]) => ({ weight: zeros(2, 2, ...ones), bias: null });
  const window = { before: reach, after: reach };
  const blocks = model.blocks.map((block) => ({
    ...block,
    attentionGain: 1,
    feedForwardGain: 0,
    attention: {
      kind: "null-mass" as const,
      heads: 1,
      scale: 1,
      limit: 3,
      nullMass: 0.1,
      windows: [window],
      query: linear([0, 0, 9]),
      key: linear([0, 1, 9]),
      value: linear([0, 1, 1]),
      output: linear([1, 0, 1]),
    },
    feedForward: {
      kind: "mlp" as const,
      activation: "relu" as const,
      inner: linear(),
      outer: linear(),
    },
  }));
  const rows = model.rows.map((row) => (row > 1 ? -1 : row)) as Int32Array;
  const weights = {
    rows,
    embedding: zeros(2, 2, [0, 0, 1], [1, 1, 1]),
    readout: zeros(model.labels.length, 2, [0, 1, 1]),
    blocks,
  };
  return new NativeTransformer(model.additive, weights, model.identity);
}

test("what later blocks lose is felt as far as windows reach, and no farther", () => {
  const lossOf = (model: NativeTransformer, n: number) => {
    const tokens = Array.from({ length: n }, (_, i) => (i === n >> 1 ? 1 : 0));
    const { loss } = laterLoss(model, tokens, 0, 1, 1);
    const whole = new NativeTransformer(
      model.additive,
      { ...model, blocks: model.blocks.slice(0, 1) },
      model.identity,
    );
    const later = (rows: readonly number[]) => model.branches(rows)[0]! - whole.branches(rows)[0]!;
    const gone = tokens.map(() => 0);
    expect(later(tokens) - later(gone)).toBeLessThanOrEqual(loss);
    return { loss, fell: later(tokens) - later(gone) };
  };
  const near = relayed(4);
  // Sixteen words and more feel it, each by nearly 1.
  expect(lossOf(near, 40).fell).toBeGreaterThan(10);
  expect(lossOf(near, 100).loss).toBeCloseTo(lossOf(near, 40).loss, 6);
});
