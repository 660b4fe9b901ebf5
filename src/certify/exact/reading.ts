/**
 * A folded text read under one margin, and read again with one edit in it.
 *
 * Promise: `total` is what the text's tokens add to the margin; `edited(from, state, value)` is what they add when
 * `value` and `state` stand for whatever was read before symbol `from`. Both are exact: weights lie on a grid on which
 * sums don't round (numeric/grid.ts).
 * Proof of `edited`. From equal states equal symbols add the same, so once the state is the one that the text itself has
 * there, what follows adds what it adds in the text. That happens at the next separator at the latest.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import type { Search } from "./block.js";
import type { Budget } from "./budget.js";

export class Reading {
  /** [symbols + 1] automaton state before each symbol, and at the end. */
  readonly state: Int32Array;
  /** [symbols + 1] what was added before each symbol. */
  readonly value: Float64Array;
  readonly total: number;

  constructor(
    readonly symbols: Uint8Array,
    private readonly search: Search,
    private readonly budget: Budget,
  ) {
    const { length } = symbols;
    this.state = new Int32Array(length + 1);
    this.value = new Float64Array(length + 1);
    let q = search.automaton.start;
    let v = 0;
    for (let i = 0; i <= length; i++) {
      this.state[i] = q;
      this.value[i] = v;
      if (i === length) break;
      v += this.adds(q, symbols[i]!);
      q = this.after(q, symbols[i]!);
    }
    this.total = v + search.weights.close[q]!;
  }

  after(q: number, symbol: number): number {
    const { start, next } = this.search.automaton;
    return symbol === SEPARATOR ? start : next[q * WORD_SYMBOLS + symbol]!;
  }

  /** What reading a symbol adds; a separator ends the word. */
  adds(q: number, symbol: number): number {
    const { automaton, weights } = this.search;
    if (symbol === SEPARATOR) return weights.close[q]!;
    if (automaton.stepBy === "never") return 0;
    const arc = q * WORD_SYMBOLS + symbol;
    return weights.step[automaton.stepBy === "state" ? automaton.next[arc]! : arc]!;
  }

  /** @throws LimitReached */
  edited(from: number, state: number, value: number): number {
    const { symbols, total } = this;
    let q = state;
    let v = value;
    let i = from;
    for (; i < symbols.length && q !== this.state[i]; i++) {
      v += this.adds(q, symbols[i]!);
      q = this.after(q, symbols[i]!);
    }
    this.budget.spend(i - from + 1);
    if (q === this.state[i]) return v + (total - this.value[i]!);
    return v + this.search.weights.close[q]!;
  }

  /** The symbols worth writing in state `q`: one for each outcome, the separator too if it may be written. */
  *writable(q: number): Generator<number, void> {
    const { moves } = this.search;
    moves.ensure(q);
    for (let m = moves.begin[q]!; m < moves.end[q]!; m++) yield moves.symbol[m]!;
    if (moves.allowed[SEPARATOR] === 1) yield SEPARATOR;
  }
}
