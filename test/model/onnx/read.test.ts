/**
 * Encoders that are read back from what was written: the same weights, the same logits.
 */
import type { Encoder } from "../../../src/model/encoder.js";
import { encoderFromOnnx } from "../../../src/model/onnx/read.js";
import { encoderToOnnx } from "../../../src/model/onnx/write.js";
import { referenceLogits } from "../../../src/model/reference.js";
import { randomEncoder, randomIds } from "../../oracle/random-encoder.js";
import { seeded } from "../../oracle/random-model.js";

const readBack = (encoder: Encoder, mask: boolean): Encoder =>
  encoderFromOnnx(encoderToOnnx(encoder, { mask }), encoder);

describe.each([false, true])("written with mask %s and read back", (mask) => {
  test.each(["bert", "distilbert", "roberta"] as const)("%s: every weight comes back", (layout) => {
    for (let seed = 0; seed < 5; seed++) {
      const { encoder } = randomEncoder(seeded(seed), { layout });
      expect(readBack(encoder, mask)).toEqual(encoder);
    }
  });

  test("attention with a null mass, by every similarity: every option comes back", () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 300; seed++) {
      const { encoder } = randomEncoder(seeded(seed));
      const layers = ({ blocks }: Encoder) => blocks.map(({ attention }) => attention);
      const wanted = layers(encoder);
      if (!wanted.some(({ kind }) => kind === "null-mass")) continue;
      for (const [b, layer] of layers(readBack(encoder, mask)).entries()) {
        const other = wanted[b]!;
        if (layer.kind !== "null-mass" || other.kind !== "null-mass") continue;
        const { query, key, value, output, ...options } = layer;
        expect(other).toMatchObject(options);
        const similarity = `${layer.similarity}`;
        seen.set(similarity, (seen.get(similarity) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].sort()).toEqual(["cosine", "distance", "undefined"]);
    expect(Math.min(...seen.values())).toBeGreaterThan(4);
  });

  test("any shape: the same logits", () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = seeded(seed);
      const { encoder } = randomEncoder(random);
      const read = readBack(encoder, mask);
      for (let n = 0; n < 3; n++) {
        const ids = randomIds(random, encoder);
        const [seen, wanted] = [referenceLogits(read, ids), referenceLogits(encoder, ids)];
        const size = Math.max(1, ...Array.from(wanted, Math.abs));
        for (const [y, logit] of seen.entries())
          expect(Math.abs(logit - wanted[y]!) / size).toBeLessThan(1e-6);
      }
    }
  });
});
