/**
 * The automaton of a pattern vocabulary: Aho and Corasick (CACM 18(6), 1975) over words written `^word$`.
 *
 * A state stands for the longest suffix of `^` + what was read that begins a pattern; `fail` is the next longest.
 * A step gives out every pattern without `$` that ends there, the end of the word every pattern with `$`.
 *
 * Theorem. `wordTokens` gives each pattern once per occurrence in `^word$`, and nothing for the empty word.
 * Proof. A pattern occurs ending at position i exactly if it is a suffix of `^` + prefix; all suffixes that begin
 * patterns are the state and its failure chain, and the output of a state is its own pattern followed by its
 * failure state's output. The start state (`^` read, nothing else) gives nothing at the end by definition.
 * The order of tokens is by place of their last symbol; sums don't depend on it.
 */
import { WORD_SYMBOLS } from "../text/symbols.js";
import type { WordAutomaton } from "./automaton.js";
import { Trie } from "./trie.js";
import { tokenShape, type Vocabulary } from "./vocabulary.js";

export function patternAutomaton(vocabulary: Vocabulary): WordAutomaton {
  const trie = new Trie();
  const empty = trie.node(-1);
  const start = trie.node(-1); // the string "^"
  const own = new Map<number, number>();
  const ownEnd = new Map<number, number>();
  for (let id = 0; id < vocabulary.tokens.length; id++) {
    const shape = tokenShape("patterns", vocabulary.tokens[id]!)!;
    const node = trie.insert(shape.atStart ? start : empty, shape.symbols);
    (shape.atEnd ? ownEnd : own).set(node, id);
  }
  const states = trie.nodes;
  const next = trie.child.slice(0, states * WORD_SYMBOLS);
  const fail = new Int32Array(states).fill(empty);
  const order = new Int32Array(states);
  order[0] = empty;
  order[1] = start;
  let filled = 2;
  for (let symbol = 0; symbol < WORD_SYMBOLS; symbol++) {
    const arc = empty * WORD_SYMBOLS + symbol;
    if (next[arc]! < 0) next[arc] = empty;
    else order[filled++] = next[arc]!;
  }
  for (let at = 1; at < filled; at++) {
    const node = order[at]!;
    for (let symbol = 0; symbol < WORD_SYMBOLS; symbol++) {
      const arc = node * WORD_SYMBOLS + symbol;
      const back = next[fail[node]! * WORD_SYMBOLS + symbol]!;
      const child = trie.child[arc]!;
      if (child >= 0) {
        fail[child] = back;
        order[filled++] = child;
      } else next[arc] = back;
    }
  }
  const cells = new OutputCells();
  const stepCell = new Int32Array(states);
  const closeCell = new Int32Array(states);
  const ownToken = new Int32Array(states).fill(-1);
  const ownEndToken = new Int32Array(states).fill(-1);
  for (let at = 0; at < states; at++) {
    const node = order[at]!;
    const chain = node === empty ? -1 : fail[node]!;
    stepCell[node] = cells.extend(own.get(node), chain < 0 ? 0 : stepCell[chain]!);
    closeCell[node] = cells.extend(ownEnd.get(node), chain < 0 ? 0 : closeCell[chain]!);
    ownToken[node] = own.get(node) ?? -1;
    ownEndToken[node] = ownEnd.get(node) ?? -1;
  }
  closeCell[start] = 0;
  return {
    states,
    start,
    next,
    stepBy: "state",
    stepCell,
    closeCell,
    cellToken: Int32Array.from(cells.token),
    cellRest: Int32Array.from(cells.rest),
    futures: { kind: "suffix", fail, parent: trie.parent.slice(0, states), ownToken, ownEndToken, order },
  };
}

class OutputCells {
  readonly token: number[] = [0];
  readonly rest: number[] = [0];
  extend(token: number | undefined, rest: number): number {
    if (token === undefined) return rest;
    this.token.push(token);
    this.rest.push(rest);
    return this.token.length - 1;
  }
}
