/** Margins place by place, curves by rival and the ledger of words against brute force over whole edited texts. */
import { certifyExactly } from "../../src/certify/certify-exactly.js";
import { marginCurves } from "../../src/certify/exact/curves.js";
import { wordLedger } from "../../src/certify/exact/ledger.js";
import { type WorstAtPlace, worstByPlace } from "../../src/certify/exact/places.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import type { NativeModel } from "../../src/model/native.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { plainLogits, randomModel, randomString, seeded } from "../oracle/random-model.js";

const argmax = (z: readonly number[]) => z.indexOf(Math.max(...z));
/** The zero-width space folds to nothing, so the model reads the text without it. */
const NOTHING = "\u200b";
const logitsOf = (model: NativeModel, text: string) =>
  plainLogits(model, plainTokens(model.vocabulary, text.replaceAll(NOTHING, "")));

function marginOf(z: readonly number[], truth: number): number {
  return Math.min(...z.filter((_, y) => y !== truth).map((v) => z[truth]! - v));
}

/** By brute force: all texts that one edit at `at` makes, the text itself first. */
function editsAt(text: string, at: number, writable: readonly string[]): string[] {
  const head = text.slice(0, at);
  const made = [text, ...writable.map((c) => head + c + text.slice(at))];
  if (at < text.length)
    made.push(head + text.slice(at + 1), ...writable.map((c) => head + c + text.slice(at + 1)));
  return made;
}

function apply(text: string, at: number, { edit }: WorstAtPlace): string {
  if (edit === null) return text;
  const written = edit.point < 0 ? "" : String.fromCodePoint(edit.point);
  return text.slice(0, at) + written + text.slice(at + (edit.kind === "insert" ? 0 : 1));
}

describe.each(VOCABULARY_KINDS)("on %s", (kind) => {
  test.each([
    [["a", "b"], ["a", "b", "c", " "], 120],
    [["a", "b", "c"], ["a", "c"], 120],
    [["a", "b"], [" ", NOTHING], 150],
    [["a", "b"], [NOTHING], 50],
  ])("the worst at each place equals brute force, letters %j, writing %j", (letters, writable, rounds) => {
    const random = seeded(11 + writable.length);
    const alphabet = listAlphabet(
      "test",
      writable.map((c) => c.codePointAt(0)!),
    );
    let breaking = 0;
    for (let round = 0; round < rounds; round++) {
      const model = randomModel(random, kind, 2 + Math.floor(random() * 3), letters);
      const text = randomString(random, [...letters, " ", NOTHING], 12);
      const truth = argmax(logitsOf(model, text));
      const { margin, places } = worstByPlace(model, text, alphabet)!;
      const seen = JSON.stringify({ tokens: model.vocabulary.tokens.slice(-12), text });
      expect([seen, margin + 0]).toEqual([seen, marginOf(logitsOf(model, text), truth) + 0]);
      expect(places).toHaveLength(text.length + 1);
      for (const [at, place] of places.entries()) {
        const all = editsAt(text, at, writable).map((t) => logitsOf(model, t));
        const least = Math.min(...all.map((z) => marginOf(z, truth)));
        expect([seen, at, place.margin + 0]).toEqual([seen, at, least + 0]);
        expect([seen, at, place.breaks]).toEqual([seen, at, all.some((z) => argmax(z) !== truth)]);
        const shown = logitsOf(model, apply(text, at, place));
        expect([seen, at, marginOf(shown, truth) + 0]).toEqual([seen, at, least + 0]);
        if (place.breaks) {
          breaking++;
          expect([seen, at, argmax(shown) === truth]).toEqual([seen, at, false]);
        }
      }
      const [, one] = certifyExactly(model, text, { edits: 1, alphabet }).margins;
      expect([seen, Math.min(...places.map((place) => place.margin)) + 0]).toEqual([seen, one!.lower + 0]);
    }
    if (writable[0] !== NOTHING) expect(breaking).toBeGreaterThan(0);
  });

  test("curves by rival equal brute force", () => {
    const random = seeded(5);
    const writable = ["a", "b", " "];
    const alphabet = listAlphabet(
      "test",
      writable.map((c) => c.codePointAt(0)!),
    );
    for (let round = 0; round < 60; round++) {
      const model = randomModel(random, kind, 3, ["a", "b"]);
      const text = randomString(random, ["a", "b", " "], 6);
      const truth = argmax(logitsOf(model, text));
      const layers = allWithin(text, writable, 2).map((layer) => layer.map((t) => logitsOf(model, t)));
      const curves = marginCurves(model, text, alphabet, 2);
      expect(curves.map(({ rival }) => rival).sort()).toEqual([0, 1, 2].filter((y) => y !== truth));
      for (const { rival, label, lower } of curves) {
        expect(label).toBe(model.labels[rival]);
        let least = Number.POSITIVE_INFINITY;
        for (const [j, layer] of layers.entries()) {
          least = Math.min(least, ...layer.map((z) => z[truth]! - z[rival]!));
          expect(lower[j]! + 0).toBe(least + 0);
        }
      }
      const near = curves.map(({ lower }) => lower[0]!);
      expect(near).toEqual([...near].sort((a, b) => a - b));
    }
  });

  test("what the words say adds up to the margin", () => {
    const random = seeded(6);
    for (let round = 0; round < 100; round++) {
      const model = randomModel(random, kind, 3, ["a", "b"]);
      const text = randomString(random, ["a", "b", " ", NOTHING], 20);
      const worst = worstByPlace(model, text, listAlphabet("test", [97, 98]))!;
      const { rival, bias, words } = wordLedger(model, text, worst);
      expect(words.reduce((sum, { said }) => sum + said, bias) + 0).toBe(worst.margin + 0);
      const z = logitsOf(model, text);
      expect(Math.max(...z.filter((_, y) => y !== argmax(z)))).toBe(z[model.labels.indexOf(rival)]);
      expect(words.map(({ word }) => word)).toEqual(text.split(" ").filter((word) => word !== ""));
      for (const { word, from, to, loss } of words) {
        expect(text.slice(from, to)).toBe(word);
        expect(loss).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

test("a limit ends the search", () => {
  const model = randomModel(seeded(1), "patterns", 2);
  const alphabet = listAlphabet("test", [97, 98]);
  expect(worstByPlace(model, "ab ab ab", alphabet, { states: 3 })).toBeNull();
  expect(marginCurves(model, "ab ab ab", alphabet, 3, { states: 3 })[0]!.lower.length).toBeLessThan(4);
});
