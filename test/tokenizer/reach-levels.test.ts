/**
 * `reach` against all strings within its edits on small alphabets: the theorem's set holds every real outcome, exact
 * levels hold nothing else, and supersets hold what the exact levels hold.
 */
import fc from "fast-check";
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { reach } from "../../src/tokenizer/reach.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { randomString, randomVocabulary, seeded } from "../oracle/random-model.js";
import { HOSTILE, nastyAlphabet, nastyText } from "./hostile-texts.js";
import { allReachable, allTexts, saysReachable } from "./reach-oracle.js";
import { tinyTokenizers } from "./tiny-tokenizers.js";

const alphabetOf = (characters: string) =>
  listAlphabet(
    characters,
    [...characters].map((character) => character.codePointAt(0)!),
  );
const small = alphabetOf("a \t");

const native = (["words", "pieces", "patterns"] as const).map((kind, i) =>
  nativeTokenizer(randomVocabulary(seeded(21 + i), kind, ["a", "b"])),
);
const all = [...tinyTokenizers(), ...native].map((tokenizer) => [tokenizer.name, tokenizer] as const);

function expectExact(tokenizer: Tokenizer, text: string, k: number): void {
  const reached = reach(tokenizer, text, small, k, { strings: 1e6 });
  const real = new Set<string>();
  for (const string of allTexts(text, small, k)) real.add(tokenizer.ids(string).join());
  expect([text, [...allReachable(reached)].sort()]).toEqual([text, [...real].sort()]);
}

describe.each(all)("%s", (_, tokenizer) => {
  test("two edits: exactly what all strings give", () => {
    const random = seeded(5);
    for (const text of ["", " ", "a", "a b", " a", "a\tb", "a  b", "b \t", "ab ba"])
      expectExact(tokenizer, text, 2);
    for (let n = 0; n < 25; n++) expectExact(tokenizer, randomString(random, ["a", "b", " ", "\t"], 5), 2);
  });

  test("three edits: joins of four stretches", () => {
    for (const text of ["b b b", "a b", "  b"]) expectExact(tokenizer, text, 3);
  });

  test("one edit, nasty characters: nothing is missing", () => {
    const alphabet = nastyAlphabet;
    const check = (text: string): void => {
      const reached = reach(tokenizer, text, alphabet, 1);
      for (const string of allTexts(text, alphabet, 1))
        if (!saysReachable(reached, tokenizer.ids(string))) throw new Error(JSON.stringify([text, string]));
    };
    HOSTILE.forEach(check);
    fc.assert(fc.property(nastyText(10), check), { numRuns: 40 });
  });

  test("supersets hold every outcome of two edits", () => {
    const alphabet = alphabetOf("ab \u0301");
    let supersets = 0;
    const check = (text: string): void => {
      const reached = reach(tokenizer, text, alphabet, 2, { strings: 100 });
      supersets += reached.sites.flatMap(({ levels }) => levels).filter(({ exact }) => !exact).length;
      for (const string of allTexts(text, alphabet, 2))
        if (!saysReachable(reached, tokenizer.ids(string))) throw new Error(JSON.stringify([text, string]));
    };
    for (const text of ["a\u0301b ab", "bb  a", "\ud83d b\ude00", "\ud83dx\ude00"]) check(text);
    if (tokenizer.spelling !== undefined) fc.assert(fc.property(nastyText(5), check), { numRuns: 20 });
    expect(supersets).toBeGreaterThan(3);
  });
});

describe("supersets", () => {
  const words = nativeTokenizer(
    vocabulary("words", ["[UNK]", "film", "files", "firm", "farm", "good", "goods", "a", "xylophone"]),
  );
  test("are as tight as the distance of spellings", () => {
    const { sites } = reach(words, "film", asciiAlphabet(), 2, { strings: 10 });
    const names = (tokens: Int32Array) => [...tokens].map((id) => words.token(id)).join(" ");
    const [none, one, two] = sites[0]!.levels;
    expect([none!.exact, one!.exact]).toEqual([true, true]);
    if (two!.exact) throw new Error("few strings are allowed");
    expect(names(two.tokens)).toBe("[UNK] film files firm farm a");
    expect([two.least, two.most]).toEqual([0, 3]);
  });
  test("are everything where the spelling isn't known", () => {
    const [, , two] = reach({ ...words, spelling: undefined }, "film", asciiAlphabet(), 2, { strings: 10 })
      .sites[0]!.levels;
    expect(two).toMatchObject({ exact: false, least: 0, most: Infinity });
    expect(two!.exact ? [] : [...two!.tokens]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

test("levels are those of the contract", () => {
  const { sites, stretches, edits } = reach(native[0]!, "a b ab", small, 2);
  expect([stretches, edits]).toEqual([3, 2]);
  expect(sites.map(({ kind, first, text }) => [kind, first, text])).toEqual([
    ["word", 0, "a"],
    ["gap", 0, "a b"],
    ["run", 0, "a b ab"],
    ["word", 1, " b"],
    ["gap", 1, " b ab"],
    ["word", 2, " ab"],
  ]);
  for (const { levels, stretches } of sites)
    expect(levels.map(({ edits }) => edits)).toEqual([0, 1, 2].slice(stretches - 1));
  expect(() => reach(native[0]!, "a", small, 1.5)).toThrow("1.5 edits: allowed are whole numbers from 0");
});

test("all of Unicode, through the fold", () => {
  const { sites } = reach(native[0]!, "ab a", unicodeAlphabet(), 1);
  expect(sites.every(({ levels }) => levels.every(({ exact }) => exact))).toBe(true);
});
