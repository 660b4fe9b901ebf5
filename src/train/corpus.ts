/**
 * Labelled texts, folded and cut into words once, with each distinct word stored once.
 */
import { fold } from "../text/fold.js";
import { SEPARATOR } from "../text/symbols.js";

export interface Example {
  readonly text: string;
  /** Index of the label. */
  readonly label: number;
}

export interface Corpus {
  /** Distinct words, as symbols. */
  readonly words: readonly Uint8Array[];
  /** Per text: its words, as indices into `words`; runs of separators count once. */
  readonly texts: readonly Int32Array[];
  readonly labels: Int32Array;
  /** [words] number of texts that contain the word. */
  readonly documents: Int32Array;
}

export function corpus(examples: readonly Example[]): Corpus {
  const known = new Map<string, number>();
  const words: Uint8Array[] = [];
  const documents: number[] = [];
  const texts: Int32Array[] = [];
  for (const { text } of examples) {
    const { symbols } = fold(text);
    const ids: number[] = [];
    const seen = new Set<number>();
    for (let from = 0; from <= symbols.length; ) {
      let to = from;
      while (to < symbols.length && symbols[to] !== SEPARATOR) to++;
      if (to > from) {
        const word = symbols.subarray(from, to);
        const key = wordKey(word);
        let id = known.get(key);
        if (id === undefined) {
          id = words.length;
          known.set(key, id);
          words.push(word.slice());
          documents.push(0);
        }
        ids.push(id);
        if (!seen.has(id)) {
          seen.add(id);
          documents[id] = documents[id]! + 1;
        }
      }
      from = to + 1;
    }
    texts.push(Int32Array.from(ids));
  }
  return {
    words,
    texts,
    labels: Int32Array.from(examples, (example) => example.label),
    documents: Int32Array.from(documents),
  };
}

/** A string that identifies a folded word. */
export function wordKey(word: Uint8Array): string {
  let key = "";
  for (let i = 0; i < word.length; i++) key += String.fromCharCode(word[i]!);
  return key;
}
