/**
 * Method `lipschitz` on native Transformers: time per text, one process, one thread.
 *
 * Each pass has a model of its own, that has seen --warm other texts: what a run over many texts remembers is remembered, what it finds
 * for the first time is found for the first time. The time of a text is the least of --passes passes, so that little of what else
 * the machine does is in it.
 *
 * The model: the most frequent --words words, width --width, --heads heads, a feed-forward twice as wide, --blocks blocks, random
 * weights at the scale of trained ones (embeddings about 1 long, rows of the readout 1/2). The additive part's evidence is either
 * `counted` (a quarter of the log of how much likelier the word is in a class than on average, within [-1, 1]), as training leaves it:
 * several edits are proven for most texts; or `random`, within [-1, 1]: hardly any text is proven at one edit, the search is never cut short.
 * Texts of --length words, within a tenth, from --dataset; where that can't be had, words and texts are made up.
 *
 *     npm run build && node bench/lipschitz-native.mjs [--dataset d:split] [--data folder] [--texts n] [--blocks n] [--activation a]
 */
import { nativeLipschitz } from "../dist/certify/lipschitz/native.js";
import { asciiAlphabet } from "../dist/edits/alphabet.js";
import { NativeModel } from "../dist/model/native.js";
import { foldedWords, NativeTransformer } from "../dist/model/native-transformer.js";
import { toGrid } from "../dist/numeric/grid.js";
import { fold } from "../dist/text/fold.js";
import { vocabulary } from "../dist/tokenizer/vocabulary.js";
import * as bench from "./harness.mjs";

const options = bench.options({
  dataset: "ag-news:train-subset",
  data: bench.pathOf("../../shared/data"),
  texts: 100,
  warm: 200,
  passes: 5,
  length: 40,
  words: 13_000,
  width: 48,
  heads: 4,
  blocks: 1,
  edits: 3,
  activation: "gelu",
  gain: 0.25,
});

/** mulberry32 */
function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
let random = seeded(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Labelled texts; made up from syllables where the data set isn't there. */
async function corpus() {
  try {
    return await bench.rows(options);
  } catch (error) {
    bench.print(`Made-up texts: ${error.message}`);
    bench.print();
    const syllables = [..."bdfgklmnprst"].flatMap((c) => [..."aeiou"].map((v) => c + v));
    const any = (list) => list[Math.floor(random() ** 2 * list.length)];
    const labels = ["a", "b", "c", "d"];
    const known = labels.map(() =>
      Array.from({ length: 5000 }, () =>
        Array.from({ length: 1 + Math.floor(3 * random()) }, () => any(syllables)).join(""),
      ),
    );
    return Array.from({ length: 4000 }, () => {
      const y = Math.floor(random() * labels.length);
      const text = Array.from({ length: options.length }, () =>
        any(random() < 0.5 ? known[y] : known[Math.floor(random() * labels.length)]),
      ).join(" ");
      return { text, label: labels[y] };
    });
  }
}

const rows = await corpus();
const labels = [...new Set(rows.map(({ label }) => label))].sort();
const counts = new Map();
const split = rows.map(({ text, label }) => {
  const words = [...foldedWords(fold(text).symbols)];
  const y = labels.indexOf(label);
  for (const word of words) {
    const of = counts.get(word) ?? labels.map(() => 0);
    counts.set(word, of);
    of[y]++;
  }
  return { text, count: words.length };
});
const listed = [...counts].sort((a, b) => bench.sum(b[1]) - bench.sum(a[1])).slice(0, options.words);
const tokens = ["[UNK]", ...listed.map(([word]) => word)];
const EVIDENCE = {
  counted: ([, of]) => {
    const logs = of.map((count) => Math.log(count + 0.5));
    return logs.map((log) => toGrid(Math.max(-1, Math.min(1, 0.25 * (log - bench.mean(logs))))));
  },
  random: () => labels.map(() => toGrid(2 * random() - 1)),
};

function model(evidence) {
  random = seeded(2);
  const { width: d, heads } = options;
  const matrix = (rows, columns, size) => ({
    rows,
    columns,
    data: Float64Array.from({ length: rows * columns }, () => size * normal()),
  });
  const linear = (rows, columns) => ({ weight: matrix(rows, columns, 1 / Math.sqrt(columns)), bias: null });
  const identity = { name: evidence, sha256: "0".repeat(64) };
  const additive = new NativeModel(
    {
      labels,
      vocabulary: vocabulary("words", tokens),
      evidence: Float64Array.from([...labels.map(() => 0), ...listed.flatMap(EVIDENCE[evidence])]),
      bias: new Float64Array(labels.length),
    },
    identity,
  );
  return new NativeTransformer(
    additive,
    {
      rows: Int32Array.from(tokens, (_, token) => token - 1),
      embedding: matrix(listed.length, d, 1 / Math.sqrt(d)),
      readout: matrix(labels.length, d, 0.5 / Math.sqrt(d)),
      blocks: Array.from({ length: options.blocks }, () => ({
        attention: {
          kind: "null-mass",
          heads,
          scale: 1 / Math.sqrt(d / heads),
          limit: 2,
          nullMass: 4,
          query: linear(d, d),
          key: linear(d, d),
          value: linear(d, d),
          output: linear(d, d),
        },
        attentionGain: options.gain,
        feedForward: {
          kind: "mlp",
          inner: linear(2 * d, d),
          activation: options.activation,
          outer: linear(d, 2 * d),
        },
        feedForwardGain: options.gain,
      })),
    },
    identity,
  );
}

bench.heading("Method `lipschitz` on native Transformers");
const long = split.filter(({ count }) => Math.abs(count - options.length) <= options.length / 10);
const texts = long.slice(0, options.warm + options.texts).map(({ text }) => text);
const ascii = asciiAlphabet();
const measured = texts.slice(options.warm);
const body = [];
for (const evidence of Object.keys(EVIDENCE))
  for (let edits = 1; edits <= options.edits; edits++) {
    const walls = measured.map(() => Number.POSITIVE_INFINITY);
    const cpus = measured.map(() => Number.POSITIVE_INFINITY);
    let proven = 0;
    for (let pass = 0; pass < options.passes; pass++) {
      const transformer = model(evidence);
      for (const text of texts.slice(0, options.warm)) nativeLipschitz(transformer, text, ascii, edits);
      proven = 0;
      for (const [i, text] of measured.entries()) {
        const { wall, cpu, result } = bench.timed(() => nativeLipschitz(transformer, text, ascii, edits));
        walls[i] = Math.min(walls[i], wall);
        cpus[i] = Math.min(cpus[i], cpu);
        if (result.verdict.certified >= edits) proven++;
      }
    }
    const line = [
      bench.median(walls),
      bench.p95(walls),
      bench.least(walls),
      bench.mean(walls),
      bench.median(cpus),
    ];
    body.push([evidence, edits, measured.length, proven, ...line]);
  }
bench.print(
  `${tokens.length - 1} words, ${options.blocks} block(s), width ${options.width}, ${options.heads} heads, ${options.activation}; ms per text.`,
);
bench.print();
bench.table(["evidence", "k", "texts", "proven", "median", "p95", "min", "mean", "median CPU"], body);
