/**
 * Attacks against every string within reach of small models: nothing is claimed that brute force doesn't find, and how
 * often the optimum is found is measured. Then limits, repetition, and texts that break programs.
 */
import { type AttackOptions, attack, QUERIES } from "../../src/attack/attack.js";
import { type Alphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import type { NativeModel } from "../../src/model/native.js";
import { sequenceView } from "../../src/model/native-backend.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadNativeModel } from "../../src/node/load-model.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { plainLogits, randomModel, randomString, seeded } from "../oracle/random-model.js";

const alphabetOf = (characters: string): Alphabet =>
  listAlphabet(
    "test",
    [...characters].map((c) => c.codePointAt(0)!),
  );
const ab = alphabetOf("ab ");

/** Label by the definitions, without fold, automaton or backend. */
const plainLabel = (model: NativeModel, text: string): number => {
  const logits = plainLogits(model, plainTokens(model.vocabulary, text));
  return logits.indexOf(Math.max(...logits));
};

/** Counts what the model is asked. */
function counting(model: SequenceModel) {
  const seen = { sequences: 0 };
  const counted = new SequenceModel({
    ...model,
    backend: {
      ...model.backend,
      logits: (sequences) => {
        seen.sequences += sequences.length;
        return model.backend.logits(sequences);
      },
    },
  });
  return { seen, counted };
}

describe.each(VOCABULARY_KINDS)("models over %s", (kind) => {
  test.each([
    // edits, longest text, models, of those that break: found at their distance
    [1, 8, 150, 1],
    [2, 6, 60, 0.95],
    [3, 4, 20, 0.9],
  ])("%i edits: no less than brute force, and mostly the same", async (edits, longest, count, share) => {
    let breakable = 0;
    let optimal = 0;
    for (let seed = 0; seed < count; seed++) {
      const random = seeded(1000 * edits + seed);
      const model = randomModel(random, kind, 2 + (seed % 3));
      const text = randomString(random, ["a", "b", " "], longest);
      const winner = plainLabel(model, text);
      const layers = allWithin(text, ["a", "b", " "], edits);
      const nearest = layers.findIndex((layer) => layer.some((t) => plainLabel(model, t) !== winner));
      const { prediction, broken, counterexample } = await attack(model, text, ab, { edits, seed });
      expect(prediction).toMatchObject({ index: winner, label: model.labels[winner] });
      if (nearest < 0) {
        expect([seed, broken]).toEqual([seed, null]);
        continue;
      }
      breakable++;
      if (broken === null || counterexample === null) continue;
      expect(broken).toBeGreaterThanOrEqual(nearest);
      expect(layers[broken]).toContain(counterexample.text);
      expect(counterexample.edits).toBe(broken);
      expect(counterexample.prediction).toEqual(model.predict(counterexample.text));
      expect(plainLabel(model, counterexample.text)).not.toBe(winner);
      if (broken === nearest) optimal++;
    }
    expect(breakable).toBeGreaterThan(count / 10);
    expect(optimal / breakable).toBeGreaterThanOrEqual(share);
  });
});

describe("with a shipped model", () => {
  const text = "Free entry in 2 a wkly comp to win FA Cup final tkts";
  let model: NativeModel;
  beforeAll(async () => {
    model = await loadNativeModel("sms-spam");
  });
  const at = (options: Partial<AttackOptions>) =>
    attack(model, text, unicodeAlphabet(), { edits: 10, ...options });

  test("the same seed, the same answer", async () => {
    const answers = [await at({ seed: 7 }), await at({ seed: 7 })];
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]!.broken).toBe(2);
    expect(answers[0]!.counterexample!.edits).toBe(levenshtein(text, answers[0]!.counterexample!.text));
  });

  test.each([1, 2, 3, 10, 100, 777, undefined])(
    "queries: %p are not exceeded, and counted",
    async (queries) => {
      const { seen, counted } = counting(sequenceView(model));
      const options = { edits: 10, ...(queries === undefined ? {} : { queries }) };
      const answer = await attack(counted, "See you at lunch", unicodeAlphabet(), options);
      expect(answer.queries).toBe(seen.sequences);
      expect(answer.queries).toBeLessThanOrEqual(queries ?? QUERIES);
    },
  );

  test("no time, a signal and no edits leave the prediction", async () => {
    for (const options of [{ seconds: 0 }, { signal: { aborted: true } }, { edits: 0 }]) {
      const { prediction, broken, queries } = await at(options);
      expect([prediction.label, broken]).toEqual(["spam", null]);
      expect(queries).toBeLessThan(3);
    }
  });

  test("what is proven isn't looked for: it stops at one edit more", async () => {
    const all = await at({});
    const few = await at({ proven: 1 });
    expect(few.broken).toBe(2);
    expect(few.queries).toBeLessThan(all.queries / 2);
    expect((await at({ proven: 10 })).queries).toBe(1);
  });

  test("queries must be a whole number", async () => {
    await expect(at({ queries: 0 })).rejects.toThrow("queries is 0; allowed: a whole number from 1 up");
  });
});

describe("texts and alphabets that break programs", () => {
  test.each([
    ["", "ab "],
    ["a", "a"],
    ["a", "\u{1f44d}"],
    ["\ud83d", "ab"],
    ["a\ud83db\ude00 b", "ab "],
    ["\ud83da\ude00", "b"],
    [" ", " "],
    ["\u00e9ab b\u00e9", "x"],
    ["   a  b \n\t b ", "b"],
    [`${"a".repeat(120)} b`, "a"],
    ["ab".repeat(60), "ab"],
  ])("%j, writing %j", async (text, writable) => {
    const alphabet = alphabetOf(writable);
    for (let seed = 0; seed < (text.length > 100 ? 3 : 12); seed++) {
      const model = randomModel(seeded(seed), VOCABULARY_KINDS[seed % 3]!, 2);
      const answer = await attack(model, text, alphabet, { edits: 4, queries: 150, seed });
      if (answer.counterexample === null) continue;
      expect(levenshtein(text, answer.counterexample.text)).toBe(answer.counterexample.edits);
      expect(answer.counterexample.edits).toBeLessThanOrEqual(answer.broken!);
      expect(model.predict(answer.counterexample.text).index).not.toBe(answer.prediction.index);
      for (const c of answer.counterexample.text) expect(`${text}${writable}`).toContain(c);
    }
  });
});
