/**
 * Word vectors that somebody else has learned, as what the blocks' rows begin with.
 *
 *     row_w = short(own_w + P vector_w),   short(x) = x / max(1, |x| / ball)
 *
 * P is learned with the blocks and shared by all words, so words that no training text has get rows too. The trained model has the
 * rows alone.
 */
import { wholeWords } from "../../model/native-transformer.js";
import { symbolText } from "../../text/symbols.js";
import type { Vocabulary } from "../../tokenizer/vocabulary.js";
import { add, div, matmul, relu, scale, sqrt, square, sub, sum, transpose } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";
import type { Corpus } from "../corpus.js";
import { strangersAll, vectorsOf, type WordVectors } from "../word-vectors.js";

/** Words of a vocabulary that have a vector. */
export class GivenVectors {
  readonly size: number;
  /** Those that are no words of the corpus. */
  readonly strangers: readonly string[];
  private readonly known: ReadonlySet<string>;

  /** @throws UserError if there is none */
  constructor(
    private readonly vectors: WordVectors,
    vocabulary: Vocabulary,
    corpus: Corpus,
  ) {
    const given = new Set(vectors.words);
    const all = wholeWords(vocabulary).filter((word) => word !== null && given.has(word)) as string[];
    if (all.length === 0) throw strangersAll(vectors);
    const here = new Set(corpus.words.map((word) => symbolText(word)));
    this.size = vectors.size;
    this.known = new Set(all);
    this.strangers = all.filter((word) => !here.has(word));
  }

  has(word: string): boolean {
    return this.known.has(word);
  }

  /** [words * size], zero for a word without a vector. */
  of(words: readonly string[]): Float32Array {
    return new Float32Array(
      vectorsOf(
        words.map((word) => (this.known.has(word) ? word : "")),
        this.vectors,
      ),
    );
  }
}

/**
 * [B, T, d] rows of a batch.
 * @param own [B, T, d]
 * @param vectors [B, T, size]
 * @param projection [d, size]
 */
export function embedded(own: Tensor, vectors: Tensor, projection: Tensor, ball: number): Tensor {
  const { tape } = own;
  const rows = add(own, matmul(vectors, transpose(projection, [1, 0])));
  const lengths = sqrt(add(sum(square(rows), [2], true), tape.scalar(1e-12)));
  const excess = relu(sub(scale(lengths, 1 / ball), tape.scalar(1)));
  return div(rows, add(excess, tape.scalar(1)));
}

/** The same of whole tables: own [rows * d], vectors [rows * size]. */
export function embeddedRows(
  own: Float32Array,
  vectors: Float32Array,
  projection: Float32Array,
  width: number,
  ball: number,
): Float32Array {
  const size = projection.length / width;
  const out = new Float32Array(own.length);
  const row = new Float64Array(width);
  for (let r = 0; r * width < own.length; r++) {
    let square = 0;
    for (let c = 0; c < width; c++) {
      let sum = own[r * width + c]!;
      for (let e = 0; e < size; e++) sum += projection[c * size + e]! * vectors[r * size + e]!;
      row[c] = sum;
      square += sum * sum;
    }
    const factor = 1 / Math.max(1, Math.sqrt(square) / ball);
    for (let c = 0; c < width; c++) out[r * width + c] = row[c]! * factor;
  }
  return out;
}
