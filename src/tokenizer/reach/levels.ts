/**
 * Which token sequences up to k edits can cause, by the stretch of the text that they act in.
 *
 * Cuts part the text into stretches (stretches.ts). A site is a run of r neighbouring stretches that edits have joined:
 * a word (r = 1), the gap between two (r = 2), or more. Its level j holds what j edits inside can make of it.
 *
 * Theorem. Let s' be within k edits of the text. Then the stretches can be parted into consecutive sites with budgets
 * j_1, j_2, ... of at most k in all, j >= r - 1 for a site of r stretches, such that ids(s') is the
 * concatenation of one member each of these sites' levels. Members of level j of a site:
 * an exact level lists them; any other one has at least all sequences of `least` to `most` tokens from `tokens` that
 * are needed. Conversely, if all levels are exact every such concatenation is ids(s') of a text s' within k edits.
 *
 * Proof. Take a shortest alignment of the text with s', all code points written being representatives (replace the
 * others one by one: each becomes a representative or is left out, ids(s') stays and no distance grows; in a text with
 * lone surrogates, where leaving out can join two, all code points count as representatives). Part the text at
 * the cuts whose space the alignment keeps and which are cuts of s' too. Every part is a run of stretches, and s' is parted
 * at the same places; by locality ids(s') is the concatenation of the parts' ids, and their edits add up. A
 * part's first character stays, but for the text's own, and if white space undoes cuts no part of s' that another one follows
 * ends in it (an empty beginning of the text may). A run of r stretches has r - 1 cuts within, each
 * undone by an edit of its own: of the space itself; or, if `afterWord`, of what stands before it. In the latter case s' has
 * white space before the space. It was inserted right there; or it replaces the last character before the space; or
 * that character, which is none, is deleted. The edits of different cuts differ: with `afterWord` there are at least two
 * characters between neighbouring cuts, as a stretch begins with a space and ends in none. So the run's text in s'
 * comes from doing these r - 1 edits first, one of `undoings` for each cut, and at most j - (r - 1) others
 * anywhere behind the first character. That is what an exact level tries. What the other levels say: superset.ts.
 * Conversely, members are ids of strings that j edits make of the run and that keep the cuts at its ends.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import { isHighSurrogate, isLowSurrogate } from "../../text/code-points.js";
import type { Tokenizer } from "../tokenizer.js";
import { ball, ballSize, undoingCount, undone } from "./ball.js";
import { IdSet } from "./id-set.js";
import { type Stretches, stretchesOf } from "./stretches.js";
import { nearTokens } from "./superset.js";
import { everyWritten, isWhite, type Written, written } from "./written.js";

/** What at most `edits` edits can make of a site's tokens. */
export type ReachLevel =
  | {
      readonly edits: number;
      readonly exact: true;
      /** Each once; without edits the site's own. */
      readonly sequences: readonly Int32Array[];
      /** Strings that were tried, those of lower levels included. */
      readonly strings: number;
    }
  | {
      readonly edits: number;
      readonly exact: false;
      /** Every token that can occur, ascending. */
      readonly tokens: Int32Array;
      /** How many of them a sequence has; `most` is Infinity where nothing is known. */
      readonly least: number;
      readonly most: number;
    };

export interface ReachedSite {
  /** A word, the gap between two, a run of more, or the whole text where words can't be told apart. */
  readonly kind: "word" | "gap" | "run" | "text";
  /** Stretches [first, first + stretches) of the text. */
  readonly first: number;
  readonly stretches: number;
  /** Code points [begin, end) of the text. */
  readonly begin: number;
  readonly end: number;
  /** Base tokens [from, to). */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly base: Int32Array;
  /** For `stretches` - 1 edits up to all; `levels[j - stretches + 1]` is that of j edits. */
  readonly levels: readonly ReachLevel[];
}

export interface Reached {
  readonly text: string;
  readonly base: Int32Array;
  readonly edits: number;
  /** How many stretches the sites are made of. */
  readonly stretches: number;
  /** By first stretch, then by length. */
  readonly sites: readonly ReachedSite[];
}

export interface ReachLimits {
  /** Strings that are tried for one level of one site; beyond, a superset. Default 50,000, and 2,000,000 for 1 edit. */
  readonly strings?: number | undefined;
}

const MOST_STRINGS = 50_000;
const MOST_SINGLE_STRINGS = 2_000_000;

/** @param edits k, a whole number >= 0 */
export function reach(
  tokenizer: Tokenizer,
  text: string,
  alphabet: Alphabet,
  edits: number,
  limits: ReachLimits = {},
): Reached {
  if (!(Number.isInteger(edits) && edits >= 0))
    throw new RangeError(`${edits} edits: allowed are whole numbers from 0`);
  const stretches = stretchesOf(tokenizer, text);
  const { points, units, cuts, tokenCuts, base } = stretches;
  const lone = points.some((point) => isHighSurrogate(point) || isLowSurrogate(point));
  const listed = lone ? everyWritten(alphabet) : written(tokenizer, alphabet);
  const context: Context = { tokenizer, stretches, written: listed, lone, limits, cache: new Map() };
  const count = cuts.length - 1;
  const sites: ReachedSite[] = [];
  for (let first = 0; first < count; first++) {
    for (let length = 1; length <= edits + 1 && first + length <= count; length++) {
      const begin = cuts[first]!;
      const end = cuts[first + length]!;
      const from = tokenCuts[first]!;
      const to = tokenCuts[first + length]!;
      sites.push({
        kind: kindOf(tokenizer, length),
        first,
        stretches: length,
        begin,
        end,
        from,
        to,
        text: text.slice(units[begin]!, units[end]!),
        base: base.slice(from, to),
        levels: cachedLevels(context, first, length, edits),
      });
    }
  }
  return { text, base, edits, stretches: count, sites };
}

function kindOf({ locality }: Tokenizer, stretches: number): ReachedSite["kind"] {
  if (locality.kind === "none") return "text";
  return stretches === 1 ? "word" : stretches === 2 ? "gap" : "run";
}

interface Context {
  readonly tokenizer: Tokenizer;
  readonly stretches: Stretches;
  readonly written: Written;
  /** The text holds lone surrogates. */
  readonly lone: boolean;
  readonly limits: ReachLimits;
  /** Levels of runs that look the same. */
  readonly cache: Map<string, readonly ReachLevel[]>;
}

/** Equal runs have equal levels, but for the text's first and last one. */
function cachedLevels(context: Context, first: number, length: number, edits: number): readonly ReachLevel[] {
  const { cuts, units, text } = context.stretches;
  const last = first + length === cuts.length - 1;
  const lengths = cuts.slice(first, first + length + 1).map((cut) => cut - cuts[first]!);
  const own = text.slice(units[cuts[first]!]!, units[cuts[first + length]!]!);
  const key = JSON.stringify([first === 0, last, lengths, own]);
  let levels = context.cache.get(key);
  if (levels === undefined) {
    levels = levelsOf(context, first, length, edits);
    context.cache.set(key, levels);
  }
  return levels;
}

function levelsOf(context: Context, first: number, length: number, edits: number): ReachLevel[] {
  const { tokenizer, stretches, written, lone, limits } = context;
  const { text, units, cuts, afterWord } = stretches;
  const begin = cuts[first]!;
  const run = text.slice(units[begin]!, units[cuts[first + length]!]!);
  const inner = cuts.slice(first + 1, first + length).map((cut) => cut - begin);
  const fixed = first === 0 ? 0 : 1;
  const guarded = afterWord && first + length < cuts.length - 1;
  const free = cuts[first + length]! - begin - fixed;

  const affordable = (j: number): boolean => {
    if (lone && j > 1) return false;
    const given = limits.strings ?? MOST_STRINGS;
    const most = j > 1 ? given : Math.max(given, MOST_SINGLE_STRINGS);
    return (
      undoingCount(written, afterWord) ** inner.length * ballSize(free, written, j - inner.length) <= most
    );
  };
  let exact = inner.length - 1;
  while (exact < edits && affordable(exact + 1)) exact++;

  const levels: ReachLevel[] = [];
  if (exact >= inner.length) {
    const seen = new IdSet(tokenizer.size);
    let sequences: readonly Int32Array[] = [];
    let strings = 0;
    for (const layer of ball(undone(run, inner, written, afterWord), fixed, written, exact - inner.length)) {
      const found = [...sequences];
      for (const string of layer) {
        // White space before the cut that follows would undo it; the empty beginning of the text doesn't.
        if (guarded && string !== "" && isWhite(string.charCodeAt(string.length - 1))) continue;
        strings++;
        const ids = tokenizer.ids(string);
        if (seen.add(ids)) found.push(ids);
      }
      sequences = found;
      levels.push({ edits: inner.length + levels.length, exact: true, sequences, strings });
    }
  }
  for (let j = exact + 1; j <= edits; j++)
    levels.push({ edits: j, exact: false, ...nearTokens(tokenizer, run, j) });
  return levels;
}
