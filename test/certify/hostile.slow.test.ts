/**
 * Texts and questions that nobody would ask in good faith: the answer is right or `unknown`, it comes within twice the
 * limits, and nothing is thrown.
 */
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { Fronts } from "../../src/certify/exact/block.js";
import { exact } from "../../src/certify/exact/exact.js";
import { unicodeAlphabet } from "../../src/edits/alphabet.js";
import type { NativeModel } from "../../src/model/native.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { seeded } from "../oracle/random-model.js";
import { wordedModel, wordedText } from "../oracle/worded-model.js";

const MINUTE = 60_000;

/** Models that are sure of themselves, so that the search goes on for long, and one that isn't. */
function modelOf(kind: (typeof VOCABULARY_KINDS)[number], sure: boolean) {
  const { model, words } = wordedModel(seeded(3), kind, 300, 2);
  model.bias[0] = sure ? 2 ** 19 : 0;
  model.bias[1] = 0;
  return { model, words };
}

/** @throws an Error where the limit is overrun by more than its double. */
function within(seconds: number, model: NativeModel, text: string, edits: number) {
  const began = performance.now();
  const answer = certify(model, text, { edits, timeLimit: seconds });
  const took = (performance.now() - began) / 1000;
  const what = `${text.length} characters, ${edits} edits`;
  // Folding and scoring a text of a million characters isn't search.
  const allowed = 2 * seconds + 0.3 + text.length * 1e-6;
  if (took > allowed) throw new Error(`${took.toFixed(1)} s for a limit of ${seconds} s: ${what}`);
  if (answer.verdict === "unknown") expect(answer.reason).toMatch(/^the (time )?limit of .* was reached/);
  if (answer.verdict === "refuted")
    expect(model.predict(answer.counterexample.text).index).not.toBe(model.predict(text).index);
  return answer;
}

describe.each(VOCABULARY_KINDS)("%s", (kind) => {
  // Growing lengths, so that a search that overruns its limit fails before it hangs.
  test.each([true, false])(
    "one long word (a model that is sure of itself: %p)",
    (sure) => {
      const { model, words } = modelOf(kind, sure);
      for (const length of [1000, 4000, 16_000, 100_000]) {
        within(1, model, "a".repeat(length), 1);
        within(
          1,
          model,
          words
            .join("")
            .repeat(Math.ceil(length / 1000))
            .slice(0, length),
          2,
        );
        within(1, model, `${"ab".repeat(length / 2)} ${"a".repeat(length)}`, 2);
      }
    },
    2 * MINUTE,
  );

  test.each([true, false])(
    "a megabyte of words (a model that is sure of itself: %p)",
    (sure) => {
      const { model, words } = modelOf(kind, sure);
      const random = seeded(8);
      const parts = Array.from({ length: 110 }, () => wordedText(random, words, 10_000));
      for (const share of [1, 10, 110]) {
        const text = parts.slice(0, share).join(" ");
        for (const edits of [1, 2, 3, 1000]) within(2, model, text, edits);
      }
    },
    3 * MINUTE,
  );

  test(
    "a megabyte of separators, of unknown characters, of characters that leave no trace",
    () => {
      const { model } = modelOf(kind, true);
      for (const length of [10_000, 100_000, 1_000_000])
        for (const character of [" ", "\u200B", "日 ", "\uD83D ", "a "])
          for (const edits of [1, 10, 1000])
            within(1, model, character.repeat(length / character.length), edits);
    },
    3 * MINUTE,
  );

  test(
    "a thousand edits of short texts",
    () => {
      for (const sure of [true, false]) {
        const { model } = modelOf(kind, sure);
        for (const text of [
          "",
          " ",
          "a",
          "\uD83D",
          "free entry in 2 a wkly comp to win tickets",
          "a b c d e f g",
        ])
          within(1, model, text, 1000);
      }
    },
    2 * MINUTE,
  );

  test(
    "a limit of states is kept within its double",
    () => {
      const { model, words } = modelOf(kind, true);
      const text = wordedText(seeded(2), words, 3000);
      for (const states of [1, 100, 10_000, 1_000_000])
        for (const edits of [1, 3, 1000]) {
          const { verdict, visits } = exact(model, text, unicodeAlphabet(), edits, { states, seconds: 20 });
          expect(visits).toBeLessThanOrEqual(2 * states + 2000);
          if (verdict.verdict === "unknown") expect(verdict.reason).toMatch(/limit of/);
        }
    },
    2 * MINUTE,
  );
});

test("the scratch space of searches can be cleared more than 2^31 times", () => {
  const front = new Fronts(10).row(0, 0)[0]!;
  // Some two hours of certifying clear it as often.
  Object.assign(front, { mark: 2 ** 31 - 3 });
  for (let n = 0; n < 6; n++) {
    front.clear();
    for (const value of [5, 3, 9]) front.offer(1, value);
    expect([n, front.size, front.value[1]]).toEqual([n, 1, 3]);
  }
});

test("a search that is stopped says so", () => {
  const { model, words } = modelOf("patterns", true);
  const text = wordedText(seeded(2), words, 300);
  const answer = certify(model, text, { edits: 3, signal: { aborted: true } });
  expect(answer).toMatchObject({ verdict: "unknown", certified: 0 });
});
