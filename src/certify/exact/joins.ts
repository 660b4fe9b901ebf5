/**
 * Tables of joined words: neighbours whose separators between them are all edited away.
 *
 * Most joins never pay, and are refused without a search. Bound: edits that join words w_1 .. w_m spend one edit on each
 * separator (deleting it, or writing a letter instead) and e_1 .. e_m inside the words. Reading the joined word, each
 * part but the last gives at least its open table at e_t (block.ts, with the letter written over the separator as
 * the free one), from the start state for the first and beyond the reference for the others, and the last at least its
 * rest table. So
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
import { LONGEST_KEPT, type Tables } from "./tables.js";

/** One join of a text: it lives as long as the text is looked at. */
export class Join {
  readonly levels: number[] = [];
  constructor(
    /** The words, with a SEPARATOR between each two. */
    readonly block: Uint8Array,
    readonly words: readonly Uint8Array[],
  ) {}
}

/** At most what the join gives with at most `edits` edits, without a search; -Infinity where there is no bound. */
export function leastJoined(tables: Tables, { words, levels }: Join, edits: number): number {
  if (levels.length > edits) return levels[edits]!;
  if (edits < words.length - 1) return Number.POSITIVE_INFINITY;
  if (!bounded(tables, words)) return Number.NEGATIVE_INFINITY;
  const last = words.length - 1;
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

/**
 * [>= edits + 1] least contribution of the joined words with at most j edits; Infinity where j can't edit all
 * separators, and at levels where the join doesn't beat `parts[j]`, a number that smaller blocks reach.
 */
export function joinLevels(
  tables: Tables,
  join: Join,
  edits: number,
  parts: ArrayLike<number>,
  budget: Budget,
): readonly number[] {
  const { levels, block, words } = join;
  const { search } = tables;
  while (levels.length <= edits) {
    const level = levels.length;
    const before = level === 0 ? Number.POSITIVE_INFINITY : levels[level - 1]!;
    const needed = Math.min(before, parts[level]!);
    if (level < words.length - 1 || leastJoined(tables, join, level) >= needed) {
      levels.push(before);
      continue;
    }
    const rest = joinBounds(tables, join, level - 1, budget);
    const found = searchBlock(search, block, search.automaton.start, "close", level, rest, needed, budget);
    levels.push(found < needed ? found : before);
  }
  return levels;
}

/** For pruning: from each place of the block on, with up to `edits` edits left. */
export function joinBounds(
  tables: Tables,
  { words, block }: Join,
  edits: number,
  budget: Budget,
): Rest | null {
  if (!bounded(tables, words)) return null;
  const rest: (readonly number[])[] = [];
  for (const [t, word] of words.entries()) {
    if (t === words.length - 1) rest.push(...tables.bounds(tables.rest(word), edits, budget)!);
    else {
      const open = tables.bounds(tables.openRest(word), edits, budget)!;
      const after = following(tables, words, t + 1, edits, budget);
      for (const levels of open)
        rest.push(Array.from({ length: edits + 1 }, (_, e) => combined(levels, after, e)));
    }
  }
  if (rest.length !== block.length + 1) throw new Error("a join has as many bounds as places");
  return rest;
}

/** [edits + 1] least that words t .. give beyond the reference, the separator before them not counted. */
function following(
  tables: Tables,
  words: readonly Uint8Array[],
  t: number,
  edits: number,
  budget: Budget,
): readonly number[] {
  let after = tables.levels(tables.rest(words[words.length - 1]!), edits, budget);
  for (let u = words.length - 2; u >= t; u--) {
    const open = tables.levels(tables.openRest(words[u]!), edits, budget);
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

function bounded(tables: Tables, words: readonly Uint8Array[]): boolean {
  return tables.reference !== null && words.every((word) => word.length <= LONGEST_KEPT);
}

/** The words of a block, by its separators. */
export function wordsOf(block: Uint8Array): Uint8Array[] {
  const words: Uint8Array[] = [];
  let from = 0;
  for (let i = 0; i <= block.length; i++)
    if (i === block.length || block[i] === SEPARATOR) {
      words.push(block.subarray(from, i));
      from = i + 1;
    }
  return words;
}
