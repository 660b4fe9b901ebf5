/**
 * How the cost of exact search grows: with k, with the length of the text, with the size of the vocabulary.
 *
 * Cost is the number of search states visited, the same on every machine, and time. Every row starts with a model of its
 * own that remembers no words. A text is done with when some k breaks it, so rows say how many texts reached their k.
 * Long texts are texts of one label, one after the other; `again` is the same text a second time, its words
 * remembered. Smaller vocabularies keep the model's tokens of most weight.
 *
 *     npm run build && node bench/scaling.mjs [--model m] [--dataset d:split] [--data folder] [--texts n] [--edits k]
 */
import { exact } from "../dist/certify/exact/exact.js";
import { codePoints, loadModel, NativeModel, unicodeAlphabet, vocabulary } from "../dist/node/index.js";
import { singleSymbolPieces, UNKNOWN_TOKEN } from "../dist/tokenizer/vocabulary.js";
import * as bench from "./harness.mjs";

const options = bench.options({ ...bench.DEFAULT_TEXTS, texts: 20, edits: 5, longest: 10_000, seconds: 10 });
bench.heading("How the cost of exact search grows");
const loaded = await loadModel(options.model);
const all = (await bench.rows(options, 1000)).map((row) => row.text);
const measured = all.slice(0, options.texts);

const fresh = (weights = loaded) => new NativeModel(weights, { name: "bench", sha256: "" });
const search = (model, text, edits) =>
  bench.timed(() => exact(model, text, unicodeAlphabet(), edits, { seconds: options.seconds }));
const reached = ({ result: { verdict } }, edits) => (verdict.broken ?? edits) >= edits;
const undecided = (runs) => runs.filter(({ result }) => result.verdict.verdict === "unknown").length;

// The engine compiles what it runs often: not to be counted for the first row.
const warm = fresh();
for (const text of all.slice(-20)) search(warm, text, Math.min(2, options.edits));

bench.print(`With k: ${measured.length} texts, of which those that no smaller k breaks. Means per text.`);
bench.print();
const byEdits = [];
for (let edits = 1; edits <= options.edits; edits++) {
  const model = fresh();
  const runs = measured.map((text) => search(model, text, edits));
  const long = runs.filter((run) => reached(run, edits));
  byEdits.push([
    edits,
    long.length,
    undecided(runs),
    bench.mean(long.map(({ result }) => result.visits)),
    bench.mean(long.map(({ cpu }) => cpu)),
    bench.median(long.map(({ wall }) => wall)),
  ]);
}
bench.table(
  ["k", "texts", `undecided after ${options.seconds} s`, "states", "CPU, ms", "median, ms"],
  byEdits,
);

const { label } = loaded.predict(measured[0]);
const same = all.filter((text) => loaded.predict(text).label === label);
let stock = same.join(" ");
while (stock.length < options.longest) stock += ` ${same.join(" ")}`;
bench.print(`With length: texts of the label ${label}, joined; k = 1 and k = 2.`);
bench.print();
const byLength = [];
for (const length of [100, 300, 1000, 3000, 10_000, 30_000].filter((n) => n <= options.longest)) {
  const text = stock.slice(0, length);
  let proven = 0;
  const cells = [1, 2].flatMap((edits) => {
    const model = fresh();
    const first = search(model, text, edits);
    const again = search(model, text, edits);
    proven = first.result.verdict.certified;
    return [first.result.visits, first.cpu, again.result.visits, again.cpu];
  });
  byLength.push([codePoints(text).length, proven, ...cells]);
}
bench.table(
  [
    "characters",
    "proven",
    ...[1, 2].flatMap((k) => [`k = ${k}: states`, "CPU, ms", "again: states", "CPU, ms"]),
  ],
  byLength,
);

/** The model with its `count` tokens of most weight, and those that its kind of vocabulary can't be without. */
function cut(count) {
  const { vocabulary: whole, evidence, labels, bias } = loaded;
  const width = labels.length;
  const spread = whole.tokens.map((_, t) => {
    const own = evidence.subarray(t * width, (t + 1) * width);
    return Math.max(...own) - Math.min(...own);
  });
  const needed = new Set(
    whole.kind === "pieces" ? [UNKNOWN_TOKEN, ...singleSymbolPieces()] : [UNKNOWN_TOKEN],
  );
  const order = [...spread.keys()].sort((a, b) => spread[b] - spread[a]);
  const keep = new Set(order.slice(0, count));
  const kept = [...spread.keys()].filter((t) => keep.has(t) || needed.has(whole.tokens[t]));
  return {
    labels,
    bias,
    vocabulary: vocabulary(
      whole.kind,
      kept.map((t) => whole.tokens[t]),
    ),
    evidence: Float64Array.from(kept.flatMap((t) => [...evidence.subarray(t * width, (t + 1) * width)])),
  };
}

const tokens = loaded.vocabulary.tokens.length;
bench.print(
  `With the vocabulary: ${measured.length} texts, means per text; k = 2 over the texts that k = 1 doesn't break.`,
);
bench.print();
const bySize = [];
for (let share = 16; share >= 1; share /= 2) {
  const weights = cut(Math.round(tokens / share));
  const making = bench.timed(() => fresh(weights));
  const { states } = making.result.automaton;
  const cells = [1, 2].flatMap((edits) => {
    const model = fresh(weights);
    const long = measured.map((text) => search(model, text, edits)).filter((run) => reached(run, edits));
    return [
      long.length,
      bench.mean(long.map(({ result }) => result.visits)),
      bench.mean(long.map(({ cpu }) => cpu)),
    ];
  });
  bySize.push([weights.vocabulary.tokens.length, states, making.cpu, ...cells]);
}
bench.table(
  [
    "tokens",
    "automaton's states",
    "making it, CPU, ms",
    ...[1, 2].flatMap((k) => [`k = ${k}: texts`, "states", "CPU, ms"]),
  ],
  bySize,
);
