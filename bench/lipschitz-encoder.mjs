/**
 * What bounds of layers certify of real Transformers at one edit, by the number of blocks that are computed exactly, against the
 * exact answer: every sequence that one edit can cause, run by the float64 reference.
 *
 * The ratio is the largest bound of the fall of a margin over the largest true fall, per sentence; "none" where no edit lowers it.
 *
 *     npm run build && node bench/lipschitz-encoder.mjs [--folder path] [--every n] [--from n]
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { boundedSequences } from "../dist/certify/lipschitz/encoder.js";
import { asciiAlphabet } from "../dist/edits/alphabet.js";
import { marginOf } from "../dist/model/margins.js";
import { referenceLogits } from "../dist/model/reference.js";
import { loadModel } from "../dist/node/load-model.js";
import * as bench from "./harness.mjs";

const options = bench.options({ folder: "", every: 8, from: 0 });
const folders = options.folder
  ? [options.folder]
  : ["deept-sst2-1layer", "deept-sst2-3layer"].map((name) => bench.pathOf(`../../shared/models/${name}`));

for (const folder of folders) {
  const model = await loadModel(folder, { backend: "reference" });
  const { encoder } = model;
  const all = JSON.parse(await readFile(join(folder, "expected-logits.json"), "utf8")).map(
    ({ text }) => text,
  );
  const texts = all.filter((_, i) => i % options.every === options.from);
  bench.heading(`${model.identity.name}: ${texts.length} of ${all.length} sentences, one edit, ascii`);
  const rows = [];
  for (let exactBlocks = 0; exactBlocks <= encoder.blocks.length; exactBlocks++) {
    let [certified, truly, bounds, wrong, ms] = [0, 0, 0, 0, 0];
    const ratios = [];
    for (const text of texts) {
      const logits = referenceLogits(encoder, model.tokenizer.encode(text));
      const winner = model.prediction(logits).index;
      const margin = marginOf(logits, winner);
      let [least, bound] = [margin, margin];
      let started = performance.now();
      for (const { sequence, lower } of boundedSequences(model, text, asciiAlphabet(), winner, {
        exactBlocks,
      })) {
        ms += performance.now() - started;
        bounds++;
        const true_ = marginOf(referenceLogits(encoder, sequence.ids), winner);
        if (!(lower <= true_)) wrong++;
        least = Math.min(least, true_);
        bound = Math.min(bound, lower);
        started = performance.now();
      }
      if (bound > 0) certified++;
      if (least > 0) truly++;
      if (least < margin) ratios.push((margin - bound) / (margin - least));
    }
    ratios.sort((a, b) => a - b);
    rows.push([
      exactBlocks,
      certified,
      truly,
      ...[0, Math.floor(ratios.length / 2), ratios.length - 1].map(
        (i) => ratios[i]?.toPrecision(3) ?? "none",
      ),
      wrong,
      bounds,
      (ms / bounds).toFixed(1),
    ]);
  }
  bench.table(
    [
      "exact blocks",
      "certified",
      "truly robust",
      "least ratio",
      "median",
      "most",
      "violations",
      "bounds",
      "ms a bound",
    ],
    rows,
  );
}
