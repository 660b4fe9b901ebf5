/** `inspect` of trained encoders in ../shared/models (skipped where they are absent). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { encoderLipschitz } from "../../../src/certify/lipschitz/encoder.js";
import { asciiAlphabet } from "../../../src/edits/alphabet.js";
import type { SequenceModel } from "../../../src/model/sequence.js";
import { loadModel } from "../../../src/node/load-model.js";
import { expectConsistent } from "./held.js";

const folder = (name: string) => join(import.meta.dirname, "..", "..", "..", "..", "shared", "models", name);

for (const [name, exactBlocks] of [
  ["deept-sst2-1layer", 0],
  ["deept-sst2-3layer", 2],
] as const) {
  const present = existsSync(join(folder(name), "model.safetensors"));
  (present ? test : test.skip)(`../shared/models/${name}: the bound is the method's`, async () => {
    const model = (await loadModel(folder(name))) as SequenceModel;
    const found = await inspect(model, "fun", { exactBlocks });
    expectConsistent(found);
    const method = encoderLipschitz(model, "fun", asciiAlphabet(), 1, { exactBlocks, tight: true });
    expect(found.bound).toBe(method.margins[1]!.lower);
    expect(found.layers.filter(({ name }) => name.endsWith("attention"))).toHaveLength(
      model.encoder!.blocks.length - exactBlocks,
    );
    // What a layer really makes of the worst change is no more than its bound says.
    for (const { entering, leaving } of found.layers) if (entering !== null) expect(leaving).not.toBeNull();
    expect(found.sites[0]!.lower).toBe(found.bound);
  });
}
