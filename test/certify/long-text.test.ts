/**
 * Texts of so many words that equal joins are shared (MANY_WORDS in src/certify/exact/blocks.ts), with words too long to
 * be kept among them: the exact method against the plain search.
 */
import { listAlphabet } from "../../src/edits/alphabet.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { agreement } from "../oracle/agreement.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";

const alphabet = listAlphabet("test", [97, 98, 32]);

test.each(VOCABULARY_KINDS)(
  "texts of over 500 words, %s",
  (kind) => {
    const random = seeded(500);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    let refuted = 0;
    for (let round = 0; round < 12; round++) {
      const model = randomModel(random, kind, 2 + (round % 3), ["a", "b"]);
      const long = randomString(random, ["a", "b"], 40) + "ab".repeat(40);
      const words = [...Array.from({ length: 5 }, () => randomString(random, ["a", "b", "c"], 4)), "a", "b"];
      const text = Array.from({ length: 510 }, (_, i) =>
        round % 2 === 1 && i % 200 === 7 ? long : pick(words),
      );
      agreement(model, text.join(" "), alphabet, round % 3 === 0 ? 2 : 1);
    }
    // Words chosen so that the margin stays near 0, where edits break the answer.
    for (let round = 0; round < 16; round++) {
      const model = randomModel(random, kind, 2, ["a", "b"]);
      const pool = ["c", "ab", "ba", "a", "b", "aab", "", "bb"];
      let text = "";
      for (let n = 0; n < 520; n++) {
        const margins = pool.map((word) => {
          const [x, y] = model.predict(`${text} ${word}`).scores;
          return Math.abs(x! - y!);
        });
        text += ` ${random() < 0.5 ? pick(pool) : pool[margins.indexOf(Math.min(...margins))]}`;
      }
      if (agreement(model, text, alphabet, 2) === "refuted") refuted++;
    }
    expect(refuted).toBeGreaterThan(3);
  },
  120_000,
);
