/**
 * Real Transformer classifiers from their folders (../shared/models/deept-*): tokens, logits and labels as published, by
 * every backend. Skipped where that folder isn't there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { installedRuntimes } from "../contract/installed.js";

const models = join(import.meta.dirname, "..", "..", "..", "shared", "models");
const names = ["deept-sst2-1layer", "deept-sst2-3layer"];
const there = names.every((name) => existsSync(join(models, name, "model.safetensors")));
const cases = names.flatMap((name) =>
  [...installedRuntimes(), "reference" as const].map((backend) => ({ name, backend })),
);

interface Expected {
  readonly text: string;
  readonly input_ids: readonly number[];
  readonly logits: readonly number[];
}

(there ? describe : describe.skip)("the models of ../shared (skipped where it is absent)", () => {
  test.each(cases)("$name by $backend", async ({ name, backend }) => {
    const folder = join(models, name);
    const expected: Expected[] = JSON.parse(readFileSync(join(folder, "expected-logits.json"), "utf8"));
    expect(expected).toHaveLength(64);
    const model = await loadModel(folder, { backend });
    if (!(model instanceof SequenceModel)) throw new Error("no sequence model");
    expect([model.labels, model.notes]).toEqual([["negative", "positive"], []]);
    const sequences = expected.map(({ text }) => model.tokenizer.encode(text));
    expect(sequences.map((ids) => Array.from(ids))).toEqual(expected.map(({ input_ids: ids }) => ids));
    const found = await model.backend.logits(sequences);
    let worst = 0;
    for (const [i, { logits, text }] of expected.entries()) {
      for (const [y, logit] of logits.entries()) worst = Math.max(worst, Math.abs(logit - found[i]![y]!));
      if (i % 8 === 0) expect((await model.predict(text)).index).toBe(logits[1]! > logits[0]! ? 1 : 0);
    }
    expect(worst).toBeLessThan(backend === "reference" ? 1e-12 : 1e-5);
    await model.backend.close();
  });

  test("they read the first 30 words of a text", async () => {
    const model = await loadModel(join(models, names[0]!), { backend: "reference" });
    if (!(model instanceof SequenceModel)) throw new Error("no sequence model");
    const words = Array.from({ length: 40 }, (_, i) => (i % 2 ? "film" : "good"));
    expect(model.tokenizer.encode(words.join(" "))).toEqual(
      model.tokenizer.encode(words.slice(0, 30).join(" ")),
    );
    expect(model.tokenizer.encode(words.join(" "))).toHaveLength(32);
  });
});
