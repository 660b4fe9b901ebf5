/**
 * The places of a folded text where one edit can act, and what it takes from the additive part of a margin there, exactly.
 *
 * Theorem. One edit of the folded text is an edit of one word (a word of its own or the empty word between two separators), or of the separator
 * between two words, neither of them empty (an empty neighbour makes it an edit of a word: exact/blocks.ts). `takes` is what the place
 * gives unedited less the least that it gives with at most one edit; for two words, with the separator between them edited.
 */
import { type FoldedEdit, replay } from "../../edits/replay.js";
import { fromCodePoints } from "../../text/code-points.js";
import type { Folded } from "../../text/fold.js";
import { type WordSpans, wordSpans } from "../exact/blocks.js";
import type { Budget } from "../exact/budget.js";
import { leastOf, makeBlock, settle, wordNodes } from "../exact/joins.js";
import type { Block } from "../exact/nodes.js";
import type { Tables } from "../exact/tables.js";
import { traceBlock } from "../exact/trace.js";
import type { InspectedSite } from "./inspection.js";

export interface WordPlace {
  /** Words of `wordSpans`: one, or two neighbours that are joined. */
  readonly from: number;
  readonly to: number;
  /** What the words give unedited less the least they give here; may be below 0 for two words. */
  readonly takes: number;
  readonly block: Block;
}

export function wordPlaces(folded: Folded, tables: Tables, budget: Budget): WordPlace[] {
  const spans = wordSpans(folded.symbols);
  const { begin, end } = spans;
  const whole = Array.from(begin, (_, word) => blockOf(spans, word, word, tables));
  const places: WordPlace[] = [];
  whole.forEach((block, word) => {
    const own = leastOf(tables, block, 0);
    places.push({ from: word, to: word, takes: own - least(tables, block, budget), block });
    if (word === 0 || begin[word] === end[word] || begin[word - 1] === end[word - 1]) return;
    const joined = blockOf(spans, word - 1, word, tables);
    const together = leastOf(tables, whole[word - 1]!, 0) + own;
    places.push({ from: word - 1, to: word, takes: together - least(tables, joined, budget), block: joined });
  });
  return places;
}

function blockOf({ begin, end, symbols }: WordSpans, from: number, to: number, tables: Tables): Block {
  const stretch = symbols.subarray(begin[from], end[to]);
  return makeBlock(wordNodes(tables, stretch), stretch);
}

/** With at most one edit. */
function least(tables: Tables, block: Block, budget: Budget): number {
  leastOf(tables, block, 0);
  if (block.exact[1] === undefined) settle(tables, block, 1, Number.POSITIVE_INFINITY, budget);
  return block.exact[1]!;
}

/** The edit of the folded text that takes as much; none where nothing takes anything. */
export function lightestEdit(
  folded: Folded,
  { from, block }: WordPlace,
  tables: Tables,
  budget: Budget,
): FoldedEdit[] {
  const at = wordSpans(folded.symbols).begin[from]!;
  const edits = traceBlock(tables, block, 1, block.exact[1]!, budget);
  if (edits === null) throw new Error("a block's least value has no edits that reach it");
  return edits.map((edit) => ({ ...edit, at: edit.at + at }));
}

/** The place in the text itself. */
export function siteOf(
  folded: Folded,
  { from, to }: Pick<WordPlace, "from" | "to">,
  edits: readonly FoldedEdit[] | null,
  representative: ArrayLike<number>,
): Pick<InspectedSite, "kind" | "text" | "begin" | "end" | "example"> {
  const { source, points, symbols } = folded;
  const spans = wordSpans(symbols);
  const [first, last] = [spans.begin[from]!, spans.end[to]!];
  const begin = first < symbols.length ? source[first]! : points.length;
  // What folds to nothing behind a word is part of it: an insertion there is one at its end.
  const end = last < symbols.length ? source[last]! : points.length;
  const word = from === to && last > first;
  const text = fromCodePoints(points.subarray(begin, end));
  const site = { kind: word ? ("word" as const) : ("gap" as const), text, begin, end };
  if (edits === null || edits.length === 0) return { ...site, example: null };
  const after = replay(folded, edits, representative);
  return { ...site, example: fromCodePoints(after.subarray(begin, end + after.length - points.length)) };
}
