/**
 * The exact method on real texts: every single edit, and attacks of two and three edits. With random weights over the
 * words of the texts, and with the models that ship.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { certifyExactly as certify } from "../../src/certify/certify-exactly.js";
import { asciiAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { neighbours } from "../../src/edits/neighbours.js";
import { NativeModel } from "../../src/model/native.js";
import { datasetInput } from "../../src/node/datasets/input.js";
import { readRows } from "../../src/node/input/rows.js";
import { loadNativeModel as loadModel } from "../../src/node/load-model.js";
import { packageRoot } from "../../src/node/package-root.js";
import { toGrid } from "../../src/numeric/grid.js";
import { fold } from "../../src/text/fold.js";
import { SYMBOL_COUNT, symbolText } from "../../src/text/symbols.js";
import { singleSymbolPieces, VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { type Random, seeded } from "../oracle/random-model.js";

const root = await packageRoot();
const DATA = process.env.TYPOPROOF_DATA || join(root, "../shared/data");
const MINUTES = 60_000;

async function textsOf(dataset: string, count: number): Promise<string[]> {
  const all: string[] = [];
  for await (const { text, error } of readRows(await datasetInput(dataset, DATA)))
    if (error === undefined) all.push(text);
  // Spread over the whole file.
  const stride = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, n) => n % stride === 0).slice(0, count);
}

/** What the worst of some texts leaves of a model's margin. */
class Worst {
  margin = Number.POSITIVE_INFINITY;
  flips = false;
  private readonly winner: number;
  constructor(
    private readonly model: NativeModel,
    symbols: Uint8Array,
  ) {
    this.winner = model.prediction(model.logits(symbols)).index;
    this.try(symbols);
  }

  /** The margin of this text alone. */
  try(symbols: Uint8Array): number {
    const logits = this.model.logits(symbols);
    let margin = Number.POSITIVE_INFINITY;
    for (let y = 0; y < logits.length; y++)
      if (y !== this.winner) margin = Math.min(margin, logits[this.winner]! - logits[y]!);
    if (this.model.prediction(logits).index !== this.winner) this.flips = true;
    this.margin = Math.min(this.margin, margin);
    return margin;
  }
}

function* singleFoldedEdits(symbols: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at <= symbols.length; at++) {
    const inserted = new Uint8Array(symbols.length + 1);
    inserted.set(symbols.subarray(0, at));
    inserted.set(symbols.subarray(at), at + 1);
    for (let s = 0; s < SYMBOL_COUNT; s++) {
      inserted[at] = s;
      yield inserted;
    }
    if (at === symbols.length) return;
    const changed = symbols.slice();
    for (let s = 0; s < SYMBOL_COUNT; s++) {
      changed[at] = s;
      yield changed;
    }
    const deleted = new Uint8Array(symbols.length - 1);
    deleted.set(symbols.subarray(0, at));
    deleted.set(symbols.subarray(at + 1), at);
    yield deleted;
  }
}

/** Every single edit of the folded text, all 38 symbols, against margin and verdict at one edit. */
function everyFoldedEdit(model: NativeModel, text: string): void {
  const { symbols } = fold(text);
  const worst = new Worst(model, symbols);
  for (const edited of singleFoldedEdits(symbols)) worst.try(edited);
  const { certified, broken, margins } = certify(model, text, { edits: 1, alphabet: unicodeAlphabet() });
  expect([text, margins[1]!.lower, certified, broken]).toEqual([
    text,
    worst.margin,
    worst.flips ? 0 : 1,
    worst.flips ? 1 : null,
  ]);
}

/** Every single edit of the text itself with ASCII. */
function everyAsciiEdit(model: NativeModel, text: string): void {
  const worst = new Worst(model, fold(text).symbols);
  for (const near of neighbours(text, asciiAlphabet())) worst.try(fold(near).symbols);
  const { certified, margins } = certify(model, text, { edits: 1, alphabet: asciiAlphabet() });
  expect([text, margins[1]!.lower, certified]).toEqual([text, worst.margin, worst.flips ? 0 : 1]);
}

/** Greedy and random attacks never go below the margin, nor change an answer that is certified. */
function attacks(model: NativeModel, text: string, random: Random, most: number): void {
  const { symbols } = fold(text);
  const answer = certify(model, text, { edits: most });
  const judge = (symbolsNow: Uint8Array, edits: number): number => {
    const worst = new Worst(model, symbols);
    const margin = worst.try(symbolsNow);
    const shown = `${JSON.stringify(text)} as ${JSON.stringify(symbolText(symbolsNow))}, ${edits} edits`;
    const bound = answer.margins[edits];
    if (bound !== undefined && margin < bound.lower) throw new Error(`${margin} < ${bound.lower}: ${shown}`);
    if (worst.flips && edits <= (answer.certified ?? -1)) throw new Error(`certified, but broken: ${shown}`);
    return margin;
  };
  // Greedy: the worst single edit, then the worst after it.
  let greedy = symbols;
  for (let edits = 1; edits <= most; edits++) {
    const from = greedy;
    const scan = new Worst(model, symbols);
    let least = Number.POSITIVE_INFINITY;
    for (const edited of singleFoldedEdits(from)) {
      const margin = scan.try(edited);
      if (margin >= least) continue;
      least = margin;
      greedy = edited.slice();
    }
    judge(greedy, edits);
  }
  // Random: edits in one place more often than not, where joins and splits happen.
  for (let n = 0; n < 400; n++) {
    let edited = symbols;
    const near = Math.floor(random() * (symbols.length + 1));
    for (let edits = 1; edits <= most; edits++) {
      const place =
        random() < 0.7 ? near - 2 + Math.floor(random() * 5) : Math.floor(random() * (edited.length + 1));
      const at = Math.min(edited.length, Math.max(0, place));
      const kind = at === edited.length ? 0 : Math.floor(random() * 3);
      const symbol = random() < 0.3 ? SYMBOL_COUNT - 1 : Math.floor(random() * SYMBOL_COUNT);
      const written = kind === 2 ? [] : [symbol];
      edited = Uint8Array.from([
        ...edited.subarray(0, at),
        ...written,
        ...edited.subarray(at + (kind === 0 ? 0 : 1)),
      ]);
      judge(edited, edits);
    }
  }
}

/** Random weights on what stands in the texts: no model has to be there for it. */
function randomOver(
  texts: readonly string[],
  kind: (typeof VOCABULARY_KINDS)[number],
  random: Random,
): NativeModel {
  const words = new Set(texts.flatMap((text) => symbolText(fold(text).symbols).split(" ")));
  words.delete("");
  const tokens = new Set<string>();
  if (kind !== "patterns") tokens.add("[UNK]");
  if (kind === "pieces") for (const piece of singleSymbolPieces()) tokens.add(piece);
  for (const word of words) {
    if (kind === "words" || random() < 0.5) tokens.add(kind === "patterns" ? `^${word}$` : word);
    if (kind === "words") continue;
    const at = Math.floor(random() * word.length);
    const part = word.slice(at, at + 4);
    tokens.add(kind === "pieces" ? `##${part}` : part);
    if (kind === "patterns") tokens.add(random() < 0.5 ? `^${word.slice(0, 3)}` : `${word.slice(-3)}$`);
  }
  const all = [...tokens];
  return new NativeModel(
    {
      labels: ["one", "two", "three"],
      vocabulary: vocabulary(kind, all),
      evidence: Float64Array.from({ length: all.length * 3 }, () => toGrid(random() * 2 - 1)),
      bias: new Float64Array(3),
    },
    { name: "random", sha256: "0".repeat(64) },
  );
}

describe.each(VOCABULARY_KINDS)("random weights on %s of the tickets", (kind) => {
  test(
    "single edits and attacks",
    async () => {
      const texts = await textsOf("tickets:train", 60);
      expect(texts.length).toBe(60);
      const random = seeded(3);
      const model = randomOver(texts, kind, random);
      for (const text of texts) everyFoldedEdit(model, text);
      for (const text of texts.slice(0, 10)) everyAsciiEdit(model, text);
      for (const text of texts.slice(0, kind === "pieces" ? 6 : 30))
        attacks(model, text, random, kind === "pieces" ? 2 : 3);
    },
    5 * MINUTES,
  );
});

describe.each([
  ["sms-spam", "sms-spam:test"],
  ["sst2", "sst2:test"],
])("the model %s", (name, dataset) => {
  const model = existsSync(join(root, "models", name, "config.json"));
  const data = existsSync(join(DATA, name));
  const why = model ? "" : ` SKIPPED: there is no models/${name}`;
  const whyData = model && !data ? ` SKIPPED: there is no folder ${name} in the data folder` : why;

  (model ? test : test.skip)(
    `on the tickets: single edits and attacks${why}`,
    async () => {
      const loaded = await loadModel(name);
      const random = seeded(4);
      const texts = await textsOf("tickets:test", 40);
      for (const text of texts) everyFoldedEdit(loaded, text);
      for (const text of texts.slice(0, 10)) everyAsciiEdit(loaded, text);
      for (const text of texts) attacks(loaded, text, random, 3);
    },
    5 * MINUTES,
  );

  (model && data ? test : test.skip)(
    `on its own data: every folded single edit${whyData}`,
    async () => {
      const loaded = await loadModel(name);
      const texts = await textsOf(dataset, 300);
      expect(texts.length).toBeGreaterThan(100);
      for (const text of texts) everyFoldedEdit(loaded, text);
    },
    5 * MINUTES,
  );

  (model && data ? test : test.skip)(
    `on its own data: every edit with ASCII${whyData}`,
    async () => {
      const loaded = await loadModel(name);
      for (const text of await textsOf(dataset, 25)) everyAsciiEdit(loaded, text);
    },
    5 * MINUTES,
  );

  (model && data ? test : test.skip)(
    `on its own data: attacks of two and three edits${whyData}`,
    async () => {
      const loaded = await loadModel(name);
      const random = seeded(5);
      for (const text of await textsOf(dataset, 120)) attacks(loaded, text, random, 3);
    },
    5 * MINUTES,
  );
});
