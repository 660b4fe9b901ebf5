/**
 * How far the chain of layer bounds is from the truth: one substitution in small Transformers as they are initialised.
 *
 * Per seed: a random encoder and a random text of 8 tokens; every substitution of a middle token by every other word is bounded and run.
 * The ratio is the largest bound of the margin's change over the largest true change. The first `exact` blocks are computed on the
 * changed sequence; behind them kept tokens are known by the direction and length of their change, the new token by its vector.
 * With "lengths only" the bound holds for every sequence whose kept tokens move by no more.
 *
 *     npm run build && node bench/transformer-bounds.mjs [--seeds n] [--every n] [--d n] [--pooling mean|sum|first] [--rows part of a name]
 */
import { encoderChain } from "../dist/bounds/encoder-chain.js";
import { boundedEncoder } from "../dist/bounds/encoder-steps.js";
import { referenceLogits } from "../dist/model/reference.js";
import * as bench from "./harness.mjs";
import { initialisedEncoder, randomText, SETTING } from "./initialised-encoder.mjs";

const options = bench.options({ seeds: 20, every: 1, d: SETTING.d, pooling: "", tokens: 8, rows: "" });

/** Each is measured with the directions of the kept tokens' changes, as method `lipschitz` uses them, and with their lengths only. */
const SETUPS = [
  ["one layer, block 1 exact", { layers: 1 }, 1],
  ["two layers, block 1 exact", { layers: 2 }, 1],
  ["two layers, first token pooled", { layers: 2, pooling: "first" }, 1],
  ["two layers, pre-norm", { layers: 2, placement: "pre" }, 1],
  ["two layers, gain 1 (Xavier)", { layers: 2, gain: 1 }, 1],
  ["three layers, weak logits, block 1 exact", { layers: 3, logits: 0.3 }, 1],
  ["three layers, block 1 exact", { layers: 3 }, 1],
  ["three layers, blocks 1 and 2 exact", { layers: 3 }, 2],
];
const ROWS = SETUPS.flatMap(([name, setting, exactBlocks]) => [
  [name, setting, { exactBlocks, vectors: true }],
  [`${name}, lengths only`, setting, { exactBlocks }],
]);

bench.heading("Bound over true maximum, one substitution");
const table = [];
for (const [name, setting, chain] of ROWS.filter(([name]) => name.includes(options.rows))) {
  const given = {
    d: options.d,
    inner: 4 * options.d,
    ...(options.pooling ? { pooling: options.pooling } : {}),
    ...setting,
  };
  const { vocabulary } = { ...SETTING, ...given };
  const ratios = [];
  let wrong = 0;
  let bounds = 0;
  const started = bench.cpu();
  for (let seed = 1; seed <= options.seeds; seed++) {
    const encoder = initialisedEncoder(seed, given);
    const bounded = boundedEncoder(encoder);
    const base = randomText(1000 + seed, options.tokens, vocabulary);
    const [a, b] = referenceLogits(encoder, base);
    let truth = 0;
    let bound = 0;
    for (let at = 1; at < options.tokens - 1; at += options.every)
      for (let word = 0; word < vocabulary; word += options.every) {
        if (word === base[at]) continue;
        const ids = Int32Array.from(base);
        ids[at] = word;
        const [x, y] = referenceLogits(encoder, ids);
        const origins = Int32Array.from(base, (_, i) => (i === at ? -1 : i));
        const { pairs } = encoderChain(bounded, base, { ids, origins }, chain);
        bounds++;
        if (x - y < pairs[0].lower || x - y > pairs[0].upper) wrong++;
        truth = Math.max(truth, Math.abs(x - y - (a - b)));
        bound = Math.max(bound, pairs[0].change);
      }
    ratios.push(bound / truth);
  }
  ratios.sort((p, q) => p - q);
  const ms = (bench.cpu() - started) / bounds;
  table.push([
    name,
    ratios[0].toFixed(2),
    ratios[Math.floor(ratios.length / 2)].toFixed(2),
    ratios[ratios.length - 1].toFixed(2),
    wrong,
    ms.toFixed(1),
  ]);
}
bench.table(["set-up", "least", "median", "most", "violations", "CPU ms a bound"], table);
