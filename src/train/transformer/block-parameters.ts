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
import { Norms, type Site } from "./norms.js";
import type { BlockOptions } from "./options.js";

export interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export class BlockParameters {
  /** By name: "readout", "0.query", "0.attentionGain", ... */
  readonly dense: ReadonlyMap<string, Parameter>;
  /** [rows * width] */
  readonly embedding: Float32Array;
  /** [words of the corpus] row in the embedding, or -1. */
  readonly rowOfWord: Int32Array;
  readonly rows: number;
  readonly norms: Norms;

  constructor(
    private readonly corpus: Corpus,
    private readonly classes: number,
    readonly options: BlockOptions,
    random: Random,
  ) {
    const { width, blocks, heads, headWidth, inner, feedForward, minEmbeddedTexts, embeddingScale } = options;
    this.norms = new Norms(options);
    this.rowOfWord = new Int32Array(corpus.words.length).fill(-1);
    let rows = 0;
    for (let w = 0; w < corpus.words.length; w++)
      if (corpus.documents[w]! >= minEmbeddedTexts) this.rowOfWord[w] = rows++;
    this.rows = rows;
    this.embedding = normal(random, rows * width, embeddingScale);
    const all = heads * headWidth;
    const dense = new Map<string, Parameter>();
    const add = (name: string, shape: readonly [number, number], scale = 1 / Math.sqrt(shape[1])) =>
      dense.set(name, { shape, data: normal(random, shape[0] * shape[1], scale) });
    const gain = (name: string, value: number) =>
      dense.set(name, { shape: [1], data: Float32Array.of(value) });
    add("readout", [classes, width]);
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
    const { width, blocks, heads, headWidth, scoreLimit, nullMass } = this.options;
    const isOrthogonal = this.options.feedForward === "orthogonal";
    const rowOf = new Map<string, number>();
    this.rowOfWord.forEach((row, w) => {
      if (row >= 0) rowOf.set(symbolText(this.corpus.words[w]!), row);
    });
    const linear = (name: string, site?: Site): Linear => {
      const { shape, data } = this.dense.get(name)!;
      const values = site === undefined ? data : this.norms.folded(site, data);
      return { weight: matrix(shape[0]!, shape[1]!, values), bias: null };
    };
    const number = (name: string): number => this.dense.get(name)!.data[0]!;
    return {
      rows: Int32Array.from(wholeWords(vocabulary), (word) => (word === null ? -1 : (rowOf.get(word) ?? -1))),
      embedding: matrix(this.rows, width, this.embedding),
      blocks: Array.from(
        { length: blocks },
        (_, b): NativeBlock => ({
          attention: {
            kind: "null-mass",
            heads,
            scale: 1 / Math.sqrt(headWidth),
            limit: scoreLimit,
            nullMass,
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
