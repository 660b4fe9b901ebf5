/**
 * Method `lipschitz` on real Transformers (../shared/models/deept-*): no certificate is refuted by method `enumerate`, which runs the
 * graph on every sequence, whatever the number of exact blocks; and no margin is put above the least that is there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { boundedSequences, encoderLipschitz } from "../../src/certify/lipschitz/encoder.js";
import { singleSequences } from "../../src/certify/lipschitz/single-sequences.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import { marginOf } from "../../src/model/margins.js";
import { referenceLogits } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { shared } from "../tokenizer/real-tokenizers.js";

/** Of the sentences, the first holds under one edit and the second doesn't. */
const CASES = [
  ["deept-sst2-1layer", [45, 1]],
  ["deept-sst2-3layer", [4, 1]],
] as const;
const there = CASES.every(([name]) => existsSync(join(shared, "models", name, "model.safetensors")));
const ascii = asciiAlphabet();

(there ? describe : describe.skip)("lipschitz on SST-2 (skipped where ../shared is absent)", () => {
  test.each(CASES)(
    "%s",
    async (name, sentences) => {
      const model = await loadModel(join(shared, "models", name), { backend: "reference" });
      if (!(model instanceof SequenceModel)) throw new Error(`${name} is no sequence model`);
      const encoder = model.encoder!;
      const expected = readFileSync(join(shared, "models", name, "expected-logits.json"), "utf8");
      const all = JSON.parse(expected) as { text: string }[];
      const texts = sentences.map((i) => all[i]!.text);
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
          if (encoder.blocks.length - exactBlocks === 2) {
            // Two bounded blocks take seconds a sentence, so not every sequence is tried.
            let tried = 0;
            for (const { sequence, lower } of boundedSequences(model, text, ascii, winner, { exactBlocks })) {
              expect(lower).toBeLessThanOrEqual(marginOf(referenceLogits(encoder, sequence.ids), winner));
              if (lower > 0) certified[exactBlocks]!++;
              if (++tried === 10) break;
            }
            continue;
          }
          const answer = encoderLipschitz(model, text, ascii, 1, { exactBlocks });
          const { verdict } = answer.verdict;
          if (verdict !== "certified") continue;
          certified[exactBlocks]!++;
          expect(exact.verdict).toBe("certified");
          expect(answer.margins[1]!.lower).toBeLessThanOrEqual(least);
        }
      }
      expect(certified[0]).toBe(truly);
      // However many blocks are bounded, something is certified.
      expect(Math.min(truly, ...certified)).toBeGreaterThan(0);
    },
    600_000,
  );
});
