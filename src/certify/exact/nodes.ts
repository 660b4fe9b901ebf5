/**
 * What the exact search remembers, as plain records: words in a tree of suffixes, the tables of each word, and blocks.
 * tables.ts and joins.ts fill them in and say what they mean.
 */
import type { Ending } from "./block.js";

// There are very many of these records, so their lists are replaced, at their exact length, instead of grown.
const NOTHING_KNOWN: readonly number[] = [];

/** What is known of one word under one kind of search: its levels so far, and bounds of levels. */
export class Table {
  levels: readonly number[] = NOTHING_KNOWN;
  /** [j] at most the true level j. */
  least: readonly (number | undefined)[] = NOTHING_KNOWN;
  /** The first levels, then bounds; see `Tables.bound`. */
  bound: readonly number[] = NOTHING_KNOWN;
  constructor(
    readonly node: SuffixNode,
    readonly origin: number,
    readonly ending: Ending,
  ) {}
}

/** A word as a node of the tree of suffixes: its parent is the word without its first symbol. */
export class SuffixNode {
  readonly word: readonly number[];
  readonly tables: (Table | undefined)[] = [undefined, undefined, undefined, undefined];
  /** By ending: the tables from the reference state of this word and all its suffixes, longest first. */
  readonly suffixes: { close: readonly Table[] | null; open: readonly Table[] | null } = {
    close: null,
    open: null,
  };
  /** What is known of the word as a block of its own (joins.ts). */
  block: Block | null = null;
  constructor(
    readonly id: number,
    symbol: number,
    readonly parent: SuffixNode | null,
  ) {
    this.word = parent === null ? [] : [symbol, ...parent.word];
  }
}

/** One block. A single word's is kept from text to text (`SuffixNode.block`), a join's as long as its text is looked at. */
export class Block {
  /** [j] the least contribution with at most j edits, where it is known; Infinity where j can't edit all separators. */
  readonly exact: (number | undefined)[] = [];
  /** [j] at most the least contribution. */
  readonly least: number[] = [];
  constructor(
    /** The words, with a SEPARATOR between each two. */
    readonly symbols: readonly number[],
    readonly words: readonly SuffixNode[],
  ) {}
}
