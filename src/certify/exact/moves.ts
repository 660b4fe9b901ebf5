/**
 * The letters that an adversary can usefully write from a state: one per distinct outcome.
 *
 * Promise: for every allowed word symbol there is a listed move with the same next state and the same output.
 * (From most states of a word list all but a few letters lead to the sink, so the lists are short.) Lists are
 * made when first asked for, so a model that was just loaded answers at once.
 */
import { SYMBOL_COUNT, WORD_SYMBOLS } from "../../text/symbols.js";
import { stepCell, type WordAutomaton } from "../../tokenizer/automaton.js";

export class Moves {
  /** Packed lists; the list of q starts at `begin[q]`, its length in `count[q]`. */
  symbol = new Uint8Array(1 << 12);
  readonly begin: Int32Array;
  readonly count: Uint8Array;
  private used = 0;
  private readonly letters: number[] = [];

  constructor(
    private readonly automaton: WordAutomaton,
    /** [SYMBOL_COUNT] 1 for symbols that may be written. */
    readonly allowed: Uint8Array,
  ) {
    if (allowed.length !== SYMBOL_COUNT) throw new RangeError(`allowed has ${allowed.length} entries`);
    this.begin = new Int32Array(automaton.states).fill(-1);
    this.count = new Uint8Array(automaton.states);
    for (let s = 0; s < WORD_SYMBOLS; s++) if (allowed[s]) this.letters.push(s);
  }

  /** Makes the list of `state` if it isn't there yet. */
  ensure(state: number): void {
    if (this.begin[state]! >= 0) return;
    if (this.used + WORD_SYMBOLS > this.symbol.length) {
      const grown = new Uint8Array(this.symbol.length * 2);
      grown.set(this.symbol);
      this.symbol = grown;
    }
    const { next } = this.automaton;
    const from = this.used;
    for (const letter of this.letters) {
      const target = next[state * WORD_SYMBOLS + letter]!;
      const cell = stepCell(this.automaton, state, letter);
      let known = false;
      for (let m = from; m < this.used && !known; m++) {
        const other = this.symbol[m]!;
        known =
          next[state * WORD_SYMBOLS + other] === target && stepCell(this.automaton, state, other) === cell;
      }
      if (!known) this.symbol[this.used++] = letter;
    }
    this.begin[state] = from;
    this.count[state] = this.used - from;
  }
}
