/** Texts and alphabets against which method `enumerate` is held to brute force. */
import { certify } from "../../src/certify/certify.js";
import type { Certification } from "../../src/certify/result.js";
import { type Alphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import type { SequenceModel } from "../../src/model/sequence.js";
import { truthOf, wholeNeighbours } from "../oracle/whole-neighbours.js";

export const alphabetOf = (name: string, characters: string): Alphabet =>
  listAlphabet(
    name,
    [...characters].map((character) => character.codePointAt(0)!),
  );

/** What makes or breaks special tokens, words, accents, joined emoji and final sigmas. */
export const small = alphabetOf("small", " EPSks[]<>m\u200d\u0301\u03a3\u00ad\u4f60a");

export const TEXTS: readonly string[] = [
  "",
  " ",
  "free",
  "the free film",
  "  the   film ",
  "[SEP]",
  "a [SEP] film",
  "a [SE] film",
  "a [SEEP] film",
  "[SXP][SEP]",
  "[sep] the",
  "<mask> the film",
  "the <mak> film",
  "<s></s> <pa>",
  "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 ok",
  "\ud83d\udc68\ud83d\udc69 a",
  "the \u03b1\u03a3 \u4f60\u597d \u0645\u0631 \u0e2a\u0e27 \u0444\u0438",
  "e\u0301 fi\u0301lm",
  "\u1112\u1161\u11ab \ud55c",
  "\ud83d",
  "\ud83d x",
  "the \ud83dx\ude00 film",
  "x\ude00\ud83d\ude00 \ude00",
  "\t the\nfilm\u00a0a",
  "un aff able the the film film",
  "unaffable film free the a a a",
];

/** What one edit does to this text according to `certify`, which must be what brute force says. */
export async function asBruteForce(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  encode: (text: string) => ArrayLike<number>,
): Promise<Certification> {
  const { strings, sequences } = wholeNeighbours(text, alphabet, encode);
  const truth = await truthOf(model.backend, sequences);
  const answer = await certify(model, text, { edits: 1, method: "enumerate", alphabet });
  const where = JSON.stringify(text);
  expect([where, answer.prediction.index]).toEqual([where, truth.label]);
  expect([where, answer.verdict, answer.certified, answer.broken]).toEqual(
    truth.flips === 0 ? [where, "certified", 1, null] : [where, "refuted", 0, 1],
  );
  const { counterexample, work } = answer;
  if (counterexample === null) {
    expect([where, work!.strings, work!.sequences]).toEqual([where, strings, sequences.length]);
    expect(Math.abs(answer.margins[1]!.lower - truth.least)).toBeLessThan(1e-4);
  } else {
    expect([where, levenshtein(text, counterexample.text)]).toEqual([where, 1]);
    const other = await truthOf(model.backend, [Int32Array.from(encode(counterexample.text))]);
    expect([where, other.label]).not.toEqual([where, truth.label]);
    expect(work!.strings).toBeLessThanOrEqual(strings);
  }
  return answer;
}
