/** Texts that have made tokenizers and edits disagree, and characters that make more of them. */
import fc from "fast-check";
import { listAlphabet } from "../../src/edits/alphabet.js";

/** Space, tab, newline, no-break space, combining mark, sigmas, brackets, joiner, Hangul jamo, dot-less and dotted i. */
export const NASTY = [..." \t\n\u00a0\u0301\u03a3[S]\u200d\u1161\u0130a.<m>"];
export const nastyAlphabet = listAlphabet(
  "nasty",
  NASTY.map((character) => character.codePointAt(0)!),
);

export const HOSTILE: readonly string[] = [
  "",
  "a",
  " ",
  "  ",
  " a",
  "a ",
  "  a  ",
  "a b",
  "a  b",
  "ab\t cd",
  "ab \tcd",
  "ab\n",
  "\t",
  "a\u00a0 b c",
  "[S]",
  "a[S]b",
  "[S b",
  "[ ]",
  "S] [S",
  "<m>",
  "<m x",
  "\u03a3\u03a3 a\u03a3 b",
  "\u0391\u03a3a \u03a3",
  "I\u0307 \u0130",
  "\ud83d x",
  "x\ude00 y",
  "\ud83dx\ude00",
  "\ud83d \ude00",
  "\ud83dxx\ude00 a",
  "a \ud83d\ude00 b",
  "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 ok",
  "e\u0301 e \u0301",
  "\u1112\u1161\u11ab \ud55c",
  "\u00adx\u00ad y",
  "\ufb01n \u1e9e",
  "\u0645\u0631\u062d\u0628\u0627 \u4f60\u597d \u0e2a\u0e27\u0e31",
  "aaaaaa bb",
  "the the  the",
  "a.b. .",
];

/** Texts of a few nasty characters and letters of several scripts; some with lone surrogates. */
export const nastyText = (most: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...NASTY) },
        { weight: 4, arbitrary: fc.constantFrom(..." ab S") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "\ud83d",
            "\ude00",
            "\ud83d\ude00",
            "\u4f60",
            "\u0645",
            "\u00ad",
            "\u0391",
          ),
        },
      ),
      { maxLength: most },
    )
    .map((characters) => characters.join(""));
