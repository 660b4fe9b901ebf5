/**
 * The letters that the training adversary tries from a state. Unlike certify/exact/moves.ts this list promises nothing:
 * letters that lead to a state with no more than two symbols of context all do about the same harm, so one of
 * them (OTHER) stands for all.
 */
import { OTHER, WORD_SYMBOLS } from "../text/symbols.js";
import type { WordAutomaton } from "../tokenizer/automaton.js";

const SHALLOW = 2;

export class UsefulLetters {
  symbol = new Uint8Array(1 << 12);
  readonly begin: Int32Array;
  readonly count: Uint8Array;
  private readonly depth: Int32Array;
  private used = 0;

  constructor(private readonly automaton: WordAutomaton) {
    const { states, futures } = automaton;
    this.begin = new Int32Array(states).fill(-1);
    this.count = new Uint8Array(states);
    this.depth = new Int32Array(states).fill(SHALLOW + 1);
    if (futures.kind === "opaque") return;
    // Parents have lower numbers than their children.
    for (let q = 0; q < states; q++) {
      const parent = futures.parent[q]!;
      const beginning = futures.kind === "tree" || q === automaton.start ? SHALLOW : 0;
      this.depth[q] = parent < 0 ? beginning : this.depth[parent]! + 1;
    }
    if (futures.kind === "tree") this.depth[futures.sink] = 0;
  }

  ensure(state: number): void {
    if (this.begin[state]! >= 0) return;
    if (this.used + WORD_SYMBOLS > this.symbol.length) {
      const grown = new Uint8Array(this.symbol.length * 2);
      grown.set(this.symbol);
      this.symbol = grown;
    }
    this.begin[state] = this.used;
    for (let letter = 0; letter < WORD_SYMBOLS; letter++) {
      const to = this.automaton.next[state * WORD_SYMBOLS + letter]!;
      if (letter === OTHER || this.depth[to]! > SHALLOW) this.symbol[this.used++] = letter;
    }
    this.count[state] = this.used - this.begin[state]!;
  }
}
