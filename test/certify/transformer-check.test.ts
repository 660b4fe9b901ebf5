/**
 * `verify` on native Transformers: its search against brute force over every string, honest lines hold, and claims made false
 * are caught, also where all the rest of the line was made to fit.
 */
import { certify } from "../../src/certify/certify.js";
import { checkCertificate } from "../../src/certify/check-certificate.js";
import { checkTransformerRecord } from "../../src/certify/check-transformer.js";
import { plainBlocks } from "../../src/certify/plain-blocks.js";
import { plainTransformerLogits } from "../../src/certify/plain-transformer.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { type Alphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { SIMILARITIES } from "../../src/layers/similarity.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { parseResult } from "../../src/report/parse.js";
import { allWithin } from "../oracle/all-within.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { wordedModel, wordedText } from "../oracle/worded-model.js";
import { sure } from "./lipschitz-native-held.js";

// biome-ignore lint/suspicious/noExplicitAny: mutations write wrong values on purpose
type Loose = any;

const LETTERS = [..."ab "];
const ab = listAlphabet(
  "ab",
  LETTERS.map((c) => c.codePointAt(0)!),
);

function small(seed: number): NativeTransformer {
  const random = seeded(seed);
  const kind = (["words", "patterns", "pieces"] as const)[seed % 3]!;
  return randomTransformer(random, randomModel(random, kind, 2 + (seed % 2)), {
    blocks: seed % 4,
    activation: (["gelu", "relu", "silu", "tanh"] as const)[seed % 4]!,
    gain: 0.8,
    heads: 1 + (seed % 2),
    similarity: SIMILARITIES[(seed >> 2) % 3]!,
  });
}

test("the plain forward is the model's", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seeded(seed);
    const { model, words } = wordedModel(
      random,
      (["words", "patterns"] as const)[seed % 2]!,
      30,
      2 + (seed % 3),
    );
    const whole = randomTransformer(random, model, {
      blocks: seed % 4,
      gain: 0.7,
      d: 8,
      similarity: SIMILARITIES[(seed >> 2) % 3]!,
    });
    const text = wordedText(random, words, 1 + (seed % 25));
    const plain = plainTransformerLogits(whole, text);
    const { scores } = whole.predict(text);
    plain.forEach((value, y) => {
      expect(Math.abs(value - scores[y]!)).toBeLessThan(1e-10 * Math.max(1, Math.abs(value)));
    });
  }
});

test.each([
  [1, 9],
  [2, 6],
  [3, 4],
])("%d edits: the least margins are those of every string there is", (edits, length) => {
  for (let seed = 0; seed < 45; seed++) {
    const model = small(seed);
    const text = randomString(seeded(seed + 7), LETTERS, length);
    const winner = seed % model.labels.length;
    const answer = plainBlocks(model, text, ab, winner, edits);
    const least = model.labels.map(() => Number.POSITIVE_INFINITY);
    for (const string of allWithin(text, LETTERS, edits).flat()) {
      const { scores } = model.predict(string);
      for (const y of scores.keys())
        if (y !== winner) least[y] = Math.min(least[y]!, scores[winner]! - scores[y]!);
    }
    if (!answer.done) throw new Error(answer.reason);
    for (const [y, margin] of least.entries()) {
      if (y === winner) expect(answer.least[y]).toBe(Number.POSITIVE_INFINITY);
      else expect([seed, text, Math.abs(answer.least[y]! - margin) < 1e-10]).toEqual([seed, text, true]);
    }
  }
});

test("what is too much is said", () => {
  const random = seeded(2);
  const { model: additive, words } = wordedModel(random, "words", 40, 2);
  const model = randomTransformer(random, additive);
  const few = plainBlocks(model, words.slice(0, 6).join(" "), ab, 0, 2, { sequences: 9 });
  expect(few).toEqual({ done: false, reason: "2 edits give more than 9 sequences of words" });
  const late = plainBlocks(model, words.join(" "), unicodeAlphabet(), 0, 2, { seconds: 0 });
  expect(late).toEqual({ done: false, reason: expect.stringMatching(/^the limit of 0 s for trying/) });
});

async function lineOf(
  model: NativeTransformer,
  text: string,
  edits: number,
  alphabet: Alphabet,
): Promise<Loose> {
  const answer = await certify(model, text, { edits, alphabet });
  const label = model.labels[0]!;
  const row = { id: 3, text, label, correct: answer.prediction.label === label };
  return JSON.parse(JSON.stringify({ ...row, ...answer }));
}

const made: { readonly model: NativeTransformer; readonly line: Loose; readonly alphabet: Alphabet }[] = [];

beforeAll(async () => {
  for (let seed = 0; seed < 24; seed++) {
    const model = sure(seed, 1 + (seed % 2), SIMILARITIES[seed % 3]!);
    const text = randomString(seeded(seed + 7), LETTERS, 8);
    made.push({ model, line: await lineOf(model, text, 1 + (seed % 2), ab), alphabet: ab });
  }
  for (let seed = 0; seed < 4; seed++) {
    const random = seeded(seed);
    const { model, words } = wordedModel(random, (["words", "patterns"] as const)[seed % 2]!, 40, 2);
    const whole = randomTransformer(random, model, { blocks: 1, gain: 0.02, d: 8 });
    const alphabet = unicodeAlphabet();
    made.push({
      model: whole,
      line: await lineOf(whole, wordedText(random, words, 8), 2, alphabet),
      alphabet,
    });
  }
});

const problemsOf = (model: NativeTransformer, line: unknown, alphabet: Alphabet) =>
  checkTransformerRecord(model, line as ResultRecord, alphabet).problems;

test("lines as they were made hold, of all verdicts", async () => {
  const seen = new Set<string>();
  for (const { model, line, alphabet } of made) {
    expect([line.text, problemsOf(model, line, alphabet)]).toEqual([line.text, []]);
    expect((await checkCertificate(model, line, { alphabet })).holds).toBe(true);
    expect(parseResult(JSON.stringify(line))).toEqual(line);
    seen.add(line.verdict === "certified" ? `certified ${line.certified}` : line.verdict);
  }
  expect([...seen]).toEqual(expect.arrayContaining(["certified 1", "certified 2", "refuted"]));
});

const certified = () => made.filter(({ line }) => line.verdict === "certified");

const CHANGES: Record<string, (line: Loose) => void> = {
  "model hash": (line) => (line.model.sha256 = "1".repeat(64)),
  fold: (line) => (line.model.fold = "fold-0"),
  tokenizer: (line) => (line.model.tokenizer = "1".repeat(64)),
  "alphabet's name": (line) => (line.threat.alphabet = "ascii"),
  "alphabet's hash": (line) => (line.threat.sha256 = "1".repeat(64)),
  "alphabet's size": (line) => line.threat.characters++,
  arithmetic: (line) => (line.arithmetic = "float32"),
  method: (line) => (line.method = "exact"),
  limit: (line) => line.limit++,
  certified: (line) => line.certified--,
  "margin 0": (line) => (line.margins[0].lower += 1e-6),
  "margin 1": (line) => (line.margins[1].lower += 2 ** -20),
  score: (line) => (line.prediction.scores[1] += 1e-6),
  label: (line) => (line.prediction.label = "other"),
  correct: (line) => (line.correct = !line.correct),
  "evidence left out": (line) => delete line.evidence,
  "kind of evidence": (line) => (line.evidence = { kind: "exact", least: [] }),
  "tokens of the evidence": (line) => line.evidence.tokens++,
  "step left out": (line) => line.evidence.steps.pop(),
  words: (line) => (line.evidence.steps[0].words += 2 ** -20),
  bias: (line) => (line.evidence.steps[0].bias += 2 ** -20),
  "first block": (line) => (line.evidence.steps[0].first += 1e-5),
  "later blocks": (line) => (line.evidence.steps[0].later += 1e-5),
  "what later blocks lose": (line) => (line.evidence.steps[0].laterLoss += 1e-5),
  slack: (line) => (line.evidence.steps[0].slack += 1e-5),
  rounding: (line) => (line.evidence.steps[0].rounding += 1e-5),
  "lower end": (line) => (line.evidence.steps[0].lower += 2 ** -20),
  "edits of a step": (line) => line.evidence.steps[0].edits++,
  "a charge": (line) => {
    const [step] = line.evidence.steps;
    if (step.charges.length > 0) step.charges[0].charge += 2 ** -20;
    else step.charges.push({ from: 0, to: 0, edits: 1, charge: 2 ** -20 });
  },
};

test.each(Object.entries(CHANGES))("a line with another %s doesn't hold", (_, change) => {
  for (const { model, line, alphabet } of certified()) {
    const changed = structuredClone(line);
    change(changed);
    expect(problemsOf(model, changed, alphabet)).not.toEqual([]);
  }
});

test("a line about another text doesn't hold, unless the model reads both alike", () => {
  let caught = 0;
  for (const { model, line, alphabet } of made)
    for (const text of [`${line.text} a`, `${line.text}b`, "", line.text.slice(1)]) {
      if (`${model.predict(text).scores}` === `${line.prediction.scores}`) continue;
      expect(problemsOf(model, { ...line, text }, alphabet)).not.toEqual([]);
      caught++;
    }
  expect(caught).toBeGreaterThan(40);
});

test("a bound above the truth is caught by trying everything, however well its evidence adds up", () => {
  for (const { model, line, alphabet } of certified()) {
    const forged = structuredClone(line);
    const k = forged.margins.length - 1;
    const step = forged.evidence.steps[k - 1];
    // Words that contribute 100 more than they do.
    for (const part of ["words", "lower"]) step[part] += 100;
    forged.margins[k].lower += 100;
    expect(problemsOf(model, forged, alphabet)).toEqual([
      expect.stringMatching(/^the margin at \d edits is said to be .* at least, but computed is/),
    ]);
  }
});

test("a broken text sold as certified is caught by trying everything", () => {
  const refuted = made.filter(({ line }) => line.verdict === "refuted");
  expect(refuted.length).toBeGreaterThan(1);
  for (const { model, line, alphabet } of refuted) {
    const forged = structuredClone(line);
    Object.assign(forged, { verdict: "certified", certified: line.broken, limit: line.broken });
    Object.assign(forged, { broken: null, counterexample: null });
    const steps = forged.evidence.steps;
    const last = { ...structuredClone(steps.at(-1)), edits: line.broken };
    last.words += 1 - last.lower;
    last.lower = 1;
    steps.splice(line.broken - 1, 1, last);
    forged.margins.splice(line.broken, 1, { edits: line.broken, lower: 1 });
    expect(problemsOf(model, forged, alphabet)).toContain(
      `certified is ${line.broken}, but ${line.broken} can change the answer`,
    );
  }
});

test("what couldn't be tried is a problem, and says up to where it was", () => {
  const all = certified().flatMap(({ model, line, alphabet }) => {
    const { holds, problems } = checkTransformerRecord(model, line, alphabet, { sequences: 1 });
    expect(holds).toBe(problems.length === 0);
    return problems;
  });
  expect(all.length).toBeGreaterThan(5);
  for (const problem of all)
    expect(problem).toMatch(
      /^couldn't be re-checked in full: (1 edit gives|2 edits give) more than 1 .*; computed again up to [01] edits?$/,
    );
});
