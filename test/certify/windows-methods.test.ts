/** What assumes no order of words must not where heads see windows: every method, `verify` and `inspect` on such models. */
import { certify } from "../../src/certify/certify.js";
import { checkTransformerRecord } from "../../src/certify/check-transformer.js";
import { inspect } from "../../src/certify/inspect/inspect.js";
import { laterLoss, spreads } from "../../src/certify/lipschitz/later-blocks.js";
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { WordChanges } from "../../src/certify/lipschitz/word-changes.js";
import { plainBlocks } from "../../src/certify/plain-blocks.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { foldedAlphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { attention } from "../../src/layers/attention.js";
import { feedForward } from "../../src/layers/feed-forward.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { allWithin } from "../oracle/all-within.js";
import { seeded } from "../oracle/random-model.js";
import { randomWindow, withWindows } from "../oracle/random-windows.js";
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
  for (let seed = 0; seed < 30; seed++) {
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
  expect(two).toBeGreaterThan(8);
});

/** The model up to a block, with the identity for a readout of one token's state at a time. */
function states(model: NativeTransformer, tokens: readonly number[], blocks: number): number[][] {
  let h = model.embed(tokens);
  for (const block of model.blocks.slice(0, blocks)) {
    const attended = attention(block.attention, h);
    h = h.map((value, i) => value + block.attentionGain * attended[i]!);
    const fed = feedForward(block.feedForward, h);
    h = h.map((value, i) => value + block.feedForwardGain * fed[i]!);
  }
  const d = model.embedding.columns;
  return tokens.map((_, i) => [...h.subarray(i * d, (i + 1) * d)]);
}

test("no more tokens have moved behind a block than windows reach", () => {
  let full = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = seeded(seed);
    const model = withWindows(looking(seed, 3), (heads) =>
      Array.from({ length: heads }, () => randomWindow(random, 2, 0)),
    );
    const row = () => Math.floor(random() * model.embedding.rows);
    const tokens = Array.from({ length: 16 + Math.floor(random() * 10) }, row);
    const edits = 1 + (seed % 2);
    const kept = tokens.map((_, i) => i);
    const edited: { row: number; from: number }[] = kept.map((from) => ({ row: tokens[from]!, from }));
    for (let e = 0; e < edits; e++) {
      const at = Math.floor(random() * (edited.length - 1));
      const comes = Array.from({ length: Math.floor(random() * 3) }, () => ({ row: row(), from: -1 }));
      edited.splice(at, 1 + Math.floor(random() * 2), ...comes);
    }
    const most = spreads(model.blocks, edits);
    most.forEach((spread, b) => {
      const before = states(model, tokens, b + 1);
      const after = states(
        model,
        edited.map(({ row }) => row),
        b + 1,
      );
      const moved = edited.filter(
        ({ from }, i) =>
          from >= 0 && after[i]!.some((value, c) => Math.abs(value - before[from]![c]!) > 1e-12),
      ).length;
      expect(moved).toBeLessThanOrEqual(spread);
      if (moved === spread && spread > 0) full++;
    });
  }
  expect(full).toBeGreaterThan(25);
});

test("so what later blocks lose doesn't grow with the text", () => {
  const model = withWindows(looking(7, 2), (heads) =>
    Array.from({ length: heads }, () => ({ before: 1, after: 0 })),
  );
  const lossOf = (n: number) => laterLoss(model, Array(n).fill(0), 0, 1, 1).loss;
  expect(lossOf(80)).toBeCloseTo(lossOf(20), 6);
});
