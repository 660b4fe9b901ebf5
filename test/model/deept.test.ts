/**
 * The loader and the float64 reference against logits that the DeepT models' own code gave (shared folder).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEncoder } from "../../src/model/load-encoder.js";
import { referenceBackend, referenceLogits } from "../../src/model/reference.js";

const models = join(import.meta.dirname, "..", "..", "..", "shared", "models");
const names = ["deept-sst2-1layer", "deept-sst2-3layer"];
// They aren't part of the project: without them these tests are skipped.
const here = names.every((name) => existsSync(join(models, name, "model.safetensors")));

(here ? describe : describe.skip)(
  "the DeepT models of ../shared (skipped where that folder is absent)",
  () => {
    test.each(names)("%s gives the logits of all 64 sentences", async (name) => {
      const file = (path: string) => readFileSync(join(models, name, path));
      const encoder = loadEncoder(file("config.json"), file("model.safetensors"), name);
      const expected: { input_ids: number[]; logits: number[] }[] = JSON.parse(
        file("expected-logits.json").toString(),
      );
      expect(expected).toHaveLength(64);
      const seen = await referenceBackend(encoder).logits(
        expected.map(({ input_ids: ids }) => Int32Array.from(ids)),
      );
      let worst = 0;
      for (const [i, { logits }] of expected.entries())
        for (const [y, logit] of logits.entries()) worst = Math.max(worst, Math.abs(logit - seen[i]![y]!));
      expect(worst).toBeLessThan(1e-12);
      // A check that could fail: another order of the tokens is another answer, but only for the first token's.
      expect(referenceLogits(encoder, Int32Array.of(2, 109, 13, 3))).not.toEqual(
        referenceLogits(encoder, Int32Array.of(109, 2, 13, 3)),
      );
    });
  },
);
