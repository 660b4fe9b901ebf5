/**
 * Encoders read out of graphs that others write: real exports of torch.onnx (test/vectors/onnx, made by
 * test/tools/export-onnx.py) and graphs in its style with random choices. The float64 reference of what was read is
 * compared with the logits of torch, and of ONNX Runtime on the graph itself.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Encoder } from "../../../src/model/encoder.js";
import { encoderFromOnnx } from "../../../src/model/onnx/read.js";
import { encoderToOnnx } from "../../../src/model/onnx/write.js";
import { referenceLogits } from "../../../src/model/reference.js";
import { openOnnx } from "../../oracle/onnx-run.js";
import { pick, randomEncoder, randomIds } from "../../oracle/random-encoder.js";
import { type Random, seeded } from "../../oracle/random-model.js";
import { torchStyle } from "../../oracle/torch-style.js";

const folder = join(import.meta.dirname, "..", "..", "vectors", "onnx");
interface Vector {
  readonly file: string;
  readonly texts: readonly { readonly ids: readonly number[]; readonly logits: readonly number[] }[];
}
const { cases } = JSON.parse(readFileSync(join(folder, "logits.json"), "utf8")) as { cases: Vector[] };

function worst(seen: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const size = Math.max(1, ...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(wanted, (logit, y) => Math.abs(logit - seen[y]!) / size));
}

test.each(cases)("$file, exported by torch: the logits of torch", ({ file, texts }) => {
  const encoder = encoderFromOnnx(readFileSync(join(folder, file)), { labels: ["a", "b", "c"] });
  expect(encoder.mostTokens).toBe(file.startsWith("roberta") ? 14 : 16);
  for (const { ids, logits } of texts)
    expect(worst(referenceLogits(encoder, Int32Array.from(ids)), logits)).toBeLessThan(1e-9);
  // What was read and written again is the same encoder.
  expect(encoderFromOnnx(encoderToOnnx(encoder, { mask: true }), encoder)).toEqual(encoder);
});

/** Layouts of the families, and the same with norms before the branches, with another pooling, without some parts. */
function varied(random: Random): Encoder {
  const { encoder } = randomEncoder(random, { layout: pick(random, ["bert", "distilbert", "roberta"]) });
  const d = encoder.hiddenSize;
  const pre = random() < 0.4;
  return {
    ...encoder,
    architecture: "onnx",
    blocks: encoder.blocks.map((block) => ({
      ...block,
      normPlacement: pre ? ("pre" as const) : ("post" as const),
    })),
    finalNorm: pre
      ? {
          kind: "layer",
          weight: Float32Array.from({ length: d }, random),
          bias: new Float32Array(d).fill(0.1),
          epsilon: 1e-5,
        }
      : { kind: "none" },
    pooling: random() < 0.6 ? "first" : pick(random, ["mean", "sum"]),
    embedding: random() < 0.2 ? { ...encoder.embedding, norm: { kind: "none" } } : encoder.embedding,
  };
}

test("graphs in the style of torch.onnx: every weight is found, and the logits are those of ONNX Runtime", async () => {
  for (let seed = 0; seed < 25; seed++) {
    const random = seeded(seed);
    const encoder = varied(random);
    const bytes = torchStyle(encoder, random);
    const read = encoderFromOnnx(bytes, { labels: encoder.labels });
    expect(read).toEqual(encoder);
    const onnx = await openOnnx(bytes);
    const sequences = Array.from({ length: 2 }, () => randomIds(random, encoder));
    const logits = await onnx.logits(sequences, 1);
    for (const [i, ids] of sequences.entries())
      expect(worst(logits[i]!, referenceLogits(read, ids))).toBeLessThan(2e-5);
    await onnx.close();
  }
}, 60_000);
