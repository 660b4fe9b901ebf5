/** The traps: shifts, cutting, ties, surrogates, empty and very long texts, limits. */
import { normCosts, publishedCost, signCosts, worstCost } from "../../../src/certify/lipslev/constants.js";
import { certifyLipslev, type LipslevMethod } from "../../../src/certify/lipslev/lipslev.js";
import { publishedRadius } from "../../../src/certify/lipslev/published.js";
import { listAlphabet, unicodeAlphabet } from "../../../src/edits/alphabet.js";
import type { LipslevModel } from "../../../src/model/lipslev.js";
import { characterAlphabet } from "../../../src/model/lipslev-characters.js";
import { allWithin } from "../../oracle/all-within.js";
import { seeded } from "../../oracle/random-model.js";
import { marginOf, modelOf, randomLipslev } from "./random-model.js";

const own = (model: LipslevModel) => characterAlphabet(model.characters);

/** One channel that sees alternating signs, one that counts: a deletion puts every window behind it out of step. */
function alternating(): LipslevModel {
  const q = 10;
  const kernel = new Float64Array(2 * 2 * q);
  for (let u = 0; u < q; u++) {
    kernel[u] = u % 2 === 0 ? 1 : -1;
    kernel[3 * q + u] = 1;
  }
  return modelOf({
    labels: ["first", "second"],
    p: 2,
    kernelSize: q,
    embedSize: 2,
    hiddenSize: 2,
    maxCharacters: 1000,
    characters: new Map([..."abc"].map((c, i) => [c.codePointAt(0)!, i + 1])),
    embedding: Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0.05),
    kernel,
    head: Float64Array.of(1, 0, 0, 0.2),
  });
}

test("an insertion shifts windows: the published constant breaks, the corrected ones hold", () => {
  const model = alternating();
  const text = `${"ab".repeat(5)}${"b".repeat(11)}${"c".repeat(114)}`;
  const margin = (s: string) => {
    const { scores } = model.predict(s);
    return scores[0]! - scores[1]!;
  };
  const drop = margin(text) - margin(text.slice(0, 4) + text.slice(5));
  expect(publishedRadius(model, text).radius).toBe(1);
  expect(drop).toBeGreaterThan(publishedCost(model, 0, 1));
  expect(drop).toBeLessThan(normCosts(model, 0, 1).delete);
  expect(drop).toBeLessThan(signCosts(model, 0, 1).delete);
  const answer = certifyLipslev(model, text, own(model), 1);
  expect(answer.verdict).toMatchObject({ verdict: "refuted", certified: 0, broken: 1 });
});

test("texts near and over the model's length: nothing certified is broken within k = 2, and cutting is charged", () => {
  const random = seeded(11);
  const certified = [0, 0, 0];
  for (let n = 0; n < 120; n++) {
    const maxCharacters = 2 + (n % 5);
    const model = randomLipslev(random, {
      letters: "ab",
      maxCharacters,
      kernelSize: 1 + (n % 4),
      lean: n % 2 === 0 ? 10 : 0,
    });
    const length = Math.max(0, maxCharacters - 2 + Math.floor(random() * 5));
    const text = Array.from({ length }, () => (random() < 0.5 ? "a" : "b")).join("");
    const { index } = model.predict(text);
    const layers = allWithin(text, ["a", "b"], 2);
    const least = layers.map((layer) =>
      Math.min(...layer.map((s) => marginOf(model.predict(s).scores, index))),
    );
    for (const method of ["lipschitz", "constant"] as const) {
      const { verdict, margins } = certifyLipslev(model, text, own(model), 2, { method });
      for (let k = 0; k <= verdict.certified!; k++)
        for (const s of layers[k]!) if (model.predict(s).index !== index) throw new Error(`${text} -> ${s}`);
      for (const { edits, lower } of margins)
        expect(lower).toBeLessThanOrEqual(Math.min(...least.slice(0, edits + 1)));
      certified[verdict.certified!]!++;
    }
    const costs = signCosts(model, 0, 1);
    expect(worstCost(costs, true)).toBeGreaterThanOrEqual(costs.insert + costs.substitute);
  }
  expect(certified[2]).toBeGreaterThan(20);
  expect(certified[1]).toBeGreaterThan(20);
});

test("edits that can take a text over the model's length cost one substitution more", () => {
  for (const [maxCharacters, certified] of [
    [7, 2],
    [6, 1],
    [5, 1],
    [4, 1],
  ] as const) {
    const model = randomLipslev(seeded(13), { maxCharacters, lean: 10 });
    const text = "abcab";
    const { scores } = model.predict(text);
    const cost = 0.3 * (scores[0]! - scores[1]!);
    expect(cost).toBeGreaterThan(0);
    const costs = () => ({ substitute: cost, insert: cost, delete: cost });
    const answer = certifyLipslev(model, text, own(model), 2, { method: "constant", costs });
    expect(answer.verdict.certified).toBe(certified);
    expect(answer.margins[1]!.lower).toBeCloseTo((maxCharacters > 5 ? 7 : 4) * (cost / 3), 9);
  }
});

test("ties are decided as the model does: equal logits go to the lowest index", () => {
  // Both classes see the same channel with the same weight, but for the letter c, which gives 0 to both.
  const model = (head: readonly number[]) =>
    modelOf({
      labels: ["first", "second", "third"],
      p: 2,
      kernelSize: 1,
      embedSize: 1,
      hiddenSize: 1,
      maxCharacters: 9,
      characters: new Map([..."ac"].map((c, i) => [c.codePointAt(0)!, i + 1])),
      embedding: Float64Array.of(0, 1, -1),
      kernel: Float64Array.of(1),
      head: Float64Array.from(head),
    });
  const lowest = model([1, 1, 0]);
  expect(certifyLipslev(lowest, "aa", own(lowest), 1).verdict).toMatchObject({
    verdict: "certified",
    certified: 1,
  });
  expect(certifyLipslev(lowest, "aa", own(lowest), 1, { method: "constant" }).verdict.certified).toBe(0);
  const second = model([0, 1, 0]);
  // "a" -> "" or "c" leaves all logits 0, which is the first class.
  const { verdict } = certifyLipslev(second, "a", own(second), 1);
  expect(verdict).toMatchObject({ verdict: "refuted", broken: 1 });
  expect(verdict.counterexample!.prediction.index).toBe(0);
});

describe("texts of all kinds", () => {
  const model = randomLipslev(seeded(12), { letters: "ab\u{1F600}", maxCharacters: 40 });
  test.each([
    ["empty", ""],
    ["nothing that is read", "xyz\u0130"],
    ["lone surrogates", "\ud83da\ude00b"],
    ["one letter", "A"],
    ["over the length", "ab".repeat(30)],
    ["100,000 characters", "abx\u{1F600}".repeat(25_000)],
  ])("%s", (_, text) => {
    for (const method of ["lipschitz", "exact", "constant"] as LipslevMethod[]) {
      const { verdict, prediction, margins } = certifyLipslev(model, text, unicodeAlphabet(), 2, { method });
      expect(prediction).toEqual(model.predict(text));
      expect(margins.map(({ edits }) => edits)).toEqual(margins.map((_, k) => k));
      expect(verdict.certified).toBeLessThanOrEqual(2);
      if (verdict.counterexample !== null)
        expect(model.predict(verdict.counterexample.text).index).not.toBe(prediction.index);
    }
  });

  test("where nothing can be written and nothing is there, any number of edits is withstood", () => {
    const alphabet = listAlphabet("t", [0x78]);
    expect(certifyLipslev(model, "yy", alphabet, 1000).verdict).toMatchObject({ certified: 1000 });
    expect(certifyLipslev(model, "yy", unicodeAlphabet(), 3).verdict.certified).toBeLessThanOrEqual(3);
  });

  test("k = 0 is always certified", () => {
    for (const method of ["lipschitz", "exact", "constant"] as LipslevMethod[])
      expect(certifyLipslev(model, "ab", unicodeAlphabet(), 0, { method }).verdict).toEqual({
        verdict: "certified",
        certified: 0,
        broken: null,
        counterexample: null,
      });
  });
});

test("a limit that is reached gives unknown", () => {
  const model = alternating();
  const text = "abcabcabc";
  const signal = { aborted: true };
  for (const [limits, reason] of [
    [{ signal }, /^stopped after 0 edits/],
    [{ seconds: 0 }, /^out of time \(0 s\)/],
    [{ strings: 10 }, /^the limit of 10 edits/],
  ] as const) {
    const { verdict } = certifyLipslev(model, text, own(model), 1, { method: "exact", ...limits });
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0, broken: null });
    if (verdict.verdict === "unknown") expect(verdict.reason).toMatch(reason);
  }
});
