/**
 * WordPiece over ASCII pieces: the longest listed token, again and again.
 *
 * Promise: the tokens that WordPiece gives for a piece. A piece of more than `mostCharacters` characters, or one that
 * gets stuck, is the unknown token. The first token is a vocabulary entry as it is; a later one is what follows the
 * prefix in an entry that begins with it.
 */
import { CodeTrie } from "./code-trie.js";
import type { IdList, PieceModel } from "./id-list.js";

export interface WordPieceVocabulary {
  /** ASCII tokens with their ids; others can't occur in an ASCII piece. */
  readonly tokens: Iterable<readonly [codes: ArrayLike<number>, id: number]>;
  readonly prefix: ArrayLike<number>;
  readonly unknown: number;
  readonly mostCharacters: number;
}

export function wordPiece({ tokens, prefix, unknown, mostCharacters }: WordPieceVocabulary): PieceModel {
  const starts = new CodeTrie();
  const continues = new CodeTrie();
  for (const [codes, id] of tokens) {
    starts.put(codes, id);
    let i = 0;
    while (i < prefix.length && codes[i] === prefix[i]) i++;
    if (i === prefix.length) continues.put(Array.from(codes).slice(i), id);
  }
  // The empty string is never looked up.
  starts.value[starts.root] = -1;
  continues.value[continues.root] = -1;
  return {
    piece(codes: Uint8Array, from: number, to: number, into: IdList): boolean {
      const before = into.length;
      let trie = starts;
      let at = to - from > mostCharacters ? to + 1 : from;
      while (at < to) {
        let node = trie.root;
        let best = -1;
        let end = at;
        for (let i = at; i < to; i++) {
          node = trie.step(node, codes[i]!);
          if (node < 0) break;
          const id = trie.value[node]!;
          if (id >= 0) {
            best = id;
            end = i + 1;
          }
        }
        if (best < 0) break;
        into.push(best);
        at = end;
        trie = continues;
      }
      if (at !== to) {
        into.length = before;
        into.push(unknown);
      }
      return true;
    },
  };
}

/** A word list: the whole piece, or the unknown token. */
export function wordList(
  tokens: Iterable<readonly [codes: ArrayLike<number>, id: number]>,
  unknown: number,
): PieceModel {
  const words = new CodeTrie();
  for (const [codes, id] of tokens) words.put(codes, id);
  return {
    piece(codes: Uint8Array, from: number, to: number, into: IdList): boolean {
      let node = words.root;
      for (let i = from; i < to && node >= 0; i++) node = words.step(node, codes[i]!);
      const id = node < 0 ? -1 : words.value[node]!;
      into.push(id < 0 ? unknown : id);
      return true;
    },
  };
}
