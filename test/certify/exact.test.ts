/** Method `exact` against brute force over all strings within k, on small alphabets and vocabularies. */
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import type { NativeModel } from "../../src/model/native.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { allWithin } from "../oracle/all-within.js";
import { slowLevenshtein } from "../oracle/levenshtein.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { plainLogits, randomModel, randomString, seeded } from "../oracle/random-model.js";

const points = (characters: readonly string[]) => characters.map((c) => c.codePointAt(0)!);
const argmax = (z: readonly number[]) => z.indexOf(Math.max(...z));

/** Radius and worst margin per k by brute force. */
function judged(model: NativeModel, text: string, alphabet: readonly string[], k: number) {
  const truth = argmax(plainLogits(model, plainTokens(model.vocabulary, text)));
  let radius = k;
  const worst: number[] = [];
  allWithin(text, alphabet, k).forEach((layer, j) => {
    let least = j === 0 ? Number.POSITIVE_INFINITY : worst[j - 1]!;
    for (const t of layer) {
      const z = plainLogits(model, plainTokens(model.vocabulary, t));
      if (argmax(z) !== truth && radius >= j) radius = j - 1;
      z.forEach((v, y) => {
        if (y !== truth) least = Math.min(least, z[truth]! - v);
      });
    }
    worst.push(least);
  });
  return { truth, radius, worst };
}

describe.each(VOCABULARY_KINDS)("exact on %s", (kind) => {
  test.each([
    // k, letters of the vocabulary, what may be written, rounds, longest text
    [1, ["a", "b"], ["a", "b", "c", " "], 700, 9],
    [2, ["a", "b"], ["a", "b", " "], 250, 6],
    [2, ["a", "b", "c"], ["a", "c"], 150, 6],
    [3, ["a", "b"], ["a", " "], 120, 6],
    [3, ["a", "b"], ["a", "b", " "], 60, 4],
  ])("equals brute force, k = %i, vocabulary of %j, writing %j", (k, letters, writable, rounds, longest) => {
    const random = seeded(7 * k + writable.length);
    const alphabet = listAlphabet("test", points(writable));
    let refuted = 0;
    let certified = 0;
    for (let round = 0; round < rounds; round++) {
      const model = randomModel(random, kind, 2 + Math.floor(random() * 2), letters);
      const text = randomString(random, [...letters, " "], longest);
      const judge = judged(model, text, writable, k);
      const answer = certify(model, text, { edits: k, alphabet });
      const seen = JSON.stringify({ tokens: model.vocabulary.tokens.slice(-12), text });
      expect([seen, answer.prediction.index, answer.certified]).toEqual([seen, judge.truth, judge.radius]);
      for (const { edits, lower } of answer.margins)
        expect([seen, lower + 0]).toEqual([seen, judge.worst[edits]! + 0]);
      if (answer.verdict === "refuted") {
        refuted++;
        const { text: changed, edits } = answer.counterexample;
        expect(answer.broken).toBe(judge.radius + 1);
        expect(slowLevenshtein(points([...text]), points([...changed]))).toBe(edits);
        expect(edits).toBe(judge.radius + 1);
        expect(argmax(plainLogits(model, plainTokens(model.vocabulary, changed)))).not.toBe(judge.truth);
      } else certified++;
    }
    expect(refuted).toBeGreaterThan(0);
    expect(certified).toBeGreaterThan(0);
  });
});
