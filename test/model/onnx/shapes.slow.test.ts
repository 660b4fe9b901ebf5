/**
 * Many random encoders of any shape: written, run by ONNX Runtime and read back. What is read gives the same logits,
 * and written again the same file.
 */
import { encoderFromOnnx } from "../../../src/model/onnx/read.js";
import { encoderToOnnx } from "../../../src/model/onnx/write.js";
import { referenceLogits } from "../../../src/model/reference.js";
import { openOnnx } from "../../oracle/onnx-run.js";
import { randomEncoder, randomIds } from "../../oracle/random-encoder.js";
import { seeded } from "../../oracle/random-model.js";

test("any shape, 200 times", async () => {
  for (let seed = 10_000; seed < 10_200; seed++) {
    const random = seeded(seed);
    const { encoder } = randomEncoder(random, random() < 0.3 ? { layout: "roberta" } : {});
    const bytes = encoderToOnnx(encoder, { mask: random() < 0.5 });
    const read = encoderFromOnnx(bytes, encoder);
    const sequences = Array.from({ length: 3 }, () => randomIds(random, encoder));
    const onnx = await openOnnx(bytes);
    for (const ids of sequences) {
      const wanted = referenceLogits(encoder, ids);
      const size = Math.max(1, ...Array.from(wanted, Math.abs));
      const [ran] = await onnx.logits([ids]);
      const back = referenceLogits(read, ids);
      for (const [y, logit] of wanted.entries()) {
        expect(Math.abs(ran![y]! - logit) / size).toBeLessThan(5e-5);
        expect(Math.abs(back[y]! - logit) / size).toBeLessThan(1e-6);
      }
    }
    await onnx.close();
    const again = encoderToOnnx(read, { mask: false });
    expect(encoderToOnnx(encoderFromOnnx(again, read), { mask: false })).toEqual(again);
  }
}, 300_000);
