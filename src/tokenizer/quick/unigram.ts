/**
 * Unigram over short pieces: the way through the piece with the highest sum of scores.
 *
 * Promise: the tokens that @huggingface/tokenizers gives, rounding and ties included: scores are added from the left,
 * and of equal sums the one whose last token but one begins first counts. A character without a token of its own is an unknown
 * token. Unknown tokens side by side, which the library joins, are not for here.
 */
import { CodeTrie } from "./code-trie.js";
import type { IdList, PieceModel } from "./id-list.js";

export interface UnigramVocabulary {
  readonly tokens: Iterable<readonly [codes: ArrayLike<number>, id: number]>;
  /** By id. */
  readonly scores: ArrayLike<number>;
  readonly unknown: number;
  readonly unknownScore: number;
}

const LONGEST = 256;
const NODES = LONGEST * 64;

export function unigram({ tokens, scores, unknown, unknownScore }: UnigramVocabulary): PieceModel {
  const trie = new CodeTrie();
  for (const [codes, id] of tokens) trie.put(codes, id);
  trie.value[trie.root] = -1;
  const token = new Int32Array(NODES);
  const sum = new Float64Array(NODES);
  const before = new Int32Array(NODES);
  /** The next node that ends at the same place. */
  const next = new Int32Array(NODES);
  const firstEnd = new Int32Array(LONGEST + 1);
  const lastEnd = new Int32Array(LONGEST + 1);
  const path = new Int32Array(LONGEST);
  let nodes = 0;

  /** Of the nodes that end at `place`, the first with the highest sum once `score` is added. */
  const link = (place: number, score: number): number => {
    let best = firstEnd[place]!;
    let highest = sum[best]! + score;
    for (let node = next[best]!; node >= 0; node = next[node]!) {
      const reached = sum[node]! + score;
      if (reached > highest) {
        highest = reached;
        best = node;
      }
    }
    before[nodes] = best;
    sum[nodes] = highest;
    return nodes++;
  };
  const add = (begin: number, end: number, id: number, score: number): void => {
    const node = link(begin, score);
    token[node] = id;
    next[node] = -1;
    if (firstEnd[end]! < 0) firstEnd[end] = node;
    else next[lastEnd[end]!] = node;
    lastEnd[end] = node;
  };

  return {
    piece(codes: Uint8Array, from: number, to: number, into: IdList): boolean {
      const length = to - from;
      if (length > LONGEST) return false;
      firstEnd.fill(-1, 0, length + 1);
      // Node 0 is the beginning.
      nodes = 1;
      firstEnd[0] = 0;
      lastEnd[0] = 0;
      next[0] = -1;
      sum[0] = 0;
      for (let begin = 0; begin < length; begin++) {
        if (nodes + length - begin + 2 > NODES) return false;
        let single = false;
        let state = trie.root;
        for (let end = begin + 1; end <= length; end++) {
          state = trie.step(state, codes[from + end - 1]!);
          if (state < 0) break;
          const id = trie.value[state]!;
          if (id < 0) continue;
          add(begin, end, id, scores[id]!);
          if (end === begin + 1) single = true;
        }
        if (!single) add(begin, begin + 1, unknown, unknownScore);
      }
      let steps = 0;
      for (let node = before[link(length, 0)]!; node > 0; node = before[node]!) path[steps++] = token[node]!;
      while (steps > 0) {
        const id = path[--steps]!;
        if (id === unknown && into.length > 0 && into.ids[into.length - 1] === unknown) return false;
        into.push(id);
      }
      return true;
    },
  };
}
