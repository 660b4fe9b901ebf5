/**
 * Tables of least contributions, by block: [j] = the least with at most j edits. They depend on the block and the
 * margin alone, not on the text around it, so they are kept and shared between texts.
 *
 * Two origins: `word` (from the start state: what a block really gives) and `rest` (from the reference state of
 * slack.ts: what the rest of a word gives, the bound that block.ts prunes with). Level j of a block is searched
 * with the bounds of its suffixes at the levels below j, and asked only to beat level j - 1, which is known: so tables
 * grow by one level at a time, and suffixes are shared between words.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import { type Rest, type Search, searchBlock } from "./block.js";
import type { Budget } from "./budget.js";

/** Blocks of more symbols than this are neither kept nor given suffix bounds, which would take quadratic space. */
const LONGEST_KEPT = 64;
const MOST_TABLES = 200_000;

/** Levels of one block known so far. */
interface Grown {
  values: Float64Array;
  known: number;
}

export class Tables {
  private readonly words = new Map<string, Grown>();
  private readonly rests = new Map<string, Grown>();

  constructor(readonly search: Search) {}

  /** Frees the tables once there are many. To be called between texts. */
  trim(): void {
    if (this.words.size > MOST_TABLES) this.words.clear();
    if (this.rests.size > MOST_TABLES) this.rests.clear();
  }

  /**
   * [>= edits + 1] least contribution of a block with at most j edits; Infinity where j can't edit all inner
   * separators, and, if `parts` is given, at levels where the block doesn't beat `parts[j]`. `parts` must be a
   * function of the block.
   */
  block(block: Uint8Array, edits: number, budget: Budget, parts: Float64Array | null = null): Float64Array {
    return this.grown(this.words, block, this.search.automaton.start, edits, budget, parts);
  }

  /** Bounds for pruning searches of `block` with up to `edits` edits left; null where there are none. */
  rest(block: Uint8Array, edits: number, budget: Budget): Rest | null {
    const reference = this.search.weights.slack?.reference;
    if (reference === undefined || block.length > LONGEST_KEPT) return null;
    const rest: Float64Array[] = [];
    // The shortest first: a suffix's table is made from those of its own suffixes.
    for (let i = block.length; i >= 0; i--)
      rest[i] = this.grown(this.rests, block.subarray(i), reference, edits, budget, null);
    return rest;
  }

  private grown(
    kept: Map<string, Grown>,
    block: Uint8Array,
    origin: number,
    edits: number,
    budget: Budget,
    parts: Float64Array | null,
  ): Float64Array {
    const key = block.length <= LONGEST_KEPT ? blockKey(block) : null;
    let grown = key === null ? undefined : kept.get(key);
    if (grown === undefined) {
      grown = { values: new Float64Array(edits + 1), known: -1 };
      if (key !== null) kept.set(key, grown);
    }
    if (grown.values.length <= edits) {
      const longer = new Float64Array(edits + 1);
      longer.set(grown.values);
      grown.values = longer;
    }
    while (grown.known < edits) {
      const level = grown.known + 1;
      grown.values[level] = this.level(block, origin, level, grown.values, budget, parts);
      grown.known = level;
    }
    return grown.values;
  }

  private level(
    block: Uint8Array,
    origin: number,
    level: number,
    values: Float64Array,
    budget: Budget,
    parts: Float64Array | null,
  ): number {
    if (level === 0) return this.unedited(block, origin);
    const before = values[level - 1]!;
    const needed = parts === null ? before : Math.min(before, parts[level]!);
    const rest = this.rest(block, level - 1, budget);
    const found = searchBlock(this.search, block, origin, level, rest, needed, budget);
    return found < needed ? found : before;
  }

  private unedited(block: Uint8Array, origin: number): number {
    const { automaton, weights } = this.search;
    let state = origin;
    let value = 0;
    for (let i = 0; i < block.length; i++) {
      if (block[i] === SEPARATOR) return Number.POSITIVE_INFINITY;
      const arc = state * WORD_SYMBOLS + block[i]!;
      state = automaton.next[arc]!;
      if (automaton.stepBy !== "never") value += weights.step[automaton.stepBy === "state" ? state : arc]!;
    }
    return value + weights.close[state]!;
  }
}

function blockKey(block: Uint8Array): string {
  let key = "";
  for (let i = 0; i < block.length; i++) key += String.fromCharCode(block[i]!);
  return key;
}
