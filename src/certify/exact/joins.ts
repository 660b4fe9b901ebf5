/**
 * Blocks: one word, or neighbouring words whose separators between them are all edited away, and what is known of
 * the least they give: true values where they were searched, bounds elsewhere.
 *
 * Most joins, and most edits of most words, never pay, and are passed over without a search. Bound: edits that join
 * words w_1 .. w_m spend one edit on each separator (deleting it, or writing a letter instead) and e_1 .. e_m inside
 * the words. Reading the joined word, each part but the last gives at least its open table at e_t (block.ts, with
 * the letter written over the separator as the free one), from the start state for the first and beyond the
 * reference for the others, and the last at least its rest table. So
 *
 *     T[j] >= min over e_1 + .. + e_m = j - (m - 1) of
 *             openWord(w_1)[e_1] + openRest(w_2)[e_2] + .. + rest(w_m)[e_m],
 *
 * and likewise for what is left of the block from any place on, which is what block.ts prunes with.
 * Proof: (*) of slack.ts, applied at each separator: what follows costs at least lower[state] + what it costs from
 * the reference state; the part before counts lower[state] by its open ending.
 */
import { SEPARATOR } from "../../text/symbols.js";
import { type Rest, searchBlock } from "./block.js";
import type { Budget } from "./budget.js";
import { Block, type SuffixNode } from "./nodes.js";
import { LONGEST_KEPT, type Tables } from "./tables.js";

/** The words of a stretch of text, given by its symbols and the separators in it. */
export function wordNodes(tables: Tables, symbols: Uint8Array): SuffixNode[] {
  const words: SuffixNode[] = [];
  let from = 0;
  for (let i = 0; i <= symbols.length; i++)
    if (i === symbols.length || symbols[i] === SEPARATOR) {
      words.push(tables.node(symbols.subarray(from, i)));
      from = i + 1;
    }
  return words;
}

/** The block of some words; `symbols` are theirs with a SEPARATOR between each two. A single word has one for good. */
export function makeBlock(words: readonly SuffixNode[], symbols: Uint8Array): Block {
  if (words.length > 1) return new Block(Array.from(symbols), words);
  const word = words[0]!;
  word.block ??= new Block(word.word, words);
  return word.block;
}

/** At most what the block gives with at most `edits` edits, without a search; -Infinity where there is no bound. */
export function leastOf(tables: Tables, block: Block, edits: number): number {
  const { words, exact, least } = block;
  if (edits === 0 || edits < words.length - 1)
    exact[edits] ??= words.length > 1 ? Number.POSITIVE_INFINITY : tables.least(tables.word(words[0]!), 0);
  const known = exact[edits] ?? least[edits];
  if (known !== undefined) return known;
  const bound = leastJoined(tables, words, edits);
  least[edits] = bound;
  return bound;
}

/** The bound of the header; Infinity where `edits` can't edit all separators, -Infinity where there is none. */
export function leastJoined(tables: Tables, words: readonly SuffixNode[], edits: number): number {
  if (edits < words.length - 1) return Number.POSITIVE_INFINITY;
  return bounded(tables, words) ? bestSplit(tables, words, edits) : Number.NEGATIVE_INFINITY;
}

/** min over the ways to spread the edits over words and separators; needs `bounded`. */
function bestSplit(tables: Tables, words: readonly SuffixNode[], edits: number): number {
  const last = words.length - 1;
  if (last === 0) return tables.least(tables.word(words[0]!), edits);
  const rest = tables.rest(words[last]!);
  if (last === 1) {
    // Two words, by far the most common case, without making lists.
    const open = tables.openWord(words[0]!);
    let least = Number.POSITIVE_INFINITY;
    for (let a = 0; a < edits; a++) {
      const total = tables.least(open, a) + tables.least(rest, edits - 1 - a);
      if (total < least) least = total;
    }
    return least;
  }
  const row = (make: (e: number) => number) => Array.from({ length: edits + 1 }, (_, e) => make(e));
  let after = row((e) => tables.least(rest, e));
  for (let t = last - 1; t >= 0; t--) {
    const table = t === 0 ? tables.openWord(words[0]!) : tables.openRest(words[t]!);
    const open = row((e) => tables.least(table, e));
    const next = after;
    after = row((e) => combined(open, next, e));
  }
  return after[edits]!;
}

/** The least value among fewer edits that is known: at least the true value. */
export function reachedBy({ exact }: Block, edits: number): number {
  let reached = Number.POSITIVE_INFINITY;
  for (let e = 0; e <= edits; e++) {
    const value = exact[e];
    if (value !== undefined && value < reached) reached = value;
  }
  return reached;
}

/**
 * Searches for what the block gives with at most `edits` edits, unless it is `needed` or more: afterwards either
 * `exact[edits]` is known, or `least[edits]` is at least `needed`.
 */
export function settle(tables: Tables, block: Block, edits: number, needed: number, budget: Budget): void {
  const { search } = tables;
  const reached = reachedBy(block, edits - 1);
  const limit = Math.min(needed, reached);
  const rest = blockBounds(tables, block, edits - 1, budget);
  const found = searchBlock(
    search,
    block.symbols,
    search.automaton.start,
    "close",
    edits,
    rest,
    limit,
    budget,
  );
  // What isn't below what fewer edits reach is what fewer edits reach.
  if (found < limit || limit === reached) block.exact[edits] = found;
  else block.least[edits] = Math.max(block.least[edits] ?? limit, limit);
}

/** For pruning: from each place of the block on, with up to `edits` edits left; null where there are no bounds. */
export function blockBounds(
  tables: Tables,
  { words, symbols }: Block,
  edits: number,
  budget: Budget,
): Rest | null {
  if (!bounded(tables, words)) return null;
  const last = words.length - 1;
  if (last === 0) return tables.bounds(tables.rest(words[0]!), edits, budget);
  const rest: (readonly number[])[] = [];
  for (const [t, word] of words.entries()) {
    if (t === last) rest.push(...tables.bounds(tables.rest(word), edits, budget)!);
    else {
      const open = tables.bounds(tables.openRest(word), edits, budget)!;
      const after = following(tables, words, t + 1, edits, budget);
      for (const levels of open)
        rest.push(Array.from({ length: edits + 1 }, (_, e) => combined(levels, after, e)));
    }
  }
  if (rest.length !== symbols.length + 1) throw new Error("a block has as many bounds as places");
  return rest;
}

/** [edits + 1] least that words t .. give beyond the reference, the separator before them not counted. */
function following(
  tables: Tables,
  words: readonly SuffixNode[],
  t: number,
  edits: number,
  budget: Budget,
): readonly number[] {
  let after = tables.bound(tables.rest(words[words.length - 1]!), edits, budget);
  for (let u = words.length - 2; u >= t; u--) {
    const open = tables.bound(tables.openRest(words[u]!), edits, budget);
    const next = after;
    after = Array.from({ length: edits + 1 }, (_, e) => combined(open, next, e));
  }
  return after;
}

/** min over a + b = edits - 1 of before[a] + after[b]: one edit goes to the separator between. */
function combined(before: readonly number[], after: readonly number[], edits: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a < edits; a++) {
    const total = before[a]! + after[edits - 1 - a]!;
    if (total < least) least = total;
  }
  return least;
}

function bounded(tables: Tables, words: readonly SuffixNode[]): boolean {
  if (tables.reference === null) return false;
  for (const { word } of words) if (word.length > LONGEST_KEPT) return false;
  return true;
}
