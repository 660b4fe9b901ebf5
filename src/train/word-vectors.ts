/**
 * Vectors of words that somebody else has learned from much more text (GloVe, word2vec, fastText), as training uses them.
 *
 * They say of a word that few training texts have, or none, which words it is like. A trained model holds no more than what it made
 * of them: evidence and rows of its own.
 */
import { UserError } from "../failure.js";
import { wholeWords } from "../model/native-transformer.js";
import type { Vocabulary } from "../tokenizer/vocabulary.js";

export interface WordVectors {
  /** Numbers per word. */
  readonly size: number;
  /** Folded words in the fold's characters, each once, in the order of the file (most frequent first, as a rule). */
  readonly words: readonly string[];
  /** [words * size] */
  readonly data: Float32Array;
  readonly identity: { readonly name: string; readonly sha256: string };
}

/** The vectors of some of a model's tokens. */
export interface TokenVectors {
  readonly size: number;
  /** Tokens that have a vector. */
  readonly tokens: Int32Array;
  /** [tokens * size], of mean length 1. */
  readonly data: Float64Array;
}

/**
 * Those of a vocabulary's whole words.
 * @throws UserError if none has one
 */
export function tokenVectors(vocabulary: Vocabulary, vectors: WordVectors): TokenVectors {
  const given = rowsOf(vectors);
  const tokens: number[] = [];
  const rows: number[] = [];
  wholeWords(vocabulary).forEach((word, token) => {
    const row = word === null ? undefined : given.get(word);
    if (row === undefined) return;
    tokens.push(token);
    rows.push(row);
  });
  if (tokens.length === 0) throw strangersAll(vectors);
  return { size: vectors.size, tokens: Int32Array.from(tokens), data: cut(vectors, rows) };
}

/** [words * size] of mean length 1, and zero for a word without a vector. */
export function vectorsOf(words: readonly string[], vectors: WordVectors): Float64Array {
  const given = rowsOf(vectors);
  return cut(
    vectors,
    words.map((word) => given.get(word) ?? -1),
  );
}

/** What is said where vectors would be of no use: those of another language, as a rule. */
export function strangersAll({ identity }: WordVectors): UserError {
  return new UserError(`no word of the model has a vector in ${identity.name}`);
}

function rowsOf({ words }: WordVectors): Map<string, number> {
  return new Map(words.map((word, row) => [word, row]));
}

function cut({ data, size }: WordVectors, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * size);
  let lengths = 0;
  let count = 0;
  rows.forEach((row, n) => {
    if (row < 0) return;
    let square = 0;
    for (let c = 0; c < size; c++) {
      const value = data[row * size + c]!;
      out[n * size + c] = value;
      square += value * value;
    }
    lengths += Math.sqrt(square);
    count++;
  });
  const mean = lengths / Math.max(1, count);
  if (mean > 0) for (let k = 0; k < out.length; k++) out[k] = out[k]! / mean;
  return out;
}
