/**
 * `enumerate` and `exact` say the same of one edit on 150 short messages, by the model that ships for them. The texts are those of
 * ../shared/data; skipped where that folder isn't there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { asciiAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { packageRoot } from "../../src/node/package-root.js";
import { bothMethodsAgree, spreadTexts } from "./enumerate-native.js";

const DATA = process.env.TYPOPROOF_DATA || join(await packageRoot(), "../shared/data");
const cases = [{ model: "sms-spam", dataset: "sms-spam:test" }].flatMap((one) =>
  [asciiAlphabet(), unicodeAlphabet()].map((alphabet) => ({ ...one, alphabet })),
);

describe.each(cases)("$model on $dataset, $alphabet.name", ({ model, dataset, alphabet }) => {
  const there = existsSync(join(DATA, "sms-spam")) && existsSync(join(DATA, "sst2"));
  (there ? test : test.skip)(
    "150 texts (skipped where the data isn't there)",
    async () => {
      const texts = await spreadTexts(dataset, 150, DATA);
      expect(texts).toHaveLength(150);
      const { certified, refuted } = await bothMethodsAgree(model, texts, alphabet);
      expect(certified + refuted).toBe(150);
      expect(Math.min(certified, refuted)).toBeGreaterThan(0);
    },
    600_000,
  );
});
