/**
 * Graphs that are changed in one place and then read: for each, what came of it.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { UserError } from "../../src/failure.js";
import { encoderFromOnnx } from "../../src/model/onnx/read.js";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { referenceLogits } from "../../src/model/reference.js";
import { damage } from "./damage.js";
import { openOnnx } from "./onnx-run.js";
import { pick, randomEncoder, randomIds } from "./random-encoder.js";
import { seeded } from "./random-model.js";
import { torchStyle } from "./torch-style.js";

const LAYOUTS = ["bert", "distilbert", "roberta"] as const;

export interface DamageCounts {
  /** No encoder was read. */
  readonly refused: number;
  /** One was read, and ONNX Runtime gives its logits. */
  readonly read: number;
  /** One was read, of a graph that ONNX Runtime can't run. */
  readonly broken: number;
  /** Sequences whose logits are no longer those of before the change. */
  readonly changed: number;
}

/** @throws Error if an encoder is read that doesn't compute what the changed graph computes */
export async function readDamaged(from: number, to: number): Promise<DamageCounts> {
  const counts = { refused: 0, read: 0, broken: 0, changed: 0 };
  for (let seed = from; seed < to; seed++) {
    const random = seeded(seed);
    const { encoder } = randomEncoder(random, { layout: pick(random, LAYOUTS), layers: 1 });
    const bytes = random() < 0.7 ? torchStyle(encoder, random) : encoderToOnnx(encoder, { mask: true });
    const model = fromBinary(ModelProtoSchema, bytes);
    const what = damage(model, random);
    const damaged = toBinary(ModelProtoSchema, model);
    let read: ReturnType<typeof encoderFromOnnx>;
    try {
      read = encoderFromOnnx(damaged, encoder);
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`seed ${seed}, ${what}`, { cause: error });
      counts.refused++;
      continue;
    }
    // A graph that ONNX Runtime refuses, or fails on, computes nothing.
    const ids = [randomIds(random, encoder, 9), Int32Array.of(3, 1, 4, 1, 5)];
    const wanted = await run(damaged, ids);
    if (wanted === null) {
      counts.broken++;
      continue;
    }
    counts.read++;
    for (const [i, sequence] of ids.entries()) {
      const seen = referenceLogits(read, sequence);
      const size = Math.max(1, ...wanted[i]!.map(Math.abs));
      for (const [y, logit] of wanted[i]!.entries())
        if (!(Math.abs(logit - seen[y]!) / size < 1e-3))
          throw new Error(
            `seed ${seed}, ${what}: logits ${seen.join(" ")} instead of ${wanted[i]!.join(" ")}`,
          );
      const before = referenceLogits(encoder, sequence);
      if (seen.some((logit, y) => Math.abs(logit - before[y]!) > 1e-3)) counts.changed++;
    }
  }
  return counts;
}

async function run(bytes: Uint8Array, ids: readonly Int32Array[]): Promise<number[][] | null> {
  try {
    const onnx = await openOnnx(bytes);
    const logits: number[][] = [];
    for (const sequence of ids) logits.push((await onnx.logits([sequence]))[0]!);
    await onnx.close();
    return logits;
  } catch {
    return null;
  }
}
