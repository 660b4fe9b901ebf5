/**
 * The native Transformer: an additive model (the skip path) and blocks of attention and feed-forward over its words.
 *
 *     logits(text) = additive(text) + readout * sum over tokens i of (h_L,i - h_0,i)
 *     h_0,i = embedding of token i;  h' = h + gA * attention(h);  h'' = h' + gF * feedForward(h')
 *
 * The tokens of the blocks are the text's words that have a row in `embedding`; any other word is exactly nothing to them:
 * it is no query, no key, takes no place, and there are no positions. So a word is one token or none, and an edit changes few of them.
 * Order is known only through windows (layers/windows.ts), where an attention layer has them.
 * The skip path of the residual stream is the additive model's sum of evidence, over whatever vocabulary it has: it is what
 * a linear readout of h_0 would give if `evidence` were the readout of the embeddings, which it needn't be.
 * Attention has a null mass and no biases, the activation maps 0 to 0: nothing comes from nothing.
 *
 * Promise: `logits` is the float64 evaluation of these formulas with the layers of layers/; equal logits go to the lowest index.
 */
import { UserError } from "../failure.js";
import { activationFunction } from "../layers/activation.js";
import { attention, type NullMassAttention } from "../layers/attention.js";
import { feedForward, type MlpFeedForward } from "../layers/feed-forward.js";
import type { Matrix } from "../numeric/matrix.js";
import { fold } from "../text/fold.js";
import { SEPARATOR, SYMBOL_CHARACTERS } from "../text/symbols.js";
import { tokenShape, UNKNOWN_TOKEN, type Vocabulary } from "../tokenizer/vocabulary.js";
import type { Classifier, ModelIdentity, Prediction } from "./classifier.js";
import type { NativeModel } from "./native.js";
import { predictionOf } from "./sequence.js";

export interface NativeBlock {
  readonly attention: NullMassAttention;
  readonly attentionGain: number;
  readonly feedForward: MlpFeedForward;
  readonly feedForwardGain: number;
}

export interface TransformerWeights {
  /** [tokens of the vocabulary] row of the embedding, or -1; only whole words have one. */
  readonly rows: Int32Array;
  /** [rows, d] */
  readonly embedding: Matrix;
  readonly blocks: readonly NativeBlock[];
  /** [labels, d] */
  readonly readout: Matrix;
}

export class NativeTransformer implements Classifier, TransformerWeights {
  readonly kind = "native-transformer";
  readonly labels: readonly string[];
  readonly rows: Int32Array;
  readonly embedding: Matrix;
  readonly blocks: readonly NativeBlock[];
  readonly readout: Matrix;
  /** Row of a word, written in the fold's characters. */
  private readonly rowByWord = new Map<string, number>();

  /** @throws UserError if shapes don't fit, or something would come from nothing */
  constructor(
    readonly additive: NativeModel,
    weights: TransformerWeights,
    readonly identity: ModelIdentity,
  ) {
    const { rows, embedding, blocks, readout } = weights;
    this.labels = additive.labels;
    this.rows = rows;
    this.embedding = embedding;
    this.blocks = blocks;
    this.readout = readout;
    const width = embedding.columns;
    expectShape("readout", readout, additive.labels.length, width);
    blocks.forEach((block, b) => {
      checkBlock(block, `block ${b}`, width);
    });
    const words = wholeWords(additive.vocabulary);
    if (rows.length !== words.length)
      throw new UserError(`rows has ${rows.length} entries for ${words.length} tokens`);
    rows.forEach((row, token) => {
      if (row === -1) return;
      const word = words[token];
      if (word === null || word === undefined)
        throw new UserError(
          `token ${token}, ${JSON.stringify(additive.vocabulary.tokens[token])}, is no whole word, so it can't be embedded`,
        );
      if (row < 0 || row >= embedding.rows)
        throw new UserError(`token ${token} has row ${row}; the embedding has ${embedding.rows} rows`);
      this.rowByWord.set(word, row);
    });
  }

  /** The row of a word written in the fold's characters, or -1. */
  rowOf(word: string): number {
    return this.rowByWord.get(word) ?? -1;
  }

  /** The rows of the words of a folded text, in order. */
  tokens(symbols: Uint8Array): number[] {
    const found: number[] = [];
    for (const word of foldedWords(symbols)) {
      const row = this.rowOf(word);
      if (row >= 0) found.push(row);
    }
    return found;
  }

  /** [n * d] */
  embed(tokens: readonly number[]): Float64Array {
    const { columns, data } = this.embedding;
    const x = new Float64Array(tokens.length * columns);
    tokens.forEach((row, i) => {
      x.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return x;
  }

  /** [labels] what the blocks add to the additive model's logits. */
  branches(tokens: readonly number[]): Float64Array {
    const { columns: width } = this.embedding;
    const { rows: labels, data } = this.readout;
    const total = new Float64Array(labels);
    if (tokens.length === 0) return total;
    const sum = new Float64Array(width);
    let h = this.embed(tokens);
    for (const block of this.blocks) {
      h = this.step(h, attention(block.attention, h), block.attentionGain, sum);
      h = this.step(h, feedForward(block.feedForward, h), block.feedForwardGain, sum);
    }
    for (let y = 0; y < labels; y++)
      for (let c = 0; c < width; c++) total[y] = total[y]! + data[y * width + c]! * sum[c]!;
    return total;
  }

  /** h + gain * branch; adds the gained branch of all tokens to `sum`. */
  private step(h: Float64Array, branch: Float64Array, gain: number, sum: Float64Array): Float64Array {
    const width = sum.length;
    const out = new Float64Array(h.length);
    for (let i = 0; i < h.length; i++) {
      const added = gain * branch[i]!;
      out[i] = h[i]! + added;
      sum[i % width] = sum[i % width]! + added;
    }
    return out;
  }

  /** Logits of a folded text; `more` is what `branches` gives for its tokens, for those who have it. */
  logits(symbols: Uint8Array, more: Float64Array = this.branches(this.tokens(symbols))): Float64Array {
    const sum = this.additive.logits(symbols);
    return sum.map((value, y) => value + more[y]!);
  }

  predict(text: string): Prediction {
    return this.prediction(this.logits(fold(text).symbols));
  }

  prediction(logits: Float64Array): Prediction {
    return predictionOf(this.labels, logits);
  }
}

/** The words of a folded text, empty ones left out, in the fold's characters. */
export function* foldedWords(symbols: Uint8Array): Generator<string, void> {
  let word = "";
  for (let i = 0; i <= symbols.length; i++) {
    if (i < symbols.length && symbols[i] !== SEPARATOR) word += SYMBOL_CHARACTERS[symbols[i]!]!;
    else {
      if (word !== "") yield word;
      word = "";
    }
  }
}

/** [tokens] the whole word that a token stands for, or null. */
export function wholeWords({ kind, tokens }: Vocabulary): (string | null)[] {
  return tokens.map((token) => {
    if (kind !== "patterns" && token === UNKNOWN_TOKEN) return null;
    const shape = tokenShape(kind, token);
    if (shape === null || !shape.atStart || !shape.atEnd || shape.symbols.length === 0) return null;
    return Array.from(shape.symbols, (symbol) => SYMBOL_CHARACTERS[symbol]!).join("");
  });
}

function checkBlock({ attention: layer, feedForward: mlp, ...gains }: NativeBlock, name: string, d: number) {
  for (const [part, { weight, bias }] of Object.entries({
    query: layer.query,
    key: layer.key,
    value: layer.value,
    inner: mlp.inner,
  })) {
    if (bias !== null) throw new UserError(`${name}: ${part} has a bias; allowed is none`);
    if (weight.columns !== d)
      throw new UserError(`${name}: ${part} reads ${weight.columns} numbers, not ${d}`);
  }
  for (const [part, { weight, bias }] of Object.entries({ output: layer.output, outer: mlp.outer })) {
    if (bias !== null) throw new UserError(`${name}: ${part} has a bias; allowed is none`);
    if (weight.rows !== d) throw new UserError(`${name}: ${part} gives ${weight.rows} numbers, not ${d}`);
  }
  const width = layer.query.weight.rows;
  expectShape(`${name}: key`, layer.key.weight, width, d);
  expectShape(`${name}: output`, layer.output.weight, d, layer.value.weight.rows);
  expectShape(`${name}: outer`, mlp.outer.weight, d, mlp.inner.weight.rows);
  if (width % layer.heads !== 0 || layer.value.weight.rows % layer.heads !== 0)
    throw new UserError(`${name}: ${layer.heads} heads don't divide ${width} and ${layer.value.weight.rows}`);
  if (!(layer.nullMass > 0))
    throw new UserError(`${name}: the null mass is ${layer.nullMass}; it must be above 0`);
  if (!(layer.limit > 0))
    throw new UserError(`${name}: the limit of scores is ${layer.limit}; it must be above 0`);
  if (layer.similarity === "cosine" && !(layer.epsilon > 0))
    throw new UserError(`${name}: epsilon is ${layer.epsilon}; it must be above 0`);
  if (layer.similarity === "distance" && !(layer.scale >= 0))
    throw new UserError(`${name}: the scale of distances is ${layer.scale}; it must be 0 or more`);
  checkWindows(name, layer);
  if (activationFunction(mlp.activation)(0) !== 0)
    throw new UserError(`${name}: ${mlp.activation} doesn't map 0 to 0`);
  for (const [part, gain] of Object.entries(gains))
    if (!Number.isFinite(gain)) throw new UserError(`${name}: ${part} is ${gain}; it must be a number`);
}

function checkWindows(name: string, { heads, windows }: NullMassAttention): void {
  if (windows === undefined) return;
  if (windows.length !== heads)
    throw new UserError(`${name}: ${windows.length} windows for ${heads} heads; each head has one`);
  windows.forEach((sides, h) => {
    for (const side of ["before", "after"] as const) {
      const limit = sides[side];
      if (limit !== null && !(Number.isSafeInteger(limit) && limit >= 0))
        throw new UserError(
          `${name}: the window of head ${h} has ${side} ${limit}; allowed are integers from 0, and null for all`,
        );
    }
  });
}

function expectShape(
  name: string,
  { rows, columns }: Matrix,
  wantedRows: number,
  wantedColumns: number,
): void {
  if (rows !== wantedRows || columns !== wantedColumns)
    throw new UserError(`${name} is ${rows} x ${columns}; it must be ${wantedRows} x ${wantedColumns}`);
}
