/** Tokens after a change, against tokenising the changed text whole; and edits one by one, against the distance. */
import fc from "fast-check";
import { partsOf, textOf, UNCHANGED, withPart } from "../../src/attack/parts.js";
import { unitEdits, withEdits } from "../../src/attack/shorten.js";
import { TokenisedText } from "../../src/attack/spliced.js";
import { levenshtein } from "../../src/edits/distance.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { randomVocabulary, seeded } from "../oracle/random-model.js";

/** One token for all of the text: nothing is known of its parts. */
const whole: Tokenizer = {
  ...nativeTokenizer(randomVocabulary(seeded(1), "words", ["a"])),
  locality: { kind: "none", why: "a test" },
  ids: (text) => Int32Array.of(text.length, [...text].filter((c) => c === "a").length),
};
const character = fc.constantFrom("a", "b", " ", " ", "\t", "é", "\ud83d", "\ude00", "👍", ".");
const texts = fc.string({ unit: character, maxLength: 14 });

test.each([...VOCABULARY_KINDS, "none"] as const)(
  "spliced tokens are those of the changed text: %s",
  (kind) => {
    fc.assert(
      fc.property(
        fc.nat(),
        texts,
        fc.nat(),
        fc.nat(),
        fc.string({ unit: character, maxLength: 3 }),
        (seed, text, i, j, written) => {
          const tokenizer =
            kind === "none" ? whole : nativeTokenizer(randomVocabulary(seeded(seed), kind, ["a", "b"]));
          const [begin, end] = [i % (text.length + 1), j % (text.length + 1)].sort((a, b) => a - b) as [
            number,
            number,
          ];
          const memory = new Map();
          const tokenised = new TokenisedText(tokenizer, text, memory);
          expect(tokenised.ids).toEqual(tokenizer.ids(text));
          const splice = tokenised.spliced(begin, end, written);
          const changed = tokenizer.ids(text.slice(0, begin) + written + text.slice(end));
          expect(tokenised.after(splice)).toEqual(changed);
          if (tokenised.isIdle(splice)) expect(changed).toEqual(tokenised.ids);
        },
      ),
      { numRuns: 400 },
    );
  },
);

test("edits one by one lead to the text, and are as many as the distance", () => {
  fc.assert(
    fc.property(texts, texts, (from, to) => {
      const edits = unitEdits(from, to);
      expect(edits).toHaveLength(levenshtein(from, to));
      expect(withEdits(from, edits)).toBe(to);
      expect(withEdits(from, [])).toBe(from);
    }),
  );
});

test("parts joined give the text, also when some have changed", () => {
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 80 }), fc.nat(), (text, n) => {
      const parts = partsOf(text);
      expect(textOf(parts, UNCHANGED)).toBe(text);
      const part = n % parts.length;
      const state = withPart(UNCHANGED, part, `${parts[part]}x`, 1);
      expect(levenshtein(textOf(parts, state), text)).toBeLessThanOrEqual(1);
      expect(state.cost).toBe(1);
    }),
  );
});
