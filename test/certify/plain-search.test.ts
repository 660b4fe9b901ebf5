/** The plain search against brute force, and the production search against the plain one on realistic words. */
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { plainLogits, plainSearch, stillWins } from "../../src/certify/plain-search.js";
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { neighbours } from "../../src/edits/neighbours.js";
import { NativeModel } from "../../src/model/native.js";
import { VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { agreement } from "../oracle/agreement.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { randomModel, randomString, seeded, plainLogits as slowLogits } from "../oracle/random-model.js";
import { randomAlphabet, wordedModel, wordedText } from "../oracle/worded-model.js";

const argmax = (z: readonly number[]) => z.indexOf(Math.max(...z));

describe.each(VOCABULARY_KINDS)("plain search on %s", (kind) => {
  test.each([
    // k, what may be written, rounds, longest text
    [1, ["a", "b", "c", " "], 150, 7],
    [2, ["a", "b", " "], 60, 5],
    [2, ["a", "c"], 60, 5],
    [3, ["a", " "], 30, 4],
  ])("equals brute force, k = %i, writing %j", (k, writable, rounds, longest) => {
    const random = seeded(31 * k + writable.length);
    const alphabet = listAlphabet(
      "test",
      writable.map((c) => c.codePointAt(0)!),
    );
    for (let round = 0; round < rounds; round++) {
      const model = randomModel(random, kind, 2 + Math.floor(random() * 3), ["a", "b", "c"]);
      const text = randomString(random, ["a", "b", "c", " "], longest);
      const logits = slowLogits(model, plainTokens(model.vocabulary, text));
      expect(plainLogits(model, text)).toEqual(logits);
      const winner = argmax(logits);
      const answer = plainSearch(model, text, alphabet, winner, k);
      if (!answer.done) throw new Error(answer.reason);
      const least = logits.map(() => Number.POSITIVE_INFINITY);
      const judged = allWithin(text, writable, k).map((layer) => {
        for (const t of layer) {
          const z = slowLogits(model, plainTokens(model.vocabulary, t));
          z.forEach((v, y) => {
            if (y !== winner) least[y] = Math.min(least[y]!, z[winner]! - v);
          });
        }
        return least.map((v) => v + 0);
      });
      const seen = JSON.stringify({ tokens: model.vocabulary.tokens.slice(-12), text });
      expect([seen, answer.least.map((margins) => margins.map((v) => v + 0))]).toEqual([seen, judged]);
    }
  });
});

describe.each(VOCABULARY_KINDS)("the exact method on %s of real length", (kind) => {
  test.each([
    // seed, tokens, labels, k, rounds
    [1, 300, 2, 1, 60],
    [2, 300, 4, 2, 25],
    [3, 40, 3, 3, 10],
    [4, 8, 2, 3, 25],
    [5, 600, 3, 2, 10],
  ])("equals the plain search (seed %i, %i words, %i labels, k = %i)", (seed, size, labels, k, rounds) => {
    const random = seeded(seed);
    const counts = { certified: 0, refuted: 0, unknown: 0 };
    const { model, words } = wordedModel(random, kind, size, labels);
    // Pieces can't be pruned (their automaton says nothing about the future), so they get fewer and shorter texts.
    const slow = kind === "pieces" && k > 1;
    const most = slow ? Math.ceil(rounds / 5) : rounds;
    for (let round = 0; round < most; round++) {
      const text = wordedText(random, words, slow && k === 3 ? 15 : 20 + Math.floor(random() * 40));
      counts[agreement(model, text, randomAlphabet(random, model), k)]++;
    }
    expect(counts.unknown).toBe(0);
    expect(counts.certified + counts.refuted).toBe(most);
  });

  test("in whatever order words, numbers of edits and alphabets come", () => {
    const random = seeded(77);
    const { model, words } = wordedModel(random, kind, 60, 3);
    const alphabets = [unicodeAlphabet(), listAlphabet("vowels", [97, 101, 105]), asciiAlphabet()];
    const texts = Array.from({ length: kind === "pieces" ? 2 : 4 }, () => wordedText(random, words, 25));
    for (const k of [3, 1, 2])
      for (const text of [...texts].reverse().concat(texts))
        agreement(model, text, alphabets[Math.floor(random() * 3)]!, kind === "pieces" ? Math.min(k, 2) : k);
  });

  test.each([
    "",
    " ",
    "   ",
    "\u200B",
    "\uD83D",
    "\uDE00\uD83D",
    "日本",
    "  a  b  ",
    "$$$",
    "ｆｒｅｅ ｆｒее",
    "a".repeat(70),
    `${"ab".repeat(33)} ${"c".repeat(65)}`,
  ])("on the text %j", (text) => {
    for (let seed = 0; seed < 4; seed++) {
      const random = seeded(seed);
      const { model } = wordedModel(random, kind, seed === 0 ? 3 : 50, 2 + (seed % 3));
      agreement(model, text, randomAlphabet(random, model), text.length > 60 ? 1 : 2);
    }
  });
});

test("lone surrogates that a deletion would make one character", () => {
  // Two OTHER side by side break the answer, but deleting the "a" between the halves makes one character of them.
  const model = new NativeModel(
    {
      labels: ["x", "y"],
      vocabulary: vocabulary("words", ["[UNK]", "\uFFFD\uFFFD"]),
      evidence: Float64Array.of(0, 0, -1, 0),
      bias: Float64Array.of(0.5, 0),
    },
    { name: "halves", sha256: "0".repeat(64) },
  );
  const z = listAlphabet("z", [0x7a]);
  // No string within one edit is broken, but a sequence of code points is: any honest answer will do.
  const answer = certify(model, "\uD83Da\uDE00", { edits: 1, alphabet: z });
  expect(["certified", "unknown"]).toContain(answer.verdict);
  for (let n = 0; n < 200; n++) {
    const random = seeded(n);
    const { model: worded } = wordedModel(random, VOCABULARY_KINDS[n % 3]!, 5, 2);
    const text = randomString(random, ["\uD83D", "\uDE00", "a", "\u200B", " "], 8);
    const { certified } = certify(worded, text, { edits: 2 });
    for (const near of neighbours(text, listAlphabet("few", [0x61, 0x20])))
      if ((certified ?? 0) >= 1) expect(worded.predict(near).index).toBe(worded.predict(text).index);
  }
});

test("ties are won by the lower index, in both searches", () => {
  const model = randomModel(seeded(1), "words", 2);
  model.evidence.fill(0);
  model.bias.fill(0);
  const answer = plainSearch(model, "ab", unicodeAlphabet(), 0, 2);
  expect(answer.done && answer.least[2]).toEqual([Number.POSITIVE_INFINITY, 0]);
  expect(stillWins([Number.POSITIVE_INFINITY, 0], 0)).toBe(true);
  expect(stillWins([0, Number.POSITIVE_INFINITY], 1)).toBe(false);
  expect(certify(model, "ab").certified).toBe(2);
});

test("a limit ends in words, not in an answer", () => {
  const { model, words } = wordedModel(seeded(3), "patterns", 200, 2);
  const text = wordedText(seeded(4), words, 60);
  expect(plainSearch(model, text, unicodeAlphabet(), 0, 2, { states: 100 })).toEqual({
    done: false,
    reason: "the limit of 100 states of the plain search was reached",
  });
  const late = plainSearch(model, text, unicodeAlphabet(), 0, 3, { seconds: 0 });
  expect(late).toEqual({ done: false, reason: "the limit of 0 s for the plain search was reached" });
});

test("texts of 200 characters take well below a second at k = 1 and seconds at k = 2", () => {
  for (const kind of VOCABULARY_KINDS) {
    const random = seeded(9);
    const { model, words } = wordedModel(random, kind, 300, 2);
    const text = wordedText(random, words, 200);
    const times = [1, 2].map((k) => {
      const began = performance.now();
      expect(plainSearch(model, text, unicodeAlphabet(), 0, k).done).toBe(true);
      return performance.now() - began;
    });
    expect(times[0]).toBeLessThan(1000);
    expect(times[1]).toBeLessThan(10_000);
  }
});
