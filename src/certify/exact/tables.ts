/**
 * Tables of least contributions, by block: [j] = the least with at most j edits. They depend on the block and the
 * margin alone, not on the text around it, so those of single words are kept and shared between texts.
 *
 * Two origins: from the start state (what a block really gives) and from the reference state of slack.ts (what the
 * rest of a word gives: the bound that block.ts prunes with). Level j of a block is searched with the bounds of its
 * suffixes at the levels below j, and asked only to beat level j - 1, which is known: so tables grow by one level at a
 * time, and suffixes are shared between words.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import { type Rest, type Search, searchBlock } from "./block.js";
import type { Budget } from "./budget.js";

/** Blocks of more symbols than this are neither kept nor given suffix bounds, which would take quadratic space. */
const LONGEST_KEPT = 64;
const MOST_TABLES = 200_000;

/** What is known of one block: its levels so far, and the tables of its suffixes once they were asked for. */
export class Table {
  readonly levels: number[] = [];
  suffixes: readonly Table[] | null = null;
  constructor(
    readonly block: Uint8Array,
    readonly origin: number,
  ) {}
}

export class Tables {
  private readonly words = new Map<string, Table>();
  private readonly rests = new Map<string, Table>();

  constructor(readonly search: Search) {}

  /** Frees the tables once there are many. To be called between texts. */
  trim(): void {
    if (this.words.size > MOST_TABLES) this.words.clear();
    if (this.rests.size > MOST_TABLES) this.rests.clear();
  }

  /** The table of one word, kept from text to text. */
  word(word: Uint8Array): Table {
    return this.kept(this.words, word, this.search.automaton.start);
  }

  /** A new table of several words whose inner separators are edited away; `last` is its last word. */
  joined(block: Uint8Array, last: Uint8Array): Table {
    const table = new Table(block, this.search.automaton.start);
    const reference = this.search.weights.slack?.reference;
    if (reference !== undefined && block.length <= LONGEST_KEPT) {
      const own = block.length - last.length;
      const suffixes: Table[] = [];
      for (let i = 0; i < own; i++) suffixes.push(new Table(block.subarray(i), reference));
      table.suffixes = suffixes.concat(this.suffixesOf(this.word(last))!);
      for (let i = 0; i < own; i++) suffixes[i]!.suffixes = table.suffixes.slice(i);
    }
    return table;
  }

  /**
   * [>= edits + 1] least contribution with at most j edits; Infinity where j can't edit all inner separators, and, if
   * `parts` is given, at levels where the block doesn't beat `parts[j]`. A table must always be asked with the
   * same `parts`.
   */
  levels(
    table: Table,
    edits: number,
    budget: Budget,
    parts: ArrayLike<number> | null = null,
  ): readonly number[] {
    const { levels } = table;
    while (levels.length <= edits) {
      const level = levels.length;
      if (level === 0) {
        levels.push(this.unedited(table));
        continue;
      }
      const before = levels[level - 1]!;
      const needed = parts === null ? before : Math.min(before, parts[level]!);
      const rest = this.rest(table, level - 1, budget);
      const found = searchBlock(this.search, table.block, table.origin, level, rest, needed, budget);
      levels.push(found < needed ? found : before);
    }
    return levels;
  }

  /** Bounds for pruning searches of a block with up to `edits` edits left; null where there are none. */
  rest(table: Table, edits: number, budget: Budget): Rest | null {
    const suffixes = this.suffixesOf(table);
    if (suffixes === null) return null;
    const rest: (readonly number[])[] = new Array(suffixes.length);
    // The shortest first: a suffix's levels are made from those of its own suffixes.
    for (let i = suffixes.length - 1; i >= 0; i--) rest[i] = this.levels(suffixes[i]!, edits, budget);
    return rest;
  }

  private suffixesOf(table: Table): readonly Table[] | null {
    if (table.suffixes !== null) return table.suffixes;
    const reference = this.search.weights.slack?.reference;
    const { block } = table;
    if (reference === undefined || block.length > LONGEST_KEPT) return null;
    const suffixes: Table[] = new Array(block.length + 1);
    for (let i = 0; i <= block.length; i++) suffixes[i] = this.kept(this.rests, block.subarray(i), reference);
    table.suffixes = suffixes;
    return suffixes;
  }

  private kept(map: Map<string, Table>, block: Uint8Array, origin: number): Table {
    if (block.length > LONGEST_KEPT) return new Table(block, origin);
    const key = blockKey(block);
    let table = map.get(key);
    if (table === undefined) {
      table = new Table(block.slice(), origin);
      map.set(key, table);
    }
    return table;
  }

  private unedited({ block, origin }: Table): number {
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
