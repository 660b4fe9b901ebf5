/**
 * Method `lipschitz` on real Transformers (../shared/models/deept-*): no certificate is refuted by method `enumerate`, which runs the
 * graph on every sequence, whatever the number of exact blocks; and no margin is put above the least that is there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { encoderLipschitz } from "../../src/certify/lipschitz/encoder.js";
import { singleSequences } from "../../src/certify/lipschitz/single-sequences.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import { marginOf } from "../../src/model/margins.js";
import { referenceLogits } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { shared } from "../tokenizer/real-tokenizers.js";

const MODELS = ["deept-sst2-1layer", "deept-sst2-3layer"] as const;
const there = MODELS.every((name) => existsSync(join(shared, "models", name, "model.safetensors")));
const ascii = asciiAlphabet();
/** The first and the second hold under one edit, the second for both models; the others don't. */
const SENTENCES = [4, 45, 1, 3];

(there ? describe : describe.skip)("lipschitz on SST-2 (skipped where ../shared is absent)", () => {
  test.each(MODELS)(
    "%s",
    async (name) => {
      const model = await loadModel(join(shared, "models", name), { backend: "reference" });
      if (!(model instanceof SequenceModel)) throw new Error(`${name} is no sequence model`);
      const encoder = model.encoder!;
      const expected = readFileSync(join(shared, "models", name, "expected-logits.json"), "utf8");
      const all = JSON.parse(expected) as { text: string }[];
      const texts = SENTENCES.map((i) => all[i]!.text);
      const certified = new Array<number>(encoder.blocks.length + 1).fill(0);
      let truly = 0;
      for (const text of texts) {
        const exact = await certify(model, text, { edits: 1, method: "enumerate", alphabet: ascii });
        if (exact.verdict === "certified") truly++;
        const winner = exact.prediction.index;
        let least = marginOf(referenceLogits(encoder, model.tokenizer.encode(text)), winner);
        for (const { ids } of singleSequences(model.tokenizer, text, ascii))
          least = Math.min(least, marginOf(referenceLogits(encoder, ids), winner));
        // Nothing is unknown without positions: the default gives the truth.
        const own = encoderLipschitz(model, text, ascii, 1, { tight: true });
        expect(own.verdict.verdict === "certified").toBe(exact.verdict === "certified");
        expect(own.margins[1]!.lower).toBe(least);
        for (const [exactBlocks] of certified.entries()) {
          // Two bounded blocks take seconds a sentence.
          if (encoder.blocks.length - exactBlocks === 2 && text !== texts[0]) continue;
          const answer = encoderLipschitz(model, text, ascii, 1, { exactBlocks });
          const { verdict } = answer.verdict;
          if (verdict !== "certified") continue;
          certified[exactBlocks]!++;
          expect(exact.verdict).toBe("certified");
          expect(answer.margins[1]!.lower).toBeLessThanOrEqual(least);
        }
      }
      expect(certified[0]).toBe(truly);
      // Two bounded blocks of three and one of one: both certify something here.
      expect(Math.min(truly, ...certified)).toBeGreaterThan(0);
    },
    60_000,
  );
});
