/** No certificate is contradicted by an attack: every method, native models and small encoders. */
import { listAlphabet } from "../../src/edits/alphabet.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { encoderModel } from "../oracle/encoder-model.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { randomAlphabet, wordedModel, wordedText } from "../oracle/worded-model.js";
import { holdToAttack, nothingHeld } from "./contradictions.js";

const TIME = 60_000;
const ab = listAlphabet("ab", [0x20, 0x61, 0x62]);

test.each(VOCABULARY_KINDS)(
  "small native models over %s",
  async (kind) => {
    const held = nothingHeld();
    for (let seed = 0; seed < 40; seed++) {
      const random = seeded(seed);
      const model = randomModel(random, kind, 2 + (seed % 3));
      const text = randomString(random, ["a", "b", " "], 8);
      await holdToAttack(model, text, ab, { edits: 1 + (seed % 3), queries: 300, seed, held });
    }
    expect(held.certified.exact).toBeGreaterThan(3);
    expect(held.certified.enumerate).toBeGreaterThan(3);
    expect(held.broken).toBeGreaterThan(3);
  },
  TIME,
);

test.each(VOCABULARY_KINDS)(
  "worded native models over %s",
  async (kind) => {
    const held = nothingHeld();
    for (let seed = 0; seed < 14; seed++) {
      const random = seeded(seed);
      const { model, words } = wordedModel(random, kind, 40, 2 + (seed % 2));
      const text = wordedText(random, words, 25);
      await holdToAttack(model, text, randomAlphabet(random, model), { edits: 2, queries: 200, seed, held });
    }
    expect(held.certified.exact).toBeGreaterThan(0);
    expect(held.broken).toBeGreaterThan(0);
  },
  TIME,
);

test(
  "small encoders",
  async () => {
    const held = nothingHeld();
    for (let seed = 0; seed < 24; seed++) {
      const text = randomString(seeded(seed), ["a", "b", " "], 6);
      await holdToAttack(encoderModel(seed), text, ab, { edits: 2, queries: 150, seed, held });
    }
    expect(held.certified.enumerate).toBeGreaterThan(3);
    expect(held.broken).toBeGreaterThan(3);
  },
  TIME,
);

test(
  "small native Transformers",
  async () => {
    const held = nothingHeld();
    for (let seed = 0; seed < 16; seed++) {
      const random = seeded(seed);
      const additive = randomModel(random, VOCABULARY_KINDS[seed % 3]!, 2, ["a", "b"]);
      const model = randomTransformer(random, additive, { gain: seed % 2 === 0 ? 0.05 : 0.5 });
      const text = randomString(random, ["a", "b", " "], 6);
      await holdToAttack(model, text, ab, { edits: 2, queries: 200, seed, held });
    }
    expect(held.certified.lipschitz).toBeGreaterThan(1);
    expect(held.broken).toBeGreaterThan(3);
  },
  TIME,
);
