/**
 * Which token changes ONE edit can cause, all of them and each once per site.
 *
 * Theorem. Let s' be at distance 1 from `text` over the alphabet. Then ids(s') = base, or for some site and some
 * c in changes(site): ids(s') = base[0, c.from) ++ c.ids ++ base[c.to, end). Each change comes from its `edit`.
 *
 * Proof. Cuts of the text (`isCut`) part it into stretches; all but the first begin with U+0020, and base is the
 * concatenation of their ids by locality. s' comes from exactly one edit of `singleEdits` (edits/neighbours.ts).
 * Whether a place is a cut depends on the character behind it and, if `afterWord`, on the one before it. So an edit
 * behind the first character of a stretch (or anywhere in the first stretch), before the next stretch's first one,
 * leaves the cut on its left a cut, and the one on its right unless it puts white space in front of it: ids(s') is
 * base with the ids of the edited stretch in place of the old ones (a word site). An edit of a stretch's first
 * character, or one that puts white space in front of it, may undo that cut; the cuts to the left and right of both
 * stretches stay: with `afterWord` a stretch that another one follows ends in no white space and all but the first
 * begin with one, so it has two characters and an edit touches the surroundings of one cut only; without it, only
 * the character behind a cut counts. So both stretches are tokenised as one (a gap site). Both ends of the text are
 * always cuts. Without locality the whole text is the only stretch.
 * Code points without a representative do what one of them does there, or what writing nothing does, which is no
 * change or a deletion, and that is among the edits too. The exception is a substitution between a lone high and a
 * lone low surrogate: deleting there would join them and is no single edit, so there the whole alphabet is tried.
 *
 * Changes are trimmed: what old and new ids of the site have in common at their beginnings and ends is left out.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { joinsSurrogates } from "../edits/neighbours.js";
import { IdSet } from "./reach/id-set.js";
import { type Place, placesAt, placesIn } from "./reach/places.js";
import { type Stretches, stretchesOf } from "./reach/stretches.js";
import { everyWritten, writable, written } from "./reach/written.js";
import type { Tokenizer } from "./tokenizer.js";

export {
  type Reached,
  type ReachedSite,
  type ReachLevel,
  type ReachLimits,
  reach,
} from "./reach/levels.js";

export interface TextEdit {
  /** In code points of the text: this many are removed (0 or 1), from here. */
  readonly at: number;
  readonly remove: number;
  /** Code point written there, or -1. */
  readonly insert: number;
}

/** One thing that one edit can do to the tokens: base tokens [from, to) become `ids`. */
export interface TokenChange {
  readonly from: number;
  readonly to: number;
  readonly ids: Int32Array;
  /** One of the edits that do it. */
  readonly edit: TextEdit;
}

/** A stretch of the text in which an edit acts: a word with what is cut off with it, or the gap between two. */
export interface ReachSite {
  readonly kind: "word" | "gap" | "text";
  /** Code points [begin, end) of the text; for a gap, of both stretches. */
  readonly begin: number;
  readonly end: number;
  /** Base tokens [from, to) of the stretch. */
  readonly from: number;
  readonly to: number;
}

/** All that one edit can do to the tokens of one text. */
export interface SingleReach {
  readonly text: string;
  /** `tokenizer.ids(text)` */
  readonly base: Int32Array;
  /** Together they hold every single edit of the text. */
  readonly sites: readonly ReachSite[];
  /**
   * The distinct token changes that one edit at this site causes (none that leaves all tokens as they are).
   * `looked` is told as it goes how many more of the site's strings have been looked at, those included that others
   * stand for: before every change, and every LOOKED strings that make none. When all is done they add up to
   * `strings(site)`. It may throw, to stop.
   */
  changes(site: ReachSite, looked?: Looked): Iterable<TokenChange>;
  /** Single-edit strings that belong to this site. Over all sites they add up to the number of edits. */
  strings(site: ReachSite): number;
}

export type Looked = (strings: number) => void;

/** Strings between two reports of what has been looked at. */
const LOOKED = 256;

export function singleReach(tokenizer: Tokenizer, text: string, alphabet: Alphabet): SingleReach {
  const stretches = stretchesOf(tokenizer, text);
  const { cuts, tokenCuts, base } = stretches;
  const kind = tokenizer.locality.kind === "none" ? "text" : "word";
  const sites: ReachSite[] = [];
  const places = new Map<ReachSite, Place[]>();
  const add = (site: ReachSite, found: Place[]): void => {
    sites.push(site);
    places.set(site, found);
  };
  for (let t = 0; t + 1 < cuts.length; t++) {
    const start = { begin: cuts[t]!, from: tokenCuts[t]! };
    add({ kind, ...start, end: cuts[t + 1]!, to: tokenCuts[t + 1]! }, placesIn(stretches, t));
    if (t + 2 < cuts.length)
      add({ kind: "gap", ...start, end: cuts[t + 2]!, to: tokenCuts[t + 2]! }, placesAt(stretches, t + 1));
  }
  return {
    text,
    base,
    sites,
    changes: (site, looked) => changes(tokenizer, alphabet, stretches, site, places.get(site)!, looked),
    strings: (site) => strings(alphabet, stretches, places.get(site)!),
  };
}

/** How many strings the edits at these places make, over the whole alphabet. */
function strings(alphabet: Alphabet, { points }: Stretches, places: readonly Place[]): number {
  let count = 0;
  for (const { kind, at, which } of places)
    count += kind === "delete" ? 1 : writable(alphabet, which, skipped(points, kind, at));
  return count;
}

/** What isn't written there: it would change nothing, or give what another place gives. */
function skipped(points: Uint32Array, kind: "substitute" | "insert", at: number): number {
  if (kind === "substitute") return points[at]!;
  return at > 0 ? points[at - 1]! : -1;
}

function* changes(
  tokenizer: Tokenizer,
  alphabet: Alphabet,
  { text, points, units, base }: Stretches,
  { begin, end, from, to }: ReachSite,
  places: readonly Place[],
  looked: Looked = () => {},
): Iterable<TokenChange> {
  const usual = written(tokenizer, alphabet);
  const origin = units[begin]!;
  const stretch = text.slice(origin, units[end]!);
  const old = base.subarray(from, to);
  const seen = new IdSet(tokenizer.size);
  seen.add(old);
  for (const { kind, at, which } of places) {
    const remove = kind === "insert" ? 0 : 1;
    const head = stretch.slice(0, units[at]! - origin);
    const tail = stretch.slice(units[at + remove]! - origin);
    if (kind === "delete") {
      const ids = tokenizer.ids(head + tail);
      looked(1);
      if (seen.add(ids)) yield trimmed(old, ids, from, { at, remove, insert: -1 });
      continue;
    }
    const all = kind === "substitute" && joinsSurrogates(points, at) ? everyWritten(alphabet) : usual;
    const list = all[which];
    const same = skipped(points, kind, at);
    let told = 0;
    let tried = 0;
    for (let c = 0; c < list.points.length; c++) {
      const insert = list.points[c]!;
      if (insert === same) continue;
      const ids = tokenizer.ids(head + list.strings[c]! + tail);
      const fresh = seen.add(ids);
      tried++;
      if (fresh || tried - told === LOOKED) {
        looked(tried - told);
        told = tried;
      }
      if (fresh) yield trimmed(old, ids, from, { at, remove, insert });
    }
    looked(writable(alphabet, which, same) - told);
  }
}

/** The change from `old`, which starts at base token `from`, to `ids`, without what they share at both ends. */
function trimmed(old: Int32Array, ids: Int32Array, from: number, edit: TextEdit): TokenChange {
  const most = Math.min(old.length, ids.length);
  let head = 0;
  while (head < most && old[head] === ids[head]) head++;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === ids[ids.length - 1 - tail]) tail++;
  return { from: from + head, to: from + old.length - tail, ids: ids.slice(head, ids.length - tail), edit };
}
