/**
 * Written ONNX models against the float64 reference, run by ONNX Runtime: every shape that an encoder can have, with and
 * without a mask, in batches of one length and padded ones.
 */
import { encoderToOnnx } from "../../../src/model/onnx/write.js";
import { referenceLogits } from "../../../src/model/reference.js";
import { openOnnx } from "../../oracle/onnx-run.js";
import { type Layout, randomEncoder, randomIds } from "../../oracle/random-encoder.js";
import { seeded } from "../../oracle/random-model.js";

/** Float32 loses about 1e-6 of the largest number on the way to the logits. */
const TOLERANCE = 2e-5;

function worst(seen: readonly number[], wanted: Float64Array): number {
  expect(seen).toHaveLength(wanted.length);
  const size = Math.max(1, ...Array.from(wanted, Math.abs));
  return Math.max(...seen.map((logit, y) => Math.abs(logit - wanted[y]!) / size));
}

async function compare(seed: number, layout?: Layout): Promise<void> {
  const random = seeded(seed);
  const { encoder } = randomEncoder(random, layout === undefined ? {} : { layout });
  const sequences = Array.from({ length: 4 }, () => randomIds(random, encoder));
  const wanted = sequences.map((ids) => referenceLogits(encoder, ids));
  for (const mask of [false, true]) {
    const onnx = await openOnnx(encoderToOnnx(encoder, { mask }));
    expect(onnx.inputs).toEqual(mask ? ["input_ids", "attention_mask"] : ["input_ids"]);
    for (const [i, ids] of sequences.entries()) {
      // Twice the same sequence: the batch has more than one row.
      const both = await onnx.logits([ids, ids]);
      for (const logits of both) expect(worst(logits, wanted[i]!)).toBeLessThan(TOLERANCE);
    }
    if (mask) {
      const padded = await onnx.logits(sequences, 1);
      for (const [i, logits] of padded.entries()) expect(worst(logits, wanted[i]!)).toBeLessThan(TOLERANCE);
    }
    await onnx.close();
  }
}

const SEEDS = Array.from({ length: 24 }, (_, i) => i);

test.each(["bert", "distilbert", "roberta"] as const)(
  "random encoders in the layout of %s",
  async (layout) => {
    for (const seed of SEEDS.slice(0, 5)) await compare(seed, layout);
  },
  60_000,
);

test("random encoders of any shape", async () => {
  for (const seed of SEEDS) await compare(1000 + seed);
}, 60_000);
