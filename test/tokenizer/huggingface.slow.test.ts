/**
 * Published tokenizers against the library: tens of thousands of strings each, cuts on wide scripts, every representative of
 * the whole of Unicode on a sample. Skipped where the shared folder isn't there.
 */
import fc from "fast-check";
import { asciiAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { asciiScrapText, scrapPoints, scrapText } from "../oracle/random-tokenizer-file.js";
import { expectCuts, expectStandIns, idsOf } from "./random-files.js";
import { libraryTokenizer, publishedFolders, realTokenizer } from "./real-tokenizers.js";

const SENTENCE =
  "It's a charming & often affecting journey, unbelievably well-made (2001)!  I've\tNEVER seen 3,000 such don'ts...";
const word = fc.constantFrom(
  ...SENTENCE.split(" "),
  ...["[SEP]", "<mask>", "</s>", "<extra_id_7>", "<pad>", "\u00b5m"],
);
const ascii = fc.oneof(
  fc
    .array(fc.oneof(word, fc.string({ unit: "grapheme-ascii", maxLength: 5 })), { maxLength: 5 })
    .map((w) => w.join(" ")),
  fc.array(fc.oneof(word, asciiScrapText(2)), { maxLength: 4 }).map((w) => w.join("")),
  fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
);

if (publishedFolders.length === 0) test.skip("no shared folder, no published tokenizers", () => {});
else
  describe.each(publishedFolders)("%s", (folder) => {
    const tokenizer = realTokenizer(folder);
    const library = libraryTokenizer(folder);

    test("one edit anywhere in a sentence's words gives the library's ids", () => {
      const characters = [...asciiAlphabet().codePoints(), 0, 9, 10, 127].map((point) =>
        String.fromCharCode(point),
      );
      const wrong: string[] = [];
      for (const stretch of SENTENCE.split(/(?= )/))
        for (let at = 0; at <= stretch.length; at++)
          for (const character of characters)
            for (const text of [
              stretch.slice(0, at) + character + stretch.slice(at),
              stretch.slice(0, at) + character + stretch.slice(at + 1),
            ])
              if (`${tokenizer.ids(text)}` !== `${idsOf(library, text)}`) wrong.push(text);
      expect(wrong).toEqual([]);
    });

    test("random texts give the library's ids", () => {
      fc.assert(
        fc.property(fc.oneof({ weight: 5, arbitrary: ascii }, scrapText(8)), (text) => {
          if (`${tokenizer.ids(text)}` !== `${idsOf(library, text)}`)
            expect(text).toBe("a text with the library's ids");
        }),
        { numRuns: 8000 },
      );
    });

    test("cuts hold", () => {
      const cuts = fc.sample(fc.tuple(fc.oneof(ascii, scrapText(6)), fc.oneof(ascii, scrapText(6))), 2500);
      const held = expectCuts(tokenizer, library, cuts);
      expect(held > 1000).toBe(tokenizer.locality.kind === "before-space");
    });

    test("representatives stand for all", () => {
      expectStandIns(tokenizer, library, scrapPoints, fc.sample(fc.tuple(scrapText(3), scrapText(3)), 40));
      if (tokenizer.name === "BPE") return;
      // Of all of Unicode: every character left out is written in some place and looked for among those that aren't.
      const shown = [...tokenizer.representatives(unicodeAlphabet())];
      const before = "\u0391\u03a3 th";
      const done = new Set(
        shown.map((point) => `${tokenizer.ids(`${before}${String.fromCodePoint(point)}e`)}`),
      );
      const missing: string[] = [];
      for (
        let point = 0;
        point < 0x110000;
        point += point < 0x3000 || (point > 0xf900 && point < 0x10000) ? 1 : 37
      ) {
        if (point >= 0xd800 && point < 0xe000) continue;
        const ids = `${tokenizer.ids(`${before}${String.fromCodePoint(point)}e`)}`;
        if (!done.has(ids)) missing.push(point.toString(16));
      }
      expect(missing).toEqual([]);
    });
  });
