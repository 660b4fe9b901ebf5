/**
 * The letters that an adversary can usefully write from a state, for one margin: one per distinct outcome, the most
 * harmful first.
 *
 * Promise: for every allowed word symbol there is a listed move with the same next state and the same output.
 * (From most states of a word list all but a few letters lead to the sink, so the lists are short.) Moves stand in
 * order of `key`, what the step adds plus the least (slack.ts) that can follow beyond the reference: a search that
 * needs value + key below some limit can stop at the first that isn't. Lists are made when first asked for, so a
 * model that was just loaded answers at once.
 */
import { SYMBOL_COUNT, WORD_SYMBOLS } from "../../text/symbols.js";
import { stepCell, type WordAutomaton } from "../../tokenizer/automaton.js";
import type { MarginWeights } from "./weights.js";

export class Moves {
  /** Packed lists; the list of q is at `begin[q]` up to, not including, `end[q]`. */
  symbol = new Uint8Array(1 << 12);
  target = new Int32Array(1 << 12);
  /** What the step adds. */
  adds = new Float64Array(1 << 12);
  key = new Float64Array(1 << 12);
  readonly begin: Int32Array;
  readonly end: Int32Array;
  /** [states] least keys, NaN where not asked for yet. */
  private readonly least: Float64Array;
  /** [states] the list that last held each target. */
  private readonly listed: Int32Array;
  private used = 0;
  private readonly letters: number[] = [];

  constructor(
    private readonly automaton: WordAutomaton,
    private readonly weights: MarginWeights,
    /** [SYMBOL_COUNT] 1 for symbols that may be written. */
    readonly allowed: Uint8Array,
  ) {
    if (allowed.length !== SYMBOL_COUNT) throw new RangeError(`allowed has ${allowed.length} entries`);
    this.begin = new Int32Array(automaton.states).fill(-1);
    this.end = new Int32Array(automaton.states);
    this.least = new Float64Array(automaton.states).fill(Number.NaN);
    this.listed = new Int32Array(automaton.states).fill(-1);
    for (let s = 0; s < WORD_SYMBOLS; s++) if (allowed[s]) this.letters.push(s);
  }

  /** The least key of a state's moves, without making the list; Infinity if no letter may be written. */
  leastKey(state: number): number {
    const known = this.least[state]!;
    if (!Number.isNaN(known)) return known;
    const { next, stepBy } = this.automaton;
    const { step, slack } = this.weights;
    let least = Number.POSITIVE_INFINITY;
    for (const letter of this.letters) {
      const arc = state * WORD_SYMBOLS + letter;
      const to = next[arc]!;
      const added = stepBy === "never" ? 0 : step[stepBy === "state" ? to : arc]!;
      const key = slack === null ? added : added + slack.lower[to]!;
      if (key < least) least = key;
    }
    this.least[state] = least;
    return least;
  }

  /** Makes the list of `state` if it isn't there yet. */
  ensure(state: number): void {
    if (this.begin[state]! >= 0) return;
    while (this.used + WORD_SYMBOLS > this.symbol.length) this.grow();
    const { automaton, weights, symbol, target, adds, key } = this;
    const from = this.used;
    let used = from;
    for (const letter of this.letters) {
      const to = automaton.next[state * WORD_SYMBOLS + letter]!;
      const cell = stepCell(automaton, state, letter);
      if (this.listed[to] === state) {
        // The same target; only where outputs hang on arcs can the outcome still be another one.
        let known = automaton.stepBy !== "arc";
        for (let m = from; m < used && !known; m++)
          known = target[m] === to && stepCell(automaton, state, symbol[m]!) === cell;
        if (known) continue;
      }
      this.listed[to] = state;
      const added = weights.cell[cell]!;
      const rank = added + (weights.slack === null ? 0 : weights.slack.lower[to]!);
      let at = used++;
      for (; at > from && key[at - 1]! > rank; at--) {
        symbol[at] = symbol[at - 1]!;
        target[at] = target[at - 1]!;
        adds[at] = adds[at - 1]!;
        key[at] = key[at - 1]!;
      }
      symbol[at] = letter;
      target[at] = to;
      adds[at] = added;
      key[at] = rank;
    }
    this.begin[state] = from;
    this.end[state] = used;
    this.used = used;
  }

  private grow(): void {
    this.symbol = grown(this.symbol, new Uint8Array(this.symbol.length * 2));
    this.target = grown(this.target, new Int32Array(this.target.length * 2));
    this.adds = grown(this.adds, new Float64Array(this.adds.length * 2));
    this.key = grown(this.key, new Float64Array(this.key.length * 2));
  }
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(old: T, fresh: T): T {
  fresh.set(old as never);
  return fresh;
}
