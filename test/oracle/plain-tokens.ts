/**
 * Tokens of a folded word by the definitions in src/tokenizer/vocabulary.ts, with string operations only:
 * no trie, no automaton. Used to judge the automata.
 */
import { UNKNOWN_TOKEN, type Vocabulary } from "../../src/tokenizer/vocabulary.js";

export function plainWordTokens(vocabulary: Vocabulary, word: string): string[] {
  if (word === "") return [];
  const listed = new Set(vocabulary.tokens);
  if (vocabulary.kind === "words") return [listed.has(word) ? word : UNKNOWN_TOKEN];
  if (vocabulary.kind === "pieces") {
    const pieces: string[] = [];
    for (let from = 0; from < word.length; ) {
      let to = word.length;
      const piece = () => (from > 0 ? "##" : "") + word.slice(from, to);
      while (to > from && !listed.has(piece())) to--;
      if (to === from) return [UNKNOWN_TOKEN];
      pieces.push(piece());
      from = to;
    }
    return pieces;
  }
  const written = `^${word}$`;
  const found: string[] = [];
  for (const pattern of vocabulary.tokens)
    for (let at = 0; at + pattern.length <= written.length; at++)
      if (written.startsWith(pattern, at)) found.push(pattern);
  return found;
}

/** Tokens of a whole folded text (printable form, separated by spaces). */
export function plainTokens(vocabulary: Vocabulary, text: string): string[] {
  return text.split(" ").flatMap((word) => plainWordTokens(vocabulary, word));
}
