/**
 * What bounds of layers certify of real Transformers at one edit, by the number of blocks that are computed exactly, against the
 * exact answer: every sequence that one edit can cause, run by the float64 reference.
 *
 * (a) Sentences certified, each left at the first sequence whose bound isn't above 0; with the directions of the kept tokens' changes, as the
 *     method does it, and by the lengths of these changes only. Any bound above the truth is counted.
 * (b) On every --sample-th of the sentences, every --sequences-th sequence: bound over truth, of the margin (the largest fall that is allowed
 *     for over the largest there is, per sentence) and behind each layer (all radii over all real changes of the kept tokens, per sequence).
 *
 * Where no position moves and no block is computed, nothing is unknown of kept tokens: the bound with 0 exact blocks is the truth.
 *
 *     npm run build && node bench/lipschitz-encoder.mjs [--folder path] [--every n] [--from n] [--parts ab] [--exact 12] [--sample n] [--sequences n]
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encoderChain } from "../dist/bounds/encoder-chain.js";
import { boundedEncoder, encoderSteps } from "../dist/bounds/encoder-steps.js";
import { activationsByStep } from "../dist/certify/inspect/encoder-cuts.js";
import { lowerMargin } from "../dist/certify/lipschitz/encoder.js";
import { singleSequences } from "../dist/certify/lipschitz/single-sequences.js";
import { asciiAlphabet } from "../dist/edits/alphabet.js";
import { ballsOf, distanceUp } from "../dist/layers/balls.js";
import { marginOf } from "../dist/model/margins.js";
import { referenceLogits } from "../dist/model/reference.js";
import { loadModel } from "../dist/node/load-model.js";
import * as bench from "./harness.mjs";

const options = bench.options({
  folder: "",
  every: 1,
  from: 0,
  parts: "ab",
  exact: "",
  sample: 8,
  sequences: 8,
});
const folders = options.folder
  ? [options.folder]
  : ["deept-sst2-1layer", "deept-sst2-3layer"].map((name) => bench.pathOf(`../../shared/models/${name}`));

for (const folder of folders) {
  const model = await loadModel(folder, { backend: "reference" });
  const bounded = boundedEncoder(model.encoder);
  const json = JSON.parse(await readFile(join(folder, "expected-logits.json"), "utf8"));
  const texts = json.map(({ text }) => text).filter((_, i) => i % options.every === options.from);
  bench.heading(`${model.identity.name}: ${texts.length} of ${json.length} sentences, one edit, ascii`);
  const all = model.encoder.blocks.map((_, l) => l).concat(model.encoder.blocks.length);
  const chosen = options.exact === "" ? all : [...String(options.exact)].map(Number);
  const blocks = chosen.filter((exact) => exact < all.length);
  if (options.parts.includes("a")) certified(model, bounded, texts, blocks);
  if (options.parts.includes("b")) {
    const sample = texts.filter((_, i) => i % options.sample === 0);
    tightness(model, bounded, sample, blocks);
  }
}

/** One text, the sequences of one edit and the margins that these truly have. */
function setUp({ encoder, tokenizer, prediction }, text) {
  const base = tokenizer.encode(text);
  const logits = referenceLogits(encoder, base);
  const winner = prediction(logits).index;
  const sequences = [...singleSequences(tokenizer, text, asciiAlphabet())];
  const truths = sequences.map(({ ids }) => marginOf(referenceLogits(encoder, ids), winner));
  return { base, winner, margin: marginOf(logits, winner), sequences, truths };
}

function certified(model, bounded, texts, blocks) {
  const set = texts.map((text) => setUp({ ...model, prediction: (l) => model.prediction(l) }, text));
  const robust = set.filter(({ truths }) => truths.every((truth) => truth > 0)).length;
  const rows = [];
  for (const exactBlocks of blocks)
    for (const vectors of [true, false]) {
      let [count, above, bounds] = [0, 0, 0];
      const before = bench.cpu();
      for (const { base, winner, sequences, truths } of set) {
        let holds = true;
        for (let i = 0; holds && i < sequences.length; i++) {
          const lower = lowerMargin(
            encoderChain(bounded, base, sequences[i], { exactBlocks, vectors }),
            winner,
          );
          bounds++;
          if (!(lower <= truths[i])) above++;
          holds = lower > 0;
        }
        if (holds) count++;
      }
      const ms = (bench.cpu() - before) / bounds;
      rows.push([
        exactBlocks,
        vectors ? "yes" : "no",
        `${count} / ${set.length}`,
        `${robust} / ${set.length}`,
        above,
        bounds,
        ms,
      ]);
    }
  bench.table(
    ["exact blocks", "directions", "certified", "truly robust", "violations", "bounds", "CPU ms a bound"],
    rows,
  );
}

function tightness(model, bounded, texts, blocks) {
  const { encoder } = model;
  const d = encoder.hiddenSize;
  const margins = [];
  const byLayer = [];
  for (const exactBlocks of blocks) {
    const ratios = { yes: [], no: [] };
    const layers = new Map();
    for (const text of texts) {
      const own = setUp({ ...model, prediction: (l) => model.prediction(l) }, text);
      const fall = { truth: 0, yes: 0, no: 0 };
      const before = activationsByStep(encoder, own.base, exactBlocks);
      for (let i = 0; i < own.sequences.length; i += options.sequences) {
        const sequence = own.sequences[i];
        fall.truth = Math.max(fall.truth, own.margin - own.truths[i]);
        for (const [name, vectors] of [
          ["yes", true],
          ["no", false],
        ]) {
          const bound = encoderChain(bounded, own.base, sequence, { exactBlocks, vectors });
          fall[name] = Math.max(fall[name], own.margin - lowerMargin(bound, own.winner));
        }
        // Behind each layer: the centers are not the base's, so both changes are taken from them.
        const after = activationsByStep(encoder, sequence.ids, exactBlocks);
        const start = startOf(before[0], after[0], d, sequence.origins);
        if (start.radii.every((r) => r === 0)) continue;
        for (const [s, { name, output }] of encoderSteps(bounded, exactBlocks, start).entries()) {
          const now = after[s + 1];
          const tokens = output.radii.length;
          // Behind the last attention only the first token is bounded tightly, where that alone is read.
          const read =
            encoder.pooling === "first" && name.startsWith(`block ${encoder.blocks.length}`) ? 1 : tokens;
          let [claimed, real] = [0, 0];
          for (let t = 0; t < read; t++) {
            claimed += output.radii[t];
            real += distanceUp(now, t * output.d, output.centers, t * output.d, output.d);
          }
          if (real > 1e-9) layers.set(name, [...(layers.get(name) ?? []), claimed / real]);
        }
      }
      if (fall.truth > 0) for (const name of ["yes", "no"]) ratios[name].push(fall[name] / fall.truth);
    }
    for (const name of ["yes", "no"])
      margins.push([exactBlocks, name, ...spread(ratios[name]), ratios[name].length]);
    for (const [name, found] of layers) byLayer.push([exactBlocks, name, ...spread(found), found.length]);
  }
  bench.table(["exact blocks", "directions", "least", "median", "most", "sentences"], margins);
  bench.table(["exact blocks", "behind", "least", "median", "most", "sequences"], byLayer);
}

function startOf(base, exact, d, origins) {
  const added = [];
  const radii = new Float64Array(origins.length);
  origins.forEach((origin, i) => {
    if (origin < 0) added.push(exact.slice(i * d, (i + 1) * d));
    else radii[i] = distanceUp(exact, i * d, base, origin * d, d);
  });
  return ballsOf(base, d, { origins, radii, added });
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0, Math.floor(sorted.length / 2), sorted.length - 1].map(
    (i) => sorted[i]?.toPrecision(3) ?? "none",
  );
}
