/** Both searches against brute force over all strings within k edits, on tens of thousands of random models and texts. */
import fc from "fast-check";
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { plainSearch } from "../../src/certify/plain-search.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { SYMBOL_CHARACTERS } from "../../src/text/symbols.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { agreement } from "../oracle/agreement.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { plainLogits, randomModel, randomString, seeded } from "../oracle/random-model.js";
import { randomAlphabet, wordedModel, wordedText } from "../oracle/worded-model.js";

const MINUTES = 60_000;
const ALL = [...SYMBOL_CHARACTERS];

describe.each(VOCABULARY_KINDS)("%s", (kind) => {
  test.each([
    // k, letters of words, what may be written, runs, longest text
    [1, ["a", "b"], ["a", "b", "c", " "], 4000, 10],
    [1, ["a", "b", "c"], ["a"], 1500, 10],
    [1, ["a", "b", "c"], [" "], 1500, 10],
    [1, ["a", "b"], ALL, 250, 6],
    [2, ["a", "b"], ["a", "b", " "], 1500, 6],
    [2, ["a", "b", "c"], ["c", " "], 1200, 6],
    [2, ["a", "b", "c"], ["a", "b"], 1200, 6],
    [2, ["a", "b"], ALL, 4, 2],
    [3, ["a", "b"], ["b", " "], 600, 6],
    [3, ["a", "b"], ["a", "b", " "], 200, 4],
    [4, ["a", "b"], ["a", " "], 60, 4],
  ])(
    "k = %i, words of %j, writing %j",
    (k, letters, writable, runs, longest) => {
      const alphabet = listAlphabet(
        "test",
        writable.map((c) => c.codePointAt(0)!),
      );
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const random = seeded(seed);
          const model = randomModel(random, kind, 2 + Math.floor(random() * 3), letters);
          const text = randomString(random, [...letters, " "], longest);
          const truth = plainLogits(model, plainTokens(model.vocabulary, text));
          const winner = truth.indexOf(Math.max(...truth));
          const plain = plainSearch(model, text, alphabet, winner, k);
          if (!plain.done) throw new Error(plain.reason);
          const answer = certify(model, text, { edits: k, alphabet });
          let broken: number | null = null;
          const least = truth.map(() => Number.POSITIVE_INFINITY);
          allWithin(text, writable, k).forEach((layer, j) => {
            for (const t of layer) {
              const z = plainLogits(model, plainTokens(model.vocabulary, t));
              if (broken === null && z.indexOf(Math.max(...z)) !== winner) broken = j;
              for (const [y, v] of z.entries())
                if (y !== winner) least[y] = Math.min(least[y]!, z[winner]! - v);
            }
            // Minus zero and zero are the same margin.
            if (least.some((v, y) => v !== plain.least[j]![y]))
              throw new Error(`plain search ${plain.least[j]}, brute force ${least} at ${j}`);
            const listed = answer.margins[j];
            if (listed !== undefined && listed.lower !== Math.min(...least))
              throw new Error(`exact ${listed.lower}, brute force ${least} at ${j}`);
          });
          if (answer.broken !== broken || answer.certified !== (broken === null ? k : broken - 1))
            throw new Error(`exact ${answer.certified}, ${answer.broken}; brute force ${broken}`);
        }),
        { numRuns: runs, seed: 7 * k + writable.length },
      );
    },
    4 * MINUTES,
  );

  test(
    "words of real length, as the plain search does",
    () => {
      const slow = kind === "pieces";
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const random = seeded(seed);
          const size = 3 + Math.floor(random() * (random() < 0.5 ? 20 : 300));
          const { model, words } = wordedModel(random, kind, size, 2 + Math.floor(random() * 3));
          // One model, several texts, numbers of edits and alphabets: tables are kept between them.
          for (let n = 0; n < 8; n++) {
            const text = wordedText(random, words, Math.floor(random() * (slow ? 30 : 70)));
            const k = 1 + Math.floor(random() * (slow ? 2 : 4));
            agreement(model, text, randomAlphabet(random, model), k);
          }
        }),
        { numRuns: slow ? 120 : 400, seed: 1 },
      );
    },
    4 * MINUTES,
  );

  test(
    "words of more than 64 symbols, which have no bounds",
    () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const random = seeded(seed);
          const { model, words } = wordedModel(random, kind, 30, 2);
          const long = Array.from({ length: 14 }, () => words[Math.floor(random() * words.length)]).join("");
          const other = wordedText(random, words, 12);
          for (const text of [`${other} ${long}`, `${long} ${other}`, `${long}  ${long.slice(3)}`])
            agreement(model, text, randomAlphabet(random, model), 1 + (seed % (kind === "pieces" ? 1 : 2)));
        }),
        { numRuns: 40, seed: 2 },
      );
    },
    4 * MINUTES,
  );
});
