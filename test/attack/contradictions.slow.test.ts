/**
 * No certificate is contradicted by an attack, at length: more small models, those that ship on texts like real ones,
 * and those of the shared folder where it is.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { loadModel } from "../../src/node/load-model.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { encoderModel } from "../oracle/encoder-model.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";
import { holdToAttack, nothingHeld } from "./contradictions.js";

const TIME = 120_000;
const ab = listAlphabet("ab", [0x20, 0x61, 0x62]);

test.each(VOCABULARY_KINDS)(
  "small native models over %s",
  async (kind) => {
    const held = nothingHeld();
    for (let seed = 1000; seed < 1170; seed++) {
      const random = seeded(seed);
      const model = randomModel(random, kind, 2 + (seed % 3));
      const text = randomString(random, ["a", "b", " "], 9);
      await holdToAttack(model, text, ab, { edits: 1 + (seed % 3), queries: 500, seed, held });
    }
    expect(held.certified.exact).toBeGreaterThan(10);
    expect(held.broken).toBeGreaterThan(10);
  },
  TIME,
);

test(
  "small encoders",
  async () => {
    const held = nothingHeld();
    for (let seed = 1000; seed < 1080; seed++) {
      const text = randomString(seeded(seed), ["a", "b", " "], 7);
      await holdToAttack(encoderModel(seed), text, ab, { edits: 2, queries: 300, seed, held });
    }
    expect(held.certified.enumerate).toBeGreaterThan(10);
    expect(held.broken).toBeGreaterThan(10);
  },
  TIME,
);

test.each(["sms-spam", "sst2"])(
  "%s",
  async (name) => {
    const held = nothingHeld();
    const model = await loadModel(name);
    for (const [n, text] of [
      "Free entry in 2 a wkly comp to win FA Cup final tkts",
      "a gripping thriller",
      "not good , not bad",
    ].entries())
      await holdToAttack(model, text, n === 1 ? unicodeAlphabet() : asciiAlphabet(), {
        edits: 3,
        queries: 500,
        seed: n,
        held,
      });
    expect(held.certified.exact).toBeGreaterThan(0);
    expect(held.broken).toBeGreaterThan(0);
  },
  TIME,
);

describe("with the models of the shared folder, where it is", () => {
  const shared = join(import.meta.dirname, "..", "..", "..", "shared");
  const read = (path: string): string | null => {
    try {
      return readFileSync(join(shared, path), "utf8");
    } catch {
      return null;
    }
  };
  const sentences = read("data/sst2/dev.tsv")
    ?.split("\n")
    .slice(1)
    .map((line) => line.split("\t")[0]!.trim());
  const short = sentences?.filter(({ length }) => length > 10 && length < 40).slice(0, 4) ?? [];
  const when = short.length > 0 ? test : test.skip;
  // Skipped where the folder isn't beside the project.
  when.each(["deept-sst2-1layer", "deept-sst2-3layer"])(
    "%s",
    async (name) => {
      const held = nothingHeld();
      const model = await loadModel(join(shared, "models", name));
      for (const [n, text] of short.entries())
        await holdToAttack(model, text, asciiAlphabet(), { edits: 1, queries: 200, seed: n, held });
      expect(held.broken + (held.certified.enumerate ?? 0)).toBeGreaterThan(0);
    },
    TIME,
  );

  const published = read("models/lipslev-ag-news/published-results.json");
  (published === null ? test.skip : test)(
    "lipslev-ag-news",
    async () => {
      const held = nothingHeld();
      const model = await loadModel(join(shared, "models", "lipslev-ag-news"));
      const texts = [...published!.matchAll(/"text": *("(?:[^"\\]|\\.)*")/g)].map(
        ([, text]) => JSON.parse(text!) as string,
      );
      for (const [n, text] of texts.slice(0, 4).entries())
        await holdToAttack(model, text, asciiAlphabet(), { edits: 2, queries: 300, seed: n, held });
      expect(texts.length).toBe(10);
      expect((held.certified.lipschitz ?? 0) + (held.certified.exact ?? 0)).toBeGreaterThan(0);
    },
    TIME,
  );
});
