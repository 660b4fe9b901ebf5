/**
 * Reach at length: thousands of random and hostile texts with every single edit, and every string within two and three
 * edits on small alphabets.
 */
import fc from "fast-check";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { reach } from "../../src/tokenizer/reach.js";
import { randomString, randomVocabulary, seeded } from "../oracle/random-model.js";
import { HOSTILE, nastyAlphabet, nastyText } from "./hostile-texts.js";
import { allReachable, allTexts, saysReachable } from "./reach-oracle.js";
import { holdsAllNeighbours } from "./single-reach-oracle.js";
import { tinyTokenizers } from "./tiny-tokenizers.js";

const points = (characters: string) => [...characters].map((character) => character.codePointAt(0)!);
const small = listAlphabet("small", points("a \t"));

const native = (["words", "pieces", "patterns"] as const).flatMap((kind, i) =>
  [31, 41].map((seed) => {
    const tokenizer = nativeTokenizer(randomVocabulary(seeded(seed + i), kind, ["a", "b", "s", "m"]));
    return [`${tokenizer.name} ${seed}`, tokenizer] as const;
  }),
);

describe.each([...tinyTokenizers().map((tiny) => [tiny.name, tiny] as const), ...native])(
  "%s",
  (_, tokenizer) => {
    test("every single edit of 1,000 random texts", () => {
      let edits = 0;
      fc.assert(
        fc.property(nastyText(16), (text) => {
          edits += holdsAllNeighbours(tokenizer, text, nastyAlphabet);
        }),
        { numRuns: 1000 },
      );
      expect(edits).toBeGreaterThan(100_000);
    });

    test("exactly what all strings within 2 and 3 edits give", () => {
      const random = seeded(9);
      const check = (text: string, k: number): void => {
        const real = new Set<string>();
        for (const string of allTexts(text, small, k)) real.add(tokenizer.ids(string).join());
        const said = allReachable(reach(tokenizer, text, small, k, { strings: 1e7 }));
        expect([text, [...said].sort()]).toEqual([text, [...real].sort()]);
      };
      for (let n = 0; n < 100; n++) check(randomString(random, ["a", "b", " ", " ", "\t"], 6), 2);
      for (let n = 0; n < 20; n++) check(randomString(random, ["a", "b", " ", " ", "\t"], 4), 3);
    });

    test("nothing is missing at two edits with nasty characters, enumerated or not", () => {
      const alphabet = listAlphabet("nasty few", points(" \u00a0\u0301\u200dS]\u03a3"));
      const check = (text: string): void => {
        // Where nothing is known of the spelling every superset holds everything.
        for (const strings of tokenizer.spelling === undefined ? [1e6] : [1e6, 300]) {
          const reached = reach(tokenizer, text, alphabet, 2, { strings });
          for (const string of allTexts(text, alphabet, 2))
            if (!saysReachable(reached, tokenizer.ids(string)))
              throw new Error(JSON.stringify([text, string]));
        }
      };
      for (const text of HOSTILE.filter(({ length }) => length < 6)) check(text);
      fc.assert(fc.property(nastyText(5), check), { numRuns: tokenizer.spelling === undefined ? 5 : 30 });
    });
  },
);
