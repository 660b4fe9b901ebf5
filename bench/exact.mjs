/**
 * Exact search against trying every text, in one process.
 *
 * (a) `certify` at k = 1 .. --edits, all of Unicode, time per text: all texts, by length, and those texts alone that
 *     no smaller k breaks (the others end early). Each k runs in a pass of its own with a freshly loaded model, after
 *     --warm other texts; words of earlier texts are remembered within a pass, as in any run over many texts.
 * (b) The model's answer (fold, tokens, sum) for every text one edit away, alphabet `ascii`, for --brute of the texts. The
 *     ratio compares it with (a) at k = 1 for the same text. In passing: do both say the same about k = 1?
 *
 *     npm run build && node bench/exact.mjs [--model m] [--dataset d:split] [--data folder] [--texts n] [--brute n]
 */
import {
  asciiAlphabet,
  certifyExactly as certify,
  codePoints,
  loadModel,
  neighbours,
} from "../dist/node/index.js";
import * as bench from "./harness.mjs";

const options = bench.options({ ...bench.DEFAULT_TEXTS, texts: 100, warm: 40, brute: 10, edits: 3 });
bench.heading("Exact search against brute force");
const { measured, warming } = await bench.texts(options, options.texts, options.warm);
const lengths = measured.map((text) => codePoints(text).length);

/** Times of all texts at k, and which of them no smaller k breaks. */
async function pass(edits) {
  const model = await loadModel(options.model);
  const first = bench.timed(() => certify(model, warming[0] ?? measured[0], { edits })).wall;
  for (const text of warming) certify(model, text, { edits });
  const runs = measured.map((text) => bench.timed(() => certify(model, text, { edits })));
  const reaches = runs.map(({ result }) => result.verdict !== "unknown" && (result.broken ?? edits) >= edits);
  return { edits, model, first, runs, reaches, walls: runs.map((run) => run.wall) };
}

// The engine compiles what it runs often; that is done here, with a model that isn't used again.
const spare = await loadModel(options.model);
for (const text of warming) certify(spare, text, { edits: options.edits });

const passes = [];
for (let edits = 1; edits <= options.edits; edits++) passes.push(await pass(edits));

bench.print(
  `(a) \`certify\`, ms per text. Model ${options.model.split(/[\\/]/).at(-1)}, ${options.dataset}, median length ${bench.median(lengths)}.`,
);
bench.print();
bench.table(
  [
    "k",
    "texts",
    "median",
    "p95",
    "min",
    "median CPU",
    "p95 CPU",
    "mean CPU",
    "texts no smaller k breaks",
    "their median",
    "their p95",
    "first text",
  ],
  passes.map(({ edits, runs, walls, reaches, first }) => {
    const cpus = runs.map((run) => run.cpu);
    const longer = walls.filter((_, i) => reaches[i]);
    return [
      edits,
      runs.length,
      bench.median(walls),
      bench.p95(walls),
      bench.least(walls),
      bench.median(cpus),
      bench.p95(cpus),
      bench.mean(cpus),
      longer.length,
      bench.median(longer),
      bench.p95(longer),
      first,
    ];
  }),
);

bench.print("(a) by length, median / p95 in ms.");
bench.print();
const byLength = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b]);
const quarters = [0, 1, 2, 3].map((q) =>
  byLength.slice(Math.floor((q * byLength.length) / 4), Math.floor(((q + 1) * byLength.length) / 4)),
);
bench.table(
  ["characters", "texts", ...passes.map(({ edits }) => `k = ${edits}`)],
  quarters
    .filter((quarter) => quarter.length > 0)
    .map((quarter) => [
      `${lengths[quarter[0]]} to ${lengths[quarter.at(-1)]}`,
      quarter.length,
      ...passes.map(({ walls }) => {
        const own = quarter.map((i) => walls[i]);
        return `${bench.number(bench.median(own))} / ${bench.number(bench.p95(own))}`;
      }),
    ]),
);

const { model, runs } = passes[0];
const ascii = asciiAlphabet();
/** All neighbours, none left out after a break: what a proof by trying takes. */
function tryAll(text) {
  const { index } = model.predict(text);
  let tried = 0;
  let broken = 0;
  for (const neighbour of neighbours(text, ascii)) {
    tried++;
    if (model.predict(neighbour).index !== index) broken++;
  }
  return { tried, broken };
}
tryAll(warming[0] ?? measured[0]);
const step = measured.length / Math.min(options.brute, measured.length);
const chosen = Array.from({ length: Math.min(options.brute, measured.length) }, (_, i) =>
  Math.floor(i * step),
);
const compared = chosen.map((i) => {
  const brute = bench.timed(() => tryAll(measured[i]));
  const agrees =
    (certify(model, measured[i], { edits: 1, alphabet: ascii }).certified === 1) ===
    (brute.result.broken === 0);
  return {
    ...brute.result,
    length: lengths[i],
    brute,
    exact: runs[i],
    ratio: brute.wall / runs[i].wall,
    cpuRatio: brute.cpu / runs[i].cpu,
    agrees,
  };
});
bench.print("(b) Every text one edit away, alphabet `ascii`.");
bench.print();
bench.table(
  [
    "characters",
    "texts tried",
    "of them broken",
    "trying, ms",
    "exact k = 1, ms",
    "times faster",
    "by CPU time",
    "same verdict",
  ],
  compared.map((c) => [
    c.length,
    c.tried,
    c.broken,
    c.brute.wall,
    c.exact.wall,
    c.ratio,
    c.cpuRatio,
    c.agrees ? "yes" : "NO",
  ]),
);
const ratios = (of) =>
  `median ${bench.number(bench.median(compared.map(of)))}, least ${bench.number(bench.least(compared.map(of)))}`;
bench.print(
  `Times faster: ${ratios((c) => c.ratio)}; by CPU time: ${ratios((c) => c.cpuRatio)}. ` +
    `${compared.filter((c) => c.agrees).length} of ${compared.length} verdicts at k = 1 agree.`,
);
bench.print();
if (!compared.every((c) => c.agrees)) process.exitCode = 1;
