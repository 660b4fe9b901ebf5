/**
 * The automaton of WordPiece (longest match first), with failure links as in linear-time WordPiece
 * (Song et al., "Fast WordPiece Tokenization", EMNLP 2021).
 *
 * A state stands for the symbols read since the last piece that was given out. Where a state has no child for
 * the next symbol, the pieces that longest match first would cut from its string are given out (`pops`) and
 * reading goes on from its failure state, which stands for what is left of the string.
 *
 * Theorem. The outputs along a word, and at its end, are the pieces of longest match first.
 * Proof (their Theorem 1, for vocabularies that list every single symbol both ways, so no word is stuck).
 * Invariant: pieces given out so far + string(state) = what was read, and longest match first cuts off those
 * pieces from any continuation. If state v has a child for c nothing is decided. Else no listed piece starts with
 * string(v).c, so the next piece cut is the longest listed prefix of string(v), the first of pops(v); the rest
 * of string(v) is again the beginning of what is cut next, as a continuation, and by induction on its length
 * gives pops(v) and fail(v) below. At the end of the word the same argument cuts string(v) until it is empty.
 * pops(v), fail(v): if string(v) is listed, pops = [v] and fail = the continuation root. Otherwise, with
 * parent u and last symbol c, they are pops(u) followed by what reading c from fail(u) gives and where it leads.
 */
import { WORD_SYMBOLS } from "../text/symbols.js";
import type { WordAutomaton } from "./automaton.js";
import { Trie } from "./trie.js";
import { tokenShape, type Vocabulary } from "./vocabulary.js";

export function pieceAutomaton(vocabulary: Vocabulary): WordAutomaton {
  const trie = new Trie();
  const start = trie.node(-1);
  const inner = trie.node(-1); // root of the continuation pieces
  const listed = new Map<number, number>();
  for (let id = 1; id < vocabulary.tokens.length; id++) {
    const shape = tokenShape("pieces", vocabulary.tokens[id]!)!;
    listed.set(trie.insert(shape.atStart ? start : inner, shape.symbols), id);
  }
  const states = trie.nodes;
  const cells = new Cells();
  const pops = new Int32Array(states); // cell of the pieces given out on failure
  const fail = new Int32Array(states).fill(-1);
  const next = new Int32Array(states * WORD_SYMBOLS);
  const step = new Int32Array(states * WORD_SYMBOLS);

  // Breadth first: a node's failure state is always shallower than the node, so its arcs are complete.
  let level = [start, inner];
  // The roots: both have every single symbol as a child, so neither ever fails on a symbol.
  while (level.length > 0) {
    const below: number[] = [];
    for (const node of level) {
      for (let symbol = 0; symbol < WORD_SYMBOLS; symbol++) {
        const arc = node * WORD_SYMBOLS + symbol;
        const child = trie.child[arc]!;
        if (child >= 0) {
          next[arc] = child;
          const token = listed.get(child);
          if (token !== undefined) {
            pops[child] = cells.append(0, token);
            fail[child] = inner;
          } else {
            const back = fail[node]! * WORD_SYMBOLS + symbol;
            pops[child] = cells.concat(pops[node]!, step[back]!);
            fail[child] = next[back]!;
          }
          below.push(child);
        } else {
          const back = fail[node]! * WORD_SYMBOLS + symbol;
          next[arc] = next[back]!;
          step[arc] = cells.concat(pops[node]!, step[back]!);
        }
      }
    }
    level = below;
  }
  const closeCell = new Int32Array(states);
  for (let state = 0; state < states; state++) {
    let cell = 0;
    for (let v = state; v !== start && v !== inner; v = fail[v]!) cell = cells.concat(cell, pops[v]!);
    closeCell[state] = cell;
  }
  return {
    states,
    start,
    next,
    stepBy: "arc",
    stepCell: step,
    closeCell,
    cellToken: Int32Array.from(cells.token),
    cellRest: Int32Array.from(cells.rest),
    futures: { kind: "opaque" },
  };
}

/** Hash-consed lists of tokens. */
class Cells {
  readonly token: number[] = [0];
  readonly rest: number[] = [0];
  private readonly known = new Map<number, Map<number, number>>();

  append(rest: number, token: number): number {
    let row = this.known.get(rest);
    if (row === undefined) {
      row = new Map();
      this.known.set(rest, row);
    }
    let cell = row.get(token);
    if (cell === undefined) {
      cell = this.token.length;
      this.token.push(token);
      this.rest.push(rest);
      row.set(token, cell);
    }
    return cell;
  }

  /** The list `first` followed by the list `second`. */
  concat(first: number, second: number): number {
    if (second === 0) return first;
    return this.append(this.concat(first, this.rest[second]!), this.token[second]!);
  }
}
