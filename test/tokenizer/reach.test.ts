/**
 * `singleReach` against every single edit: on hostile and random texts, for native tokenizers and for small ones with
 * the traps of real ones. Nothing is missing, nothing is too much, and the strings add up.
 */
import fc from "fast-check";
import { listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { neighbourCount } from "../../src/edits/neighbours.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { isWhite } from "../../src/tokenizer/reach/written.js";
import { singleReach } from "../../src/tokenizer/reach.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { randomVocabulary, seeded } from "../oracle/random-model.js";
import { HOSTILE, nastyAlphabet, nastyText } from "./hostile-texts.js";
import { holdsAllNeighbours } from "./single-reach-oracle.js";
import { tinyTokenizers } from "./tiny-tokenizers.js";

const native = (["words", "pieces", "patterns"] as const).map((kind, i) =>
  nativeTokenizer(randomVocabulary(seeded(11 + i), kind, ["a", "b", "s", "m"])),
);

describe.each([...tinyTokenizers(), ...native].map((tokenizer) => [tokenizer.name, tokenizer] as const))(
  "%s",
  (_, tokenizer) => {
    test("hostile texts", () => {
      for (const text of HOSTILE) holdsAllNeighbours(tokenizer, text, nastyAlphabet);
    });
    test("random texts", () => {
      fc.assert(
        fc.property(nastyText(12), (text) => {
          holdsAllNeighbours(tokenizer, text, nastyAlphabet);
        }),
        { numRuns: 120 },
      );
    });
  },
);

test("white space is what \\s matches", () => {
  const all = [...Array(0x10000).keys()];
  expect(all.filter(isWhite)).toEqual(all.filter((point) => /\s/.test(String.fromCharCode(point))));
});

test("a tokenizer that breaks its claim of locality is found out", () => {
  const tiny = tinyTokenizers()[2]!;
  const claimed = { ...tiny, locality: { kind: "before-space", afterWord: false } as const };
  expect(() => singleReach(claimed, "abc abc", nastyAlphabet)).toThrow(/locality fails on "abc abc"/);
});

test("between lone surrogates a character that the fold drops is no deletion", () => {
  // U+00AD folds to nothing, so it has no representative; deleting the x would join the surrogates.
  const alphabet = listAlphabet("soft hyphen", [0xad, 0x61]);
  const tokenizer = nativeTokenizer(vocabulary("patterns", ["\ufffd\ufffd", "\ufffda"]));
  const reach = singleReach(tokenizer, "\ud83dx\ude00", alphabet);
  const ids = reach.sites.flatMap((site) => [...reach.changes(site)].map((change) => [...change.ids]));
  expect(ids).toContainEqual([0]);
  holdsAllNeighbours(tokenizer, "\ud83dx\ude00", alphabet);
});

test("all of Unicode is counted and never listed", () => {
  const reach = singleReach(native[0]!, "ab a", unicodeAlphabet());
  const strings = reach.sites.map((site) => reach.strings(site));
  expect(strings.reduce((a, b) => a + b)).toBe(neighbourCount("ab a", unicodeAlphabet()));
});

test("sites: words and the gaps between them, in order", () => {
  const tokenizer = nativeTokenizer(vocabulary("words", ["[UNK]", "a", "b"]));
  const { sites } = singleReach(tokenizer, "a b", nastyAlphabet);
  expect(sites).toEqual([
    { kind: "word", begin: 0, end: 1, from: 0, to: 1 },
    { kind: "gap", begin: 0, end: 3, from: 0, to: 2 },
    { kind: "word", begin: 1, end: 3, from: 1, to: 2 },
  ]);
});

test("a long text takes time in proportion", () => {
  const tokenizer = nativeTokenizer(vocabulary("words", ["[UNK]", "word", "words"]));
  const alphabet = listAlphabet("few", [0x20, 0x61, 0x73]);
  let read = 0;
  const ids = (text: string): Int32Array => {
    read += text.length;
    return tokenizer.ids(text);
  };
  const counted = { ...tokenizer, ids };
  const work = (words: number): number => {
    read = 0;
    const reach = singleReach(counted, "word ".repeat(words), alphabet);
    for (const site of reach.sites) expect([...reach.changes(site)].length).toBeLessThan(9);
    return read;
  };
  expect(work(1000) / work(100)).toBeLessThan(11);
});
