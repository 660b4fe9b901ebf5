/**
 * A folded text as words and the separators between them, and what j edits can make of it: a shortest path over
 * blocks, searched lazily.
 *
 * Theorem. `least(k)` gives the minimum contribution of all strings within k edits of the text.
 * Proof. Fix an edit sequence, from left to right. Separators of the text that it leaves alone cut the text into
 * blocks as block.ts defines them; each edit belongs to one block, and the automaton is at its start state at
 * every cut, so contributions add up. Each choice of cuts and of edits per block is an edit sequence. A block
 * whose first or last word is empty, of more than one word, needn't be tried: deleting its outer separator gains
 * nothing over leaving it (an empty word adds 0 and an unedited separator costs no edit), and replacing it by
 * a letter gives what inserting that letter gives. So the minimum is that of a path over (words covered, edits spent).
 * Lazily: every block starts with a lower bound in place of its least contribution. Let L be the length of the best path
 * under bounds and U that of the best path over blocks whose true values are known. L <= minimum <= U, so once
 * L >= U the path of U is the shortest. Until then blocks with bounds only are searched, those on the best paths under
 * bounds first (the first of all lies on L's path). A block is searched for less than its bound + U - P, where P is
 * the best path through it: with at least that much, no path through it would be shorter than U.
 * Charges (certify/lipschitz/) change what a block is worth by a number that is known beforehand, and nothing in this.
 */
import { SEPARATOR } from "../../text/symbols.js";
import type { Budget } from "./budget.js";
import { leastJoined, leastOf, makeBlock, reachedBy, settle } from "./joins.js";
import type { Block, SuffixNode } from "./nodes.js";
import type { Tables } from "./tables.js";

/** Words of a folded text: n separators make n + 1 words, empty ones included. Offsets index the symbols. */
export interface WordSpans {
  readonly symbols: Uint8Array;
  /** [words] first symbol of each word. */
  readonly begin: Int32Array;
  /** [words] one past the last symbol of each word. */
  readonly end: Int32Array;
}

export function wordSpans(symbols: Uint8Array): WordSpans {
  let words = 1;
  for (let i = 0; i < symbols.length; i++) if (symbols[i] === SEPARATOR) words++;
  const begin = new Int32Array(words);
  const end = new Int32Array(words);
  let word = 0;
  for (let i = 0; i < symbols.length; i++)
    if (symbols[i] === SEPARATOR) {
      end[word++] = i;
      begin[word] = i + 1;
    }
  end[word] = symbols.length;
  return { symbols, begin, end };
}

/** Which words make up a block and how many edits it gets. */
export interface BlockChoice {
  readonly from: number;
  readonly to: number;
  readonly edits: number;
  readonly value: number;
}

/** Contributions less charges, and the blocks, from left to right, that give them. */
export interface Charged {
  readonly value: number;
  readonly choice: readonly BlockChoice[];
}

/** Texts of at least so many words look for joins that they have twice. */
const MANY_WORDS = 500;

/** Equal words, or equal joins, wherever they stand in the text. */
interface Group {
  /** A stretch of the text's symbols that the group stands for. */
  readonly symbols: Uint8Array;
  readonly words: readonly SuffixNode[];
  /** Joins are made when they are settled first: most never are, and a long text has many. */
  block: Block | null;
  /** [edits + 1] at most the true values. */
  readonly lower: number[];
  /** [edits + 1] at least the true values; empty as long as nothing is known. */
  readonly upper: number[];
}

/** A group at a place: it begins with word `from`. `charges[e]` is taken off what it gives with e edits. */
interface Place {
  readonly from: number;
  readonly group: Group;
  charges: number[] | null;
}

/** What is taken off the contribution of words `from` to `to` with `edits` >= 1 edits: a number >= 0 on the grid. */
export type Charge = (from: number, to: number, edits: number) => number;

/** A block to search, and the length of the best path through it under the bounds. */
interface Candidate {
  readonly group: Group;
  readonly edits: number;
  readonly through: number;
}

/** The blocks of one text under one margin; it may be asked for more and more edits. */
export class Blocks {
  /** [words] blocks that end with each word. */
  private readonly ending: Place[][];
  private readonly groups: Group[] = [];
  private readonly groupOfWord = new Map<SuffixNode, Group>();
  private readonly groupOfJoin = new Map<string, Group>();
  /** [words] */
  private readonly nodes: readonly SuffixNode[];
  private edits = 0;

  constructor(
    readonly spans: WordSpans,
    private readonly tables: Tables,
    private readonly budget: Budget,
  ) {
    this.nodes = Array.from(spans.begin, (_, word) => tables.node(this.symbols(word, word)));
    this.ending = Array.from(spans.begin, (_, to) => [this.place(to, to)]);
  }

  /**
   * The least contribution with at most `edits` edits, and blocks, from left to right, that reach it; null if it is
   * `enough` or more.
   */
  least(
    edits: number,
    enough: number,
  ): { readonly value: number; readonly choice: readonly BlockChoice[] } | null {
    this.extend(edits);
    for (const places of this.ending) for (const place of places) place.charges = null;
    const { value, paths, by } = this.search(edits, enough);
    return by === "lower" ? null : { value, choice: this.walk(paths, edits, by) };
  }

  /** Charges for so many edits, to be taken off by `leastCharged`. */
  levy(edits: number, charge: Charge): void {
    this.extend(edits);
    for (let to = 0; to < this.ending.length; to++)
      for (const place of this.ending[to]!) {
        const charges = new Array<number>(edits + 1).fill(0);
        for (let e = Math.max(1, to - place.from); e <= edits; e++) charges[e] = charge(place.from, to, e);
        place.charges = charges;
      }
  }

  /** Another charge for one place. */
  recharge(from: number, to: number, edits: number, charge: number): void {
    for (const place of this.ending[to]!) if (place.from === from) place.charges![edits] = charge;
  }

  /**
   * As `least`, of contributions less charges, with the number of edits of `levy`; but where the least is `enough` or more, a
   * value from `enough` to the least, and the blocks whose bounds give it.
   */
  leastCharged(edits: number, enough: number): Charged {
    const { value, paths, by } = this.search(edits, enough);
    return { value, choice: this.walk(paths, edits, by) };
  }

  /** A value that is at most the least of contributions less charges, without a search, and the blocks whose bounds give it. */
  boundCharged(edits: number): Charged {
    const paths = this.paths(edits, "lower");
    return { value: paths[paths.length - 1]!, choice: this.walk(paths, edits, "lower") };
  }

  /** The end of the paths under bounds if that is `enough` or more, else the least, which values that are known reach. */
  private search(
    edits: number,
    enough: number,
  ): { readonly value: number; readonly paths: Float64Array; readonly by: "lower" | "upper" } {
    // Few at first, while what is reached is still far from the best; then more and more, so that rounds stay few.
    for (let batch = 1; ; batch *= 2) {
      this.budget.check();
      const lower = this.paths(edits, "lower");
      const least = lower[lower.length - 1]!;
      if (least >= enough) return { value: least, paths: lower, by: "lower" };
      const upper = this.paths(edits, "upper");
      const reached = upper[upper.length - 1]!;
      if (least >= reached) return { value: reached, paths: upper, by: "upper" };
      const limit = Math.min(reached, enough);
      for (const { group, edits: e, through } of this.candidates(edits, lower, limit).slice(0, batch)) {
        group.block ??= makeBlock(group.words, group.symbols);
        const needed = leastOf(this.tables, group.block, e) + limit - through;
        // Without a bound both are -Infinity.
        settle(
          this.tables,
          group.block,
          e,
          Number.isNaN(needed) ? Number.POSITIVE_INFINITY : needed,
          this.budget,
        );
        this.refresh(group);
      }
    }
  }

  /** Blocks with bounds only, on some path below `limit`: those on the best paths first. */
  private candidates(edits: number, before: Float64Array, limit: number): Candidate[] {
    const width = edits + 1;
    const after = this.pathsBack(edits);
    const found = new Map<Group, Candidate[]>();
    for (let to = 0; to < this.ending.length; to++)
      for (const { from, group, charges } of this.ending[to]!) {
        for (let e = to - from; e <= edits; e++) {
          if (group.block !== null && group.block.exact[e] !== undefined) continue;
          let rest = Number.POSITIVE_INFINITY;
          for (let j = 0; j + e <= edits; j++)
            rest = Math.min(rest, before[from * width + j]! + after[(to + 1) * width + edits - e - j]!);
          const through = rest + charged(group.lower, charges, e);
          if (through >= limit) continue;
          let known = found.get(group);
          if (known === undefined) {
            known = [];
            found.set(group, known);
          }
          const twin = known[e];
          if (twin === undefined || through < twin.through) known[e] = { group, edits: e, through };
        }
      }
    const all: Candidate[] = [];
    for (const known of found.values())
      for (const candidate of known) if (candidate !== undefined) all.push(candidate);
    return all.sort((a, b) => a.through - b.through);
  }

  /** Adds the joins and bounds that `edits` edits bring. */
  private extend(edits: number): void {
    const { begin, end } = this.spans;
    this.edits = edits;
    for (const group of this.groups) this.refresh(group);
    for (let to = 0; to < this.ending.length; to++) {
      const places = this.ending[to]!;
      if (begin[to] === end[to]) continue;
      for (let from = to - 1; from >= 0 && to - from <= edits; from--)
        if (begin[from] !== end[from] && !places.some((place) => place.from === from))
          places.push(this.place(from, to));
    }
  }

  private place(from: number, to: number): Place {
    const group = from === to ? this.wordGroup(from) : this.joinGroup(from, to);
    return { from, group, charges: null };
  }

  private wordGroup(word: number): Group {
    const node = this.nodes[word]!;
    let group = this.groupOfWord.get(node);
    if (group === undefined) {
      group = this.group(word, word);
      this.groupOfWord.set(node, group);
    }
    return group;
  }

  /** Equal joins share a group in long texts, where there may be many; elsewhere looking for them costs more. */
  private joinGroup(from: number, to: number): Group {
    const words = this.nodes.slice(from, to + 1);
    // Very long words have no number of their own.
    if (this.nodes.length < MANY_WORDS || words.some(({ id }) => id < 0)) return this.group(from, to);
    const key = words.map(({ id }) => id).join(" ");
    let group = this.groupOfJoin.get(key);
    if (group === undefined) {
      group = this.group(from, to);
      this.groupOfJoin.set(key, group);
    }
    return group;
  }

  private group(from: number, to: number): Group {
    const symbols = this.symbols(from, to);
    const words = this.nodes.slice(from, to + 1);
    const block = from === to ? makeBlock(words, symbols) : null;
    const group: Group = { symbols, words, block, lower: [], upper: [] };
    this.groups.push(group);
    this.refresh(group);
    return group;
  }

  private symbols(from: number, to: number): Uint8Array {
    return this.spans.symbols.subarray(this.spans.begin[from], this.spans.end[to]);
  }

  private refresh({ block, words, lower, upper }: Group): void {
    const { edits } = this;
    this.budget.spend(edits + 1);
    if (block === null) {
      for (let e = lower.length; e <= edits; e++) lower[e] = leastJoined(this.tables, words, e);
      return;
    }
    for (let e = 0; e <= edits; e++) {
      lower[e] = leastOf(this.tables, block, e);
      upper[e] = block.exact[e] ?? reachedBy(block, e);
    }
  }

  /** [(words + 1) * (edits + 1)] least contribution of the first w words with at most j edits. */
  private paths(edits: number, by: "lower" | "upper"): Float64Array {
    const width = edits + 1;
    const least = new Float64Array((this.ending.length + 1) * width).fill(Number.POSITIVE_INFINITY, width);
    for (let to = 0; to < this.ending.length; to++) {
      const row = (to + 1) * width;
      for (const place of this.ending[to]!) {
        const values = place.group[by];
        if (values.length === 0) continue;
        this.budget.spend(width);
        const before = place.from * width;
        for (let e = to - place.from; e <= edits; e++) {
          const value = charged(values, place.charges, e);
          for (let j = e; j <= edits; j++) {
            const total = least[before + j - e]! + value;
            if (total < least[row + j]!) least[row + j] = total;
          }
        }
      }
    }
    return least;
  }

  /** [(words + 1) * (edits + 1)] least contribution, under the bounds, of all but the first w words. */
  private pathsBack(edits: number): Float64Array {
    const width = edits + 1;
    const words = this.ending.length;
    const least = new Float64Array((words + 1) * width).fill(Number.POSITIVE_INFINITY, 0, words * width);
    for (let to = words - 1; to >= 0; to--) {
      const after = (to + 1) * width;
      for (const { from, group, charges } of this.ending[to]!) {
        this.budget.spend(width);
        const row = from * width;
        for (let e = to - from; e <= edits; e++) {
          const value = charged(group.lower, charges, e);
          for (let j = e; j <= edits; j++) {
            const total = least[after + j - e]! + value;
            if (total < least[row + j]!) least[row + j] = total;
          }
        }
      }
    }
    return least;
  }

  /** The blocks of the best path. */
  private walk(least: Float64Array, edits: number, by: "lower" | "upper"): BlockChoice[] {
    const width = edits + 1;
    const chosen: BlockChoice[] = [];
    let left = edits;
    let to = this.ending.length - 1;
    while (to >= 0) {
      const found = this.step(least, width, to, left, by);
      chosen.push(found);
      left -= found.edits;
      to = found.from - 1;
    }
    return chosen.reverse();
  }

  private step(
    least: Float64Array,
    width: number,
    to: number,
    left: number,
    by: "lower" | "upper",
  ): BlockChoice {
    const wanted = least[(to + 1) * width + left]!;
    for (const place of this.ending[to]!) {
      const { from } = place;
      const values = place.group[by];
      if (values.length === 0) continue;
      for (let e = to - from; e <= left; e++)
        if (least[from * width + left - e]! + charged(values, place.charges, e) === wanted)
          return { from, to, edits: e, value: values[e]! };
    }
    throw new Error("a shortest path has no blocks that reach it");
  }
}

/** What a place gives with e edits, its charge taken off. */
function charged(values: readonly number[], charges: readonly number[] | null, e: number): number {
  return charges === null ? values[e]! : values[e]! - charges[e]!;
}
