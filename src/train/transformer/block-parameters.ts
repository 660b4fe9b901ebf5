/**
 * The trained numbers of the blocks, in float32: matrices and gains by name, and one embedding row per word that enough
 * texts have.
 */

import type { Linear } from "../../layers/linear.js";
import type { NativeBlock, TransformerWeights } from "../../model/native-transformer.js";
import { wholeWords } from "../../model/native-transformer.js";
import { matrix, transpose } from "../../numeric/matrix.js";
import type { Random } from "../../numeric/random.js";
import { symbolText } from "../../text/symbols.js";
import type { Vocabulary } from "../../tokenizer/vocabulary.js";
import { orthogonal } from "../constraints/orthogonal.js";
import type { Corpus } from "../corpus.js";
import { embeddedRows, type GivenVectors } from "./given-vectors.js";
import { Norms, type Site } from "./norms.js";
import type { BlockOptions } from "./options.js";
import { comparison } from "./score-graph.js";
import { headWindows } from "./windows-graph.js";

export interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export class BlockParameters {
  /** By name: "readout", "0.query", "0.attentionGain", ... */
  readonly dense: ReadonlyMap<string, Parameter>;
  /** [rows * width] of each word's own; with vectors, rows are made of these and them. */
  readonly embedding: Float32Array;
  /** [rows * size] vectors given; null: there are none. */
  readonly vectors: Float32Array | null;
  /** [rows] */
  private readonly words: readonly string[];
  /** [words of the corpus] row in the embedding, or -1. */
  readonly rowOfWord: Int32Array;
  readonly rows: number;
  readonly norms: Norms;

  constructor(
    corpus: Corpus,
    private readonly classes: number,
    readonly options: BlockOptions,
    random: Random,
    readonly given: GivenVectors | null = null,
  ) {
    const { width, blocks, heads, headWidth, inner, feedForward, minEmbeddedTexts, embeddingScale } = options;
    this.norms = new Norms(options);
    this.rowOfWord = new Int32Array(corpus.words.length).fill(-1);
    const words: string[] = [];
    corpus.words.forEach((symbols, w) => {
      const word = symbolText(symbols);
      if (corpus.documents[w]! < minEmbeddedTexts && given?.has(word) !== true) return;
      this.rowOfWord[w] = words.length;
      words.push(word);
    });
    if (given !== null) words.push(...given.strangers);
    const rows = words.length;
    this.words = words;
    this.rows = rows;
    this.embedding = normal(random, rows * width, embeddingScale);
    this.vectors = given?.of(words) ?? null;
    if (given !== null)
      words.forEach((word, row) => {
        if (given.has(word)) this.embedding.fill(0, row * width, (row + 1) * width);
      });
    const all = heads * headWidth;
    const dense = new Map<string, Parameter>();
    const add = (name: string, shape: readonly [number, number], scale = 1 / Math.sqrt(shape[1])) =>
      dense.set(name, { shape, data: normal(random, shape[0] * shape[1], scale) });
    const gain = (name: string, value: number) =>
      dense.set(name, { shape: [1], data: Float32Array.of(value) });
    add("readout", [classes, width]);
    if (given !== null) add("projection", [width, given.size], embeddingScale);
    for (let b = 0; b < blocks; b++) {
      add(`${b}.query`, [all, width]);
      add(`${b}.key`, [all, width]);
      add(`${b}.value`, [all, width]);
      add(`${b}.output`, [width, all]);
      add(`${b}.inner`, [inner, width]);
      gain(`${b}.attentionGain`, FIRST_GAIN);
      if (feedForward === "orthogonal") {
        orthogonal().apply(dense.get(`${b}.inner`)!.data, inner, width, 0, 1);
        continue;
      }
      add(`${b}.outer`, [width, inner]);
      gain(`${b}.feedForwardGain`, FIRST_GAIN);
    }
    this.dense = dense;
  }

  /** The model's form of these numbers, beside an additive model with this vocabulary. */
  weights(vocabulary: Vocabulary): TransformerWeights {
    const { width, blocks, heads, headWidth, similarity, scoreLimit, nullMass } = this.options;
    const windows = headWindows(heads, this.options.window);
    const isOrthogonal = this.options.feedForward === "orthogonal";
    const rowOf = new Map(this.words.map((word, row) => [word, row]));
    const linear = (name: string, site?: Site): Linear => {
      const { shape, data } = this.dense.get(name)!;
      const values = site === undefined ? data : this.norms.folded(site, data);
      return { weight: matrix(shape[0]!, shape[1]!, values), bias: null };
    };
    const number = (name: string): number => this.dense.get(name)!.data[0]!;
    return {
      rows: Int32Array.from(wholeWords(vocabulary), (word) => (word === null ? -1 : (rowOf.get(word) ?? -1))),
      embedding: matrix(this.rows, width, this.table()),
      blocks: Array.from(
        { length: blocks },
        (_, b): NativeBlock => ({
          attention: {
            kind: "null-mass",
            heads,
            ...comparison(similarity, headWidth),
            limit: scoreLimit,
            nullMass,
            ...(windows === null ? {} : { windows }),
            query: linear(`${b}.query`, `${b}.attention`),
            key: linear(`${b}.key`, `${b}.attention`),
            value: linear(`${b}.value`, `${b}.attention`),
            output: linear(`${b}.output`),
          },
          attentionGain: number(`${b}.attentionGain`),
          feedForward: {
            kind: "mlp",
            inner: linear(`${b}.inner`, `${b}.feedForward`),
            activation: "relu",
            outer: isOrthogonal
              ? { weight: transpose(linear(`${b}.inner`).weight), bias: null }
              : linear(`${b}.outer`),
          },
          feedForwardGain: isOrthogonal ? ORTHOGONAL_GAIN : number(`${b}.feedForwardGain`),
        }),
      ),
      readout: matrix(this.classes, width, this.dense.get("readout")!.data),
    };
  }

  /** [rows * width] the rows as the blocks read them. */
  private table(): Float32Array {
    const { vectors, embedding, options } = this;
    if (vectors === null) return embedding;
    const projection = this.dense.get("projection")!.data;
    return embeddedRows(embedding, vectors, projection, options.width, options.ball);
  }

  /** Draws embeddings that a step has made longer than allowed back into the ball. */
  shorten(rows: Iterable<number>): void {
    const { width, ball } = this.options;
    for (const row of rows) {
      const e = this.embedding.subarray(row * width, (row + 1) * width);
      let square = 0;
      for (const value of e) square += value * value;
      if (square <= ball * ball) continue;
      const factor = ball / Math.sqrt(square);
      for (let c = 0; c < width; c++) e[c] = e[c]! * factor;
    }
  }
}

/** Of the orthogonal feed-forward branch: x - 2 W' relu(W x). */
export const ORTHOGONAL_GAIN = -2;

/** Residual branches begin small, so that the sum over words learns first. */
const FIRST_GAIN = 0.3;

/** Normal numbers by Box and Muller. */
function normal(random: Random, count: number, scale: number): Float32Array {
  return Float32Array.from(
    { length: count },
    () => scale * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
  );
}
