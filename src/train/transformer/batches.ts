/**
 * An epoch's batches: texts of like length together, so that little is padding, in an order drawn anew.
 */
import type { Random } from "../../numeric/random.js";
import type { Corpus } from "../corpus.js";

export interface BatchText {
  /** Index in the corpus. */
  readonly index: number;
  readonly words: Int32Array;
  readonly label: number;
}

export interface Batch {
  readonly texts: readonly BatchText[];
  /** Words that the graph has room for. */
  readonly words: number;
}

export interface BatchOptions {
  readonly batch: number;
  /** Part of a text's words left out. */
  readonly dropout: number;
  /** Longer texts give a stretch of theirs. */
  readonly maxWords: number;
}

/** Batches whose texts are sorted by length within so many batches. */
const POOL = 16;
/** Graphs are built for multiples of this many words. */
const STEP = 8;

export function* epochBatches(
  corpus: Corpus,
  order: Int32Array,
  options: BatchOptions,
  random: Random,
): Generator<Batch, void> {
  const { batch } = options;
  const texts = Array.from(order, (index): BatchText => {
    const words = stretch(thinned(corpus.texts[index]!, options.dropout, random), options.maxWords, random);
    return { index, words, label: corpus.labels[index]! };
  });
  for (let from = 0; from < texts.length; from += POOL * batch) {
    const pool = texts.slice(from, from + POOL * batch);
    pool.sort((a, b) => a.words.length - b.words.length || a.index - b.index);
    const starts = Int32Array.from({ length: Math.ceil(pool.length / batch) }, (_, n) => n * batch);
    random.shuffle(starts);
    for (const start of starts) {
      const part = pool.slice(start, start + batch);
      const longest = part.reduce((most, { words }) => Math.max(most, words.length), 2);
      yield { texts: part, words: Math.ceil(longest / STEP) * STEP };
    }
  }
}

function thinned(words: Int32Array, dropout: number, random: Random): Int32Array {
  return dropout === 0 ? words : words.filter(() => random.next() >= dropout);
}

function stretch(words: Int32Array, most: number, random: Random): Int32Array {
  if (words.length <= most) return words;
  const from = Math.floor(random.next() * (words.length - most + 1));
  return words.subarray(from, from + most);
}
