/**
 * A vocabulary grown from a corpus by counting: no labels are looked at.
 */
import { symbolText } from "../text/symbols.js";
import {
  CONTINUATION,
  singleSymbolPieces,
  UNKNOWN_TOKEN,
  type Vocabulary,
  vocabulary,
} from "../tokenizer/vocabulary.js";
import type { Corpus } from "./corpus.js";
import type { TrainOptions } from "./options.js";
import type { WordVectors } from "./word-vectors.js";

/** With vectors, the first `vectorWords` of their words are tokens too, in the corpus or not. */
export function growVocabulary(
  corpus: Corpus,
  options: TrainOptions,
  vectors: WordVectors | null = null,
): Vocabulary {
  const found = new Set<string>();
  for (let w = 0; w < corpus.words.length; w++)
    if (corpus.documents[w]! >= options.minWordTexts) found.add(symbolText(corpus.words[w]!));
  for (const word of vectors?.words.slice(0, options.vectorWords) ?? []) found.add(word);
  const words = [...found];
  switch (options.kind) {
    case "words":
      return vocabulary("words", [UNKNOWN_TOKEN, ...words.sort()]);
    case "pieces": {
      const inner = frequent(corpus, options, (word) => partsOf(word, 1, options, CONTINUATION, ""));
      const tokens = new Set([...words, ...inner, ...singleSymbolPieces()]);
      return vocabulary("pieces", [UNKNOWN_TOKEN, ...[...tokens].sort()]);
    }
    case "patterns": {
      const parts = frequent(corpus, options, (word) => partsOf(`^${word}$`, 0, options, "", ""));
      const tokens = new Set(["$", ...words.map((word) => `^${word}$`), ...parts]);
      tokens.delete("^");
      tokens.delete("^$");
      return vocabulary("patterns", [...tokens].sort());
    }
  }
}

/** Substrings of the lengths that the options name, from place `from` on, each once. */
function partsOf(
  text: string,
  from: number,
  options: TrainOptions,
  before: string,
  after: string,
): Set<string> {
  const parts = new Set<string>();
  for (let length = options.minPattern; length <= options.maxPattern; length++)
    for (let at = from; at + length <= text.length; at++)
      parts.add(before + text.slice(at, at + length) + after);
  return parts;
}

function frequent(corpus: Corpus, options: TrainOptions, parts: (word: string) => Set<string>): string[] {
  const count = new Map<string, number>();
  corpus.words.forEach((word, w) => {
    for (const part of parts(symbolText(word)))
      count.set(part, (count.get(part) ?? 0) + corpus.documents[w]!);
  });
  return [...count].filter(([, n]) => n >= options.minPatternTexts).map(([part]) => part);
}
