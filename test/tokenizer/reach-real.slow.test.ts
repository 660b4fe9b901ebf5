/**
 * Reach over published tokenizers (BERT, DeepT, RoBERTa, T5) against the tokenizers library on whole texts: every single edit,
 * two edits on small alphabets, and supersets by spelling. Needs the shared folder; skipped without it.
 */
import fc from "fast-check";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { nearTokens } from "../../src/tokenizer/reach/superset.js";
import { reach } from "../../src/tokenizer/reach.js";
import { HOSTILE, NASTY, nastyText } from "./hostile-texts.js";
import { allTexts, saysReachable } from "./reach-oracle.js";
import { realTokenizers } from "./real-tokenizers.js";
import { holdsAllNeighbours } from "./single-reach-oracle.js";

const alphabetOf = (characters: readonly string[]) =>
  listAlphabet("few", [...new Set(characters.map((character) => character.codePointAt(0)!))]);
const nasty = alphabetOf([...NASTY, "E", "P", "k", ">", "0", "\u03b1", "'"]);
const few = alphabetOf([..." as\u0301"]);

const TEXTS = [
  ...HOSTILE,
  "[SEP",
  "[SE] x",
  "SEP] [CLS",
  "a [MASK b",
  "<mask x",
  "hi mask> x",
  "a <mask>  b",
  "<s </s> pad>",
  "don't we'll I've",
  "an unaffable   film\tof 1999!",
  "\u039f\u0394\u039f\u03a3 \u039f\u03a3\u03a3",
  "\u4f60\u597d world",
];

const real = realTokenizers();
if (real.length === 0) test.skip("no shared folder, no published tokenizers", () => {});
else
  describe.each(real)("%s", (_, tokenizer) => {
    test("every single edit of hostile texts", () => {
      for (const text of TEXTS) holdsAllNeighbours(tokenizer, text, nasty);
    });

    test("every single edit of random texts", () => {
      fc.assert(
        fc.property(nastyText(10), (text) => {
          holdsAllNeighbours(tokenizer, text, nasty);
        }),
        { numRuns: 30 },
      );
    });

    test("two edits: nothing is missing, enumerated or not", () => {
      for (const text of ["", "as", "a sa", "s  a", "\u0130 s", "\u00e5\u03a3 a", "\u{1F600} a"])
        for (const strings of tokenizer.spelling === undefined ? [1e6] : [1e6, 0]) {
          const reached = reach(tokenizer, text, few, 2, { strings });
          for (const string of allTexts(text, few, 2))
            if (!saysReachable(reached, tokenizer.ids(string)))
              throw new Error(JSON.stringify([text, string, strings]));
        }
    });

    // T5's whole text is one stretch, with no spelling stated for it.
    const spelled = tokenizer.spelling === undefined ? test.skip : test;
    spelled("supersets by spelling hold the tokens of edited texts", () => {
      const letters = fc.constantFrom(
        ...NASTY,
        ..."\u00e9\ufb01\u1112\ud55c\u212b\u4f60ESPi",
        "\ud83d\ude00",
      );
      const edit = fc.tuple(fc.nat(8), fc.nat(1), letters);
      fc.assert(
        fc.property(nastyText(8), edit, edit, (text, ...edits) => {
          const characters = [...text];
          for (const [at, remove, letter] of edits) characters.splice(at, remove, letter);
          const ids = tokenizer.ids(characters.join(""));
          const { tokens, least, most } = nearTokens(tokenizer, text, 2);
          const listed = new Set(tokens);
          expect([...ids].filter((id) => !listed.has(id))).toEqual([]);
          expect(ids.length).toBeGreaterThanOrEqual(least);
          expect(ids.length).toBeLessThanOrEqual(most);
        }),
        { numRuns: 60 },
      );
    });
  });
