/**
 * Method `enumerate`: what an exact answer at one edit costs, alphabet `ascii`.
 *
 * (a) Real Transformers: passes, strings, sequences and time per text, one thread; as it is, and with the margin raised
 *     so high that no edit breaks it, so that every sequence has to be run.
 * (b) A Transformer of BERT's shape as it is initialised, its margin raised likewise, two threads; in the same run, the time
 *     that passes over all strings would take, batched in the same way: measured on --sample of them and extrapolated.
 * (c) Small Transformers behind four kinds of tokenizers: what is saved by running equal sequences once, by runs of one length
 *     instead of single ones (on --sample sequences), and by stopping at the first flip: the margin is lowered until --flips of
 *     the sequences flip, and passes until the first are counted, in the order of `enumerate` and in the order of the text.
 *     Tokenizing by stretches is compared with whole strings (on --sample of them).
 *
 * Models and tokenizers are those of --shared; what isn't there is left out, and said.
 *
 *     npm run build && node bench/enumerate.mjs [--shared folder] [--parts abc] [--sample n] [--texts n] [--flips share]
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encoderToOnnx } from "../dist/model/onnx/write.js";
import { SequenceModel } from "../dist/model/sequence.js";
import { openEncoderBackend } from "../dist/node/backends/open.js";
import { asciiAlphabet, certify, loadModel, neighbours } from "../dist/node/index.js";
import { huggingfaceTokenizer } from "../dist/tokenizer/huggingface.js";
import { singleReach } from "../dist/tokenizer/reach.js";
import * as bench from "./harness.mjs";
import { initialisedEncoder, uniform } from "./initialised-encoder.mjs";

const options = bench.options({
  shared: bench.pathOf("../../shared"),
  parts: "abc",
  sample: 1000,
  texts: 20,
  flips: 0.002,
});
const ascii = asciiAlphabet();
const sharedPath = (...names) => join(options.shared, ...names);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

bench.heading("Exact answers at one edit by running every token sequence");

async function timed(work) {
  const cpuBefore = bench.cpu();
  const before = performance.now();
  const result = await work();
  return { result, wall: performance.now() - before, cpu: bench.cpu() - cpuBefore };
}

const once = (model, text) =>
  timed(() => certify(model, text, { edits: 1, method: "enumerate", alphabet: ascii }));

/** The same model with this much added to the logit of each text's own label; `shift` may be changed between texts. */
function shifted(model) {
  const setting = { label: 0, shift: 0 };
  const logits = async (all) => {
    const rows = await model.backend.logits(all);
    for (const row of rows) row[setting.label] += setting.shift;
    return rows;
  };
  return {
    setting,
    model: new SequenceModel({ ...model, encoder: null, backend: { ...model.backend, logits } }),
  };
}

/** Raises the margin of this text so high that no edit breaks it. */
async function robust({ model, setting }, text, by) {
  setting.shift = 0;
  setting.label = (await model.predict(text)).index;
  setting.shift = by;
}

/** Every framed sequence that one edit gives, once, in the order of the text, and how many strings there are. */
function sequencesOf(tokenizer, text) {
  const reach = singleReach(tokenizer, text, ascii);
  const seen = new Map();
  let strings = 0;
  for (const site of reach.sites) {
    strings += reach.strings(site);
    for (const { from, to, ids } of reach.changes(site)) {
      const own = [...reach.base.subarray(0, from), ...ids, ...reach.base.subarray(to)];
      const framed = tokenizer.frame(Int32Array.from(own));
      const key = framed.join();
      if (!seen.has(key)) seen.set(key, framed);
    }
  }
  seen.delete(tokenizer.encode(text).join());
  return { strings, sequences: [...seen.values()] };
}

function someOf(all, count, seed = 1) {
  const random = uniform(seed);
  return Array.from({ length: Math.min(count, all.length) }, () => all[Math.floor(random() * all.length)]);
}

function sentences() {
  const path = sharedPath("models", "deept-sst2-3layer", "expected-logits.json");
  return existsSync(path) ? json(path).map(({ text }) => text) : null;
}

async function realModels() {
  bench.print("(a) Real Transformers: 64 sentences of SST-2, one thread, whole `certify` calls, warm; ms.");
  bench.print();
  const texts = sentences();
  if (texts === null) return bench.print("Not measured: the models aren't there.\n");
  const rows = [];
  const orders = [];
  for (const name of ["deept-sst2-1layer", "deept-sst2-3layer"]) {
    const model = await loadModel(sharedPath("models", name), { threads: 1 });
    const raised = shifted(model);
    for (let warm = 0; warm < 2; warm++) for (const text of texts) await once(model, text);
    const asItIs = [];
    for (const text of texts) asItIs.push(await once(model, text));
    const all = [];
    for (const text of texts) {
      await robust(raised, text, 1000);
      all.push(await once(raised.model, text));
    }
    const which = [
      ["as it is", asItIs],
      ["of them certified", asItIs.filter(({ result }) => result.verdict === "certified")],
      ["of them refuted", asItIs.filter(({ result }) => result.verdict === "refuted")],
      ["every sequence run", all],
    ];
    for (const [what, runs] of which) {
      const work = (of) => bench.median(runs.map(({ result }) => of(result.work)));
      const [walls, cpus] = [runs.map((run) => run.wall), runs.map((run) => run.cpu)];
      rows.push([
        name,
        what,
        runs.length,
        work((w) => w.passes),
        work((w) => w.strings),
        work((w) => w.sequences),
        bench.median(walls),
        bench.p95(walls),
        bench.least(walls),
        bench.median(cpus),
        bench.p95(cpus),
      ]);
    }
    const refuted = [];
    for (const [i, text] of texts.entries()) {
      const { verdict, prediction, work } = asItIs[i].result;
      if (verdict === "refuted")
        refuted.push({ passes: work.passes - 1, ...(await flipsOf(model, text, prediction.index)) });
    }
    const of = (value) => bench.median(refuted.map(value));
    orders.push([
      name,
      refuted.length,
      of((r) => r.flips),
      of((r) => r.passes),
      of((r) => r.first),
      of((r) => (r.sequences + 1) / (r.flips + 1)),
    ]);
    await model.backend.close();
  }
  const head = ["model", "texts", "number", "median passes", "strings", "sequences"];
  bench.table([...head, "median ms", "p95", "least", "median CPU ms", "p95 CPU"], rows);
  bench.print("Passes until the first flip, of the texts that are refuted:");
  bench.print();
  bench.table(["model", "texts", "sequences that flip", "`enumerate`", ...OTHER_ORDERS], orders);
}

const OTHER_ORDERS = ["order of the text", "random order, expected"];

/** Which of a text's sequences flip. */
async function flipsOf({ tokenizer, backend }, text, label) {
  const { sequences } = sequencesOf(tokenizer, text);
  const flips = (await backend.logits(sequences)).map((row) => row[1 - label] > row[label]);
  return { sequences: sequences.length, flips: flips.filter(Boolean).length, first: flips.indexOf(true) + 1 };
}

async function initialised(tokenizer, seed, setting, positions, threads) {
  const made = initialisedEncoder(seed, { vocabulary: tokenizer.size, pooling: "first", ...setting });
  const random = uniform(seed + 1);
  const { d } = { d: made.hiddenSize };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const table = {
    rows: positions,
    columns: d,
    data: Float64Array.from({ length: positions * d }, () => 0.3 * normal()),
  };
  const embedding = { ...made.embedding, positions: { kind: "absolute", table, offset: 0 } };
  const encoder = { ...made, embedding, mostTokens: positions };
  const write = (network) => encoderToOnnx(network, { mask: false });
  const { backend, notes } = await openEncoderBackend(encoder, write, "auto", threads);
  for (const note of notes) bench.print(note);
  return new SequenceModel({
    identity: { name: "initialised", sha256: "0".repeat(64) },
    labels: encoder.labels,
    tokenizer,
    backend,
    encoder: null,
  });
}

function tokenizerOf(folder, most) {
  const at = sharedPath(folder);
  if (!existsSync(join(at, "tokenizer.json"))) return null;
  return huggingfaceTokenizer(json(join(at, "tokenizer.json")), json(join(at, "tokenizer_config.json")), {
    most,
    where: folder,
  });
}

const LONG =
  "A quiet, patient film about two brothers who restore an old boat; the acting is superb, the script is funny and " +
  "never cheap, and although the ending drags a little, I left the cinema smiling. Unmissable!";

async function bertShape() {
  bench.print(
    `(b) 4 layers, d = 256, inner 1,024, 4 heads, 30,522 tokens, weights as initialised; WordPiece of bert-base-uncased; a text of ${[...LONG].length} characters; two threads.`,
  );
  bench.print();
  const tokenizer = tokenizerOf("tokenizers/bert-base-uncased", 512);
  if (tokenizer === null) return bench.print("Not measured: the tokenizer isn't there.\n");
  const setting = { d: 256, inner: 1024, heads: 4, layers: 4 };
  const model = await initialised(tokenizer, 3, setting, 512, 2);
  const raised = shifted(model);
  await robust(raised, LONG, 1000);
  await model.backend.logits(Array.from({ length: 64 }, () => tokenizer.encode(LONG)));
  const strings = [...neighbours(LONG, ascii)];
  const sampled = someOf(strings, options.sample);
  // Half of the sample before and half after, so that other work on the machine slows both alike.
  const brute = async (texts) =>
    timed(() => model.backend.logits(texts.map((text) => tokenizer.encode(text))));
  const half = Math.floor(sampled.length / 2);
  const before = await brute(sampled.slice(0, half));
  const { result, wall, cpu } = await once(raised.model, LONG);
  const after = await brute(sampled.slice(half));
  const scale = strings.length / sampled.length;
  const lengths = sampled.map((string) => tokenizer.encode(string).length);
  const [allWall, allCpu] = [scale * (before.wall + after.wall), scale * (before.cpu + after.cpu)];
  bench.table(
    ["what", "strings", "passes", "seconds", "CPU seconds"],
    [
      [
        `\`certify\`, k = 1 (${result.verdict})`,
        result.work.strings,
        result.work.passes,
        wall / 1000,
        cpu / 1000,
      ],
      [
        `all strings, extrapolated from ${sampled.length}`,
        strings.length,
        strings.length,
        allWall / 1000,
        allCpu / 1000,
      ],
    ],
  );
  bench.print(
    `${result.work.backend}; sequences of ${Math.min(...lengths)} to ${Math.max(...lengths)} tokens, median ${bench.median(lengths)}.`,
  );
  bench.print(`Times faster: ${bench.number(allWall / wall)}; by CPU time: ${bench.number(allCpu / cpu)}.`);
  bench.print();
  if (result.verdict !== "certified" || wall > 120_000 || wall > allWall) process.exitCode = 1;
  await model.backend.close();
}

const KINDS = [
  ["WordPiece, bert-base-uncased", "tokenizers/bert-base-uncased"],
  ["byte-level BPE, roberta-base", "tokenizers/roberta-base"],
  ["Unigram, t5-small", "tokenizers/t5-small"],
  ["word lookup, deept-sst2", "models/deept-sst2-3layer"],
];

/** One text: numbers and times of everything that is compared. */
async function compared(lowered, plain, text, flips) {
  const { tokenizer, backend } = plain;
  const reached = await timed(() => {
    const reach = singleReach(tokenizer, text, ascii);
    let changes = 0;
    for (const site of reach.sites) for (const _ of reach.changes(site)) changes++;
    return changes;
  });
  const { strings, sequences } = sequencesOf(tokenizer, text);
  const sampled = someOf([...neighbours(text, ascii)], options.sample);
  const whole = await timed(() => sampled.map((string) => tokenizer.encode(string)));
  // As `enumerate` runs them: sequences of one length together.
  const chosen = someOf(sequences, options.sample);
  const together = await timed(() => backend.logits(chosen));
  const single = await timed(async () => {
    for (const ids of chosen.slice(0, Math.ceil(chosen.length / 4))) await backend.logits([ids]);
  });
  const label = (await plain.predict(text)).index;
  const margins = (await backend.logits(sequences)).map((row) => row[label] - row[1 - label]);
  const sorted = Float64Array.from(margins).sort();
  const [base] = await backend.logits([tokenizer.encode(text)]);
  const wanted = Math.max(1, Math.round(flips * sequences.length));
  const shift = -(sorted[wanted - 1] + sorted[wanted]) / 2;
  const usable = base[label] - base[1 - label] + shift > 0;
  Object.assign(lowered.setting, { label, shift });
  const stopped = usable ? await once(lowered.model, text) : null;
  return {
    strings,
    sequences: sequences.length,
    lengths: new Set(sequences.map(({ length }) => length)).size,
    reach: reached.wall,
    whole: (whole.wall * strings) / sampled.length,
    together: together.wall / chosen.length,
    single: single.wall / Math.ceil(chosen.length / 4),
    flips: wanted,
    inTextOrder: margins.findIndex((margin) => margin + shift < 0) + 1,
    found: stopped?.result.verdict === "refuted" ? stopped.result.work.passes - 1 : Number.NaN,
  };
}

async function kinds() {
  bench.print(
    `(c) Small Transformers as initialised (2 layers, d = 64), one thread; medians over ${options.texts} sentences of SST-2 for which the margin can be lowered.`,
  );
  bench.print();
  const texts = sentences()?.slice(0, options.texts);
  if (texts === undefined) return bench.print("Not measured: the sentences aren't there.\n");
  const [first, second] = [[], []];
  for (const [name, folder] of KINDS) {
    const tokenizer = tokenizerOf(folder, 128);
    if (tokenizer === null) {
      bench.print(`Not measured: ${name} isn't there.\n`);
      continue;
    }
    const model = await initialised(tokenizer, 7, { d: 64, inner: 256, heads: 4, layers: 2 }, 128, 1);
    const lowered = shifted(model);
    const runs = [];
    await compared(lowered, model, texts[0], options.flips);
    for (const text of texts) {
      const run = await compared(lowered, model, text, options.flips);
      if (Number.isFinite(run.found)) runs.push(run);
    }
    const of = (value) => bench.median(runs.map(value));
    first.push([
      name,
      runs.length,
      of((r) => r.strings),
      of((r) => r.sequences),
      of((r) => r.strings / r.sequences),
      of((r) => r.lengths),
      of((r) => r.single),
      of((r) => r.together),
      of((r) => r.whole),
      of((r) => r.reach),
    ]);
    second.push([
      name,
      of((r) => r.flips),
      of((r) => r.found),
      of((r) => r.inTextOrder),
      of((r) => (r.sequences + 1) / (r.flips + 1)),
    ]);
    await model.backend.close();
  }
  bench.table(
    [
      "tokenizer",
      "texts",
      "strings",
      "sequences",
      "strings per sequence",
      "lengths",
      "pass alone, ms",
      "pass in a run, ms",
      "tokenizing strings whole, ms",
      "reach, ms",
    ],
    first,
  );
  bench.print("Passes until the first flip:");
  bench.print();
  bench.table(["tokenizer", "sequences that flip", "`enumerate`", ...OTHER_ORDERS], second);
}

if (options.parts.includes("a")) await realModels();
if (options.parts.includes("b")) await bertShape();
if (options.parts.includes("c")) await kinds();
