/** `inspect` of additive models against brute force: the bound is exact, word by word. */
import { certify } from "../../../src/certify/certify.js";
import { exact } from "../../../src/certify/exact/exact.js";
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { listAlphabet } from "../../../src/edits/alphabet.js";
import { NativeModel } from "../../../src/model/native.js";
import { toGrid } from "../../../src/numeric/grid.js";
import { VOCABULARY_KINDS } from "../../../src/tokenizer/vocabulary.js";
import { allWithin } from "../../oracle/all-within.js";
import { randomModel, randomString, seeded } from "../../oracle/random-model.js";
import { expectConsistent } from "./held.js";

const letters = [..."ab "];
const ab = listAlphabet(
  "ab",
  letters.map((c) => c.codePointAt(0)!),
);
const modelOf = (seed: number) =>
  randomModel(seeded(seed), VOCABULARY_KINDS[seed % 3]!, 2 + (seed % 3 === 0 ? 1 : 0));
const textOf = (seed: number) => randomString(seeded(seed + 9), letters, 8);

test("the bound is the least margin of all texts within one edit, and each word's of the edits there", async () => {
  const seen = { certified: 0, broken: 0 };
  for (let seed = 0; seed < 150; seed++) {
    const model = modelOf(seed);
    const text = textOf(seed);
    const found = await inspect(model, text, { alphabet: ab });
    expectConsistent(found);
    const { prediction } = found;
    let least = found.margin;
    for (const string of allWithin(text, letters, 1)[1]!) {
      const { scores } = model.predict(string);
      const others = scores.filter((_, y) => y !== prediction.index);
      least = Math.min(least, scores[prediction.index]! - Math.max(...others));
    }
    expect(found.bound).toBe(least);
    expect(found.least).toBe(least);
    expect(found.worst!.margin).toBe(least);
    const { scores } = model.predict(found.worst!.text);
    const rival = model.labels.indexOf(found.rival.label);
    expect(scores[prediction.index]! - scores[rival]!).toBe(least);
    const method = exact(model, text, ab, 1);
    expect(found.certified).toBe(method.verdict.certified === 1);
    expect(method.margins[1]!.lower).toBe(found.bound);
    seen[found.certified ? "certified" : "broken"]++;
    // The example of a site, put in its place, has the site's margin.
    const points = [...text];
    for (const { begin, end, example, lower, text: stands } of found.sites) {
      expect(points.slice(begin, end).join("")).toBe(stands);
      if (example === null) continue;
      const edited = points.slice(0, begin).join("") + example + points.slice(end).join("");
      const after = model.predict(edited).scores;
      expect(after[prediction.index]! - Math.max(...after.filter((_, y) => y !== prediction.index))).toBe(
        lower,
      );
    }
  }
  expect(Math.min(seen.certified, seen.broken)).toBeGreaterThan(20);
});

test("the margin that is asked for is the least that certifies", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const model = modelOf(seed);
    const text = textOf(seed);
    const found = await inspect(model, text, { alphabet: ab });
    const [change] = found.changes;
    if (change?.what !== "margin") throw new Error("no margin");
    const winner = found.prediction.index;
    for (const [slack, certified] of [
      [2 ** -20, true],
      [-(2 ** -20), false],
    ] as const) {
      const more = toGrid(change.needed - change.now + slack);
      const bias = model.bias.map((value, y) => value + (y === winner ? more : 0));
      const moved = new NativeModel({ ...model, bias }, model.identity);
      const after = await certify(moved, text, { edits: 1, alphabet: ab });
      if (after.prediction.index === winner) expect(after.certified === 1).toBe(certified);
    }
  }
});

test("invisible and doubled characters keep their places", async () => {
  const model = modelOf(1);
  for (const text of ["a\u200bb  a", "", " ", "\u200b", "ab\u200b a"]) {
    const found = await inspect(model, text, { alphabet: ab });
    expectConsistent(found);
    for (const { begin, end, text: stands } of found.sites)
      expect([...text].slice(begin, end).join("")).toBe(stands);
  }
});

test("a stopped search has no bound", async () => {
  const found = await inspect(modelOf(2), "ab ab", { alphabet: ab, timeLimit: 1e-9 });
  // So short a text may be done before the clock is looked at.
  if (found.bound === null) expect(found.notes.join()).toMatch(/^The search was stopped: the time limit/);
  else expectConsistent(found);
});
