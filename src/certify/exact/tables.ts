/**
 * Tables of least contributions of single words, by number of edits: [j] = the least with at most j edits. They depend
 * on the word and the margin alone, not on the text around it, so they are kept and shared between texts.
 *
 * Four kinds, by where a search starts (the start state, or the reference state of slack.ts) and by what it counts at the
 * end (`close` or `open`, see block.ts):
 *
 * - start, close: what the word really gives;
 * - reference, close: what is left of a word gives, the bound that block.ts prunes with;
 * - start or reference, open: what a word gives that runs on into the next one, the bounds for joins.ts.
 *
 * Level j of a table is searched with the bounds of the word's suffixes at the levels below j, and asked only to beat
 * level j - 1, which is known: so tables grow by one level at a time, and suffixes are shared between words.
 *
 * Bound for `open` tables. For q with cost(q, f) - ref(f) >= lower[q] for all f, let em(q, f) be what reading f gives
 * without the end. For every g: em(q, f) + cost(q_f, g) - ref(g) = cost(q, fg) - ref(g) >= lower[q] + ref(fg) - ref(g)
 * >= lower[q] + em(ref, f) + lower[ref_f]. So dropping a state where v + lower[q] + (open table of the rest) >= best
 * leaves a table that no real continuation goes below, which is all that is claimed of open tables.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import { type Ending, openEnd, type Rest, type Search, searchBlock } from "./block.js";
import type { Budget } from "./budget.js";
import { SuffixNode, Table } from "./nodes.js";

/** Words of more symbols than this are neither kept nor given suffix bounds, which would take quadratic space. */
export const LONGEST_KEPT = 64;
const EXACT_LEVELS = 1;

export class Tables {
  /** The state that bounds refer to; null where there are none. */
  readonly reference: number | null;
  private root = new SuffixNode(0, 0, null);
  /** Children by parent's number and symbol. */
  private readonly children = new Map<number, SuffixNode>();
  private nodes = 1;

  constructor(readonly search: Search) {
    this.reference = search.weights.slack?.reference ?? null;
  }

  /** Frees the tables once there are more than `most` nodes. To be called between texts. */
  trim(most: number): void {
    if (this.nodes <= most) return;
    this.children.clear();
    this.root = new SuffixNode(0, 0, null);
    this.nodes = 1;
  }

  /** The node of a word, which holds its tables; one that is forgotten again if the word is very long. */
  node(word: ArrayLike<number>): SuffixNode {
    if (word.length > LONGEST_KEPT) return longNode(word);
    let node = this.root;
    for (let i = word.length - 1; i >= 0; i--) {
      const symbol = word[i]!;
      const key = node.id * WORD_SYMBOLS + symbol;
      let longer = this.children.get(key);
      if (longer === undefined) {
        longer = new SuffixNode(this.nodes++, symbol, node);
        this.children.set(key, longer);
      }
      node = longer;
    }
    return node;
  }

  /** What a word gives. */
  word(node: SuffixNode): Table {
    return this.table(node, 0, this.search.automaton.start, "close");
  }

  /** What a word gives at least, read from the start state and running on into the next one. */
  openWord(node: SuffixNode): Table {
    return this.table(node, 1, this.search.automaton.start, "open");
  }

  /** What the rest of a word gives at least, read from the reference state, up to its end. */
  rest(node: SuffixNode): Table {
    return this.table(node, 2, this.reference!, "close");
  }

  /** What the rest of a word gives at least, read from the reference state and running on into the next one. */
  openRest(node: SuffixNode): Table {
    return this.table(node, 3, this.reference!, "open");
  }

  private table(node: SuffixNode, kind: number, origin: number, ending: Ending): Table {
    let table = node.tables[kind];
    if (table === undefined) {
      table = new Table(node, origin, ending);
      node.tables[kind] = table;
    }
    return table;
  }

  /**
   * [>= edits + 1] at most the true levels: searched up to EXACT_LEVELS, bounded beyond, where a search of the bound
   * costs more than it saves.
   */
  bound(table: Table, edits: number, budget: Budget): readonly number[] {
    if (edits <= EXACT_LEVELS) return this.levels(table, edits, budget);
    if (table.bound.length === 0)
      table.bound = this.levels(table, EXACT_LEVELS, budget).slice(0, EXACT_LEVELS + 1);
    while (table.bound.length <= edits) table.bound = [...table.bound, this.least(table, table.bound.length)];
    return table.bound;
  }

  /** [>= edits + 1] */
  private levels(table: Table, edits: number, budget: Budget): readonly number[] {
    const { node, origin, ending } = table;
    while (table.levels.length <= edits) {
      const { levels } = table;
      const level = levels.length;
      if (level === 0) table.levels = [this.unedited(table)];
      else {
        const rest = this.bounds(table, level - 1, budget);
        const before = levels[level - 1]!;
        table.levels = [
          ...levels,
          searchBlock(this.search, node.word, origin, ending, level, rest, before, budget),
        ];
      }
    }
    return table.levels;
  }

  /**
   * At most level `level` of a table, without a search: see `firstEdits`. -Infinity where there are no bounds.
   */
  least(table: Table, level: number): number {
    if (table.levels.length > level) return table.levels[level]!;
    if (level === 0) {
      table.levels = [this.unedited(table)];
      return table.levels[0]!;
    }
    const known = table.least[level];
    if (known !== undefined) return known;
    const least = this.firstEdits(table, level);
    const grown = new Array<number | undefined>(Math.max(level + 1, table.least.length));
    for (let l = 0; l < grown.length; l++) grown[l] = l === level ? least : table.least[l];
    table.least = grown;
    return least;
  }

  /**
   * The least over all places of a first edit, with what is left of the word bounded by its suffix's table.
   *
   * Proof. With no edit it is level 0. Else let the first edit be at place i: before it the word is read as it stands, to
   * state q with value v. A written letter leads to a state p with v + step + lower[p] >= v + (key of the first
   * move), deletion leaves q, a written separator leads to the start with close[q] added. What follows costs at
   * least lower[.] + the suffix's table with one edit less, by (*) of slack.ts (for open tables see the header).
   */
  private firstEdits(table: Table, level: number): number {
    const suffixes = this.suffixesOf(table);
    if (suffixes === null) return Number.NEGATIVE_INFINITY;
    const { automaton, weights, moves } = this.search;
    const { close, step } = weights;
    const { lower } = weights.slack!;
    const split = moves.allowed[SEPARATOR] === 1 ? lower[automaton.start]! : Number.POSITIVE_INFINITY;
    let least = this.least(table, 0);
    const { word } = table.node;
    let q = table.origin;
    let v = 0;
    let here = this.least(suffixes[0]!, level - 1);
    for (let i = 0; ; i++) {
      const written = v + Math.min(moves.leastKey(q), close[q]! + split);
      least = Math.min(least, written + here);
      if (i === word.length) return least;
      const after = this.least(suffixes[i + 1]!, level - 1);
      least = Math.min(least, written + after, v + lower[q]! + after);
      here = after;
      const arc = q * WORD_SYMBOLS + word[i]!;
      q = automaton.next[arc]!;
      if (automaton.stepBy !== "never") v += step[automaton.stepBy === "state" ? q : arc]!;
    }
  }

  /** Bounds for pruning searches of a table's word with up to `edits` edits left; null where there are none. */
  bounds(table: Table, edits: number, budget: Budget): Rest | null {
    const suffixes = this.suffixesOf(table);
    if (suffixes === null) return null;
    const rest: (readonly number[])[] = new Array(suffixes.length);
    // The shortest first: a suffix's levels are made from those of its own suffixes.
    for (let i = suffixes.length - 1; i >= 0; i--) rest[i] = this.bound(suffixes[i]!, edits, budget);
    return rest;
  }

  /** The tables, from the reference state, of all suffixes of a table's word, the word itself first. */
  private suffixesOf({ node, ending }: Table): readonly Table[] | null {
    const known = node.suffixes[ending];
    if (known !== null) return known;
    if (this.reference === null || node.word.length > LONGEST_KEPT) return null;
    const suffixes: Table[] = [];
    for (let at: SuffixNode | null = node; at !== null; at = at.parent)
      suffixes.push(ending === "close" ? this.rest(at) : this.openRest(at));
    node.suffixes[ending] = suffixes;
    return suffixes;
  }

  private unedited({ node: { word }, origin, ending }: Table): number {
    const { automaton, weights } = this.search;
    let state = origin;
    let value = 0;
    for (let i = 0; i < word.length; i++) {
      const arc = state * WORD_SYMBOLS + word[i]!;
      state = automaton.next[arc]!;
      if (automaton.stepBy !== "never") value += weights.step[automaton.stepBy === "state" ? state : arc]!;
    }
    return value + (ending === "close" ? weights.close[state]! : openEnd(this.search, state));
  }
}

/** A node outside the tree, without the nodes of its suffixes. */
function longNode(word: ArrayLike<number>): SuffixNode {
  const node = new SuffixNode(-1, 0, null);
  return Object.assign(node, { word: Array.from(word) });
}
