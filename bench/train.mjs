/**
 * Training: seconds per epoch, CPU time, peak memory. Nothing is saved.
 *
 * Takes the options of training that `typoproof train` has (--epochs, --average, --worst-edits, ...), and --dataset,
 * --data, --exclude <d:split>, --validation <share>.
 *
 *     npm run build && node bench/train.mjs [--dataset d:split] [--data folder] [--epochs n] ...
 */
import { split, TRAIN_DEFAULTS, train } from "../dist/node/index.js";
import { withoutNearDuplicates } from "../dist/train/overlap.js";
import * as bench from "./harness.mjs";

const { dataset, data, exclude, validation, ...training } = bench.options({
  dataset: bench.DEFAULT_TEXTS.dataset,
  data: bench.DEFAULT_TEXTS.data,
  exclude: "",
  validation: 0.1,
  ...TRAIN_DEFAULTS,
});
bench.heading("Training");
const marks = [];
const mark = (what, note = "") =>
  marks.push({ what, note, at: performance.now(), cpu: bench.cpu(), rss: process.memoryUsage.rss() });
mark("start");

const read = await bench.rows({ dataset, data });
const excluded = exclude === "" ? [] : (await bench.rows({ dataset: exclude, data })).map((row) => row.text);
const labels = [...new Set(read.map((row) => row.label))].sort();
const examples = withoutNearDuplicates(
  read.map(({ text, label }) => ({ text, label: labels.indexOf(label) })),
  excluded,
  (example) => example.text,
);
const parts = split(examples, validation, training.seed);
mark("reading, leaving out what overlaps");

let begun = false;
let tokens = 0;
for (const event of train({ labels, ...parts }, training)) {
  if (!begun) mark("vocabulary, automaton, first batch");
  begun = true;
  if (event.kind !== "epoch") continue;
  tokens = event.checkpoint.best.vocabulary.tokens.length;
  mark(`epoch ${event.report.epoch}`, `loss ${event.report.loss.toFixed(4)}`);
}

bench.print(
  `${parts.train.length} texts, ${parts.validation.length} held out, ${tokens} tokens, ${training.epochs * training.average} epochs.`,
);
bench.print();
const MIB = 2 ** 20;
const seconds = (from, to) => [(to.at - from.at) / 1000, (to.cpu - from.cpu) / 1000];
bench.table(
  ["", "seconds", "CPU, s", "memory after, MiB", ""],
  marks.slice(1).map((to, i) => [to.what, ...seconds(marks[i], to), to.rss / MIB, to.note]),
);
const epochs = marks.slice(3);
const each = epochs.map((to, i) => seconds(marks[i + 2], to));
const [wall, cpu] = seconds(marks[0], marks.at(-1));
bench.print(
  `All: ${bench.number(wall)} s, ${bench.number(cpu)} s CPU; an epoch: median ${bench.number(bench.median(each.map((e) => e[0])))} s, ` +
    `${bench.number(bench.median(each.map((e) => e[1])))} s CPU; peak memory ${bench.number(process.resourceUsage().maxRSS / 1024)} MiB.`,
);
bench.print();
