/**
 * A tokenizer of folded words as a deterministic automaton with outputs.
 *
 * Promise: reading a word's symbols from `start` through `next`, and `closing` it, gives exactly the tokens
 * that the vocabulary's definition gives (tests hold it to a plain implementation). Between words the automaton
 * is back at `start`, so a text's tokens are the concatenation of its words' tokens, and an empty word has none.
 *
 * Outputs are lists of token ids shared as cons cells: cell c is token `cellToken[c]` after the tokens of
 * `cellRest[c]`; cell 0 is the empty list. Sums over outputs are therefore one addition per cell.
 */
import { WORD_SYMBOLS } from "../text/symbols.js";

export interface WordAutomaton {
  readonly states: number;
  readonly start: number;
  /** [states * WORD_SYMBOLS] state after one more symbol. */
  readonly next: Int32Array;
  /** Cell given by a step: by arc [states * WORD_SYMBOLS], by state arrived at [states], or never. */
  readonly stepBy: "arc" | "state" | "never";
  readonly stepCell: Int32Array;
  /** [states] cell given when the word ends here; the start state gives the empty one. */
  readonly closeCell: Int32Array;
  readonly cellToken: Int32Array;
  readonly cellRest: Int32Array;
  readonly futures: Futures;
}

/**
 * What is known about how the tokens still to come depend on the state, for pruning (certify/exact/slack.ts).
 *
 * - `tree`: from a state, either a word of its subtree is completed or the word ends as it would have from
 *   state `sink`. `child` lists are those arcs of `next` that don't lead to `sink`.
 * - `suffix`: what a state can still give beyond what `fail[state]` would give are the patterns below it in the
 *   tree of `own` tokens; `order` lists states so that `fail` comes first, parents before children.
 * - `opaque`: nothing is known.
 */
export type Futures =
  | { readonly kind: "tree"; readonly sink: number; readonly parent: Int32Array }
  | {
      readonly kind: "suffix";
      readonly fail: Int32Array;
      /** [states] parent in the pattern tree, -1 for roots; parents have lower numbers than children. */
      readonly parent: Int32Array;
      /** [states] cell of the pattern that ends exactly here alone (0 = none), as an own token or -1. */
      readonly ownToken: Int32Array;
      /** [states] token of the pattern that is this state's string with the end of the word, or -1. */
      readonly ownEndToken: Int32Array;
      /** [states] every state, each after its `fail`. */
      readonly order: Int32Array;
    }
  | { readonly kind: "opaque" };

/** Cell of the step from `state` by `symbol`. */
export function stepCell(automaton: WordAutomaton, state: number, symbol: number): number {
  if (automaton.stepBy === "never") return 0;
  const arc = state * WORD_SYMBOLS + symbol;
  return automaton.stepCell[automaton.stepBy === "arc" ? arc : automaton.next[arc]!]!;
}

/** Appends the tokens of a cell to `out`, first token first. */
export function listCell(automaton: WordAutomaton, cell: number, out: number[]): void {
  const from = out.length;
  for (let c = cell; c !== 0; c = automaton.cellRest[c]!) out.push(automaton.cellToken[c]!);
  for (let i = from, j = out.length - 1; i < j; i++, j--) {
    const swap = out[i]!;
    out[i] = out[j]!;
    out[j] = swap;
  }
}

/** Token ids of one folded word (symbols without separators). */
export function wordTokens(automaton: WordAutomaton, word: ArrayLike<number>, out: number[] = []): number[] {
  let state = automaton.start;
  for (let i = 0; i < word.length; i++) {
    const symbol = word[i]!;
    listCell(automaton, stepCell(automaton, state, symbol), out);
    state = automaton.next[state * WORD_SYMBOLS + symbol]!;
  }
  listCell(automaton, automaton.closeCell[state]!, out);
  return out;
}
