/**
 * Which tokens a model can come to see after some edits of a text, word by word: as data and as a table.
 *
 * Promise: for 1 edit every number is exact: strings are all single edits, each at one place, and sequences are counted
 * before the model cuts them. For more edits a place is exact, or says that it is a superset.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { ModelIdentity } from "../model/classifier.js";
import type { SequenceModel } from "../model/sequence.js";
import { codePoints, fromCodePoints } from "../text/code-points.js";
import { reach, type SingleReach, singleReach, type TextEdit, type TokenChange } from "../tokenizer/reach.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { count, whole } from "./numbers.js";
import { drawTable } from "./table.js";
import { shorten, visible } from "./visible.js";

/** Examples of a place. */
const EXAMPLES = 3;

export interface ReachExample {
  /** What the place has become; null where only the tokens are known. */
  readonly text: string | null;
  readonly tokens: readonly string[];
}

/** What edits at one place can do. */
export interface ReachPlace {
  /** A word, the gap between two, a run of more, or all of the text where words can't be told apart. */
  readonly kind: "word" | "gap" | "run" | "text";
  /** Code points [begin, end) of the text; of a gap, with the words on both sides. */
  readonly begin: number;
  readonly end: number;
  readonly text: string;
  readonly tokens: readonly string[];
  /** Whether `sequences` are all and no more than can occur. */
  readonly exact: boolean;
  /** Strings that the edits make there; those that stand for all, with more than 1 edit. Null where not exact. */
  readonly strings: number | null;
  /** Different token sequences among them, the unchanged one not counted; null where not exact. */
  readonly sequences: number | null;
  /** Where not exact: how many different tokens can occur, and how many in a row (null: nothing is known). */
  readonly superset: { readonly tokens: number; readonly least: number; readonly most: number | null } | null;
  readonly examples: readonly ReachExample[];
}

export interface ReachRecord {
  readonly id: number;
  readonly text: string;
  readonly edits: number;
  readonly alphabet: string;
  readonly model: ModelIdentity;
  readonly tokenizer: string;
  readonly tokens: readonly string[];
  /** Strings one edit away; null for more edits, where places share them. */
  readonly strings: number | null;
  /** Different token sequences of the whole text that they give, without the unchanged one. */
  readonly sequences: number | null;
  readonly places: readonly ReachPlace[];
}

export function reachRecord(
  { tokenizer, identity }: SequenceModel,
  { id, text }: { readonly id: number; readonly text: string },
  alphabet: Alphabet,
  edits: number,
): ReachRecord {
  const named = { id, text, edits, alphabet: alphabet.name, model: identity, tokenizer: tokenizer.name };
  if (edits === 1) return { ...named, ...ofOneEdit(tokenizer, singleReach(tokenizer, text, alphabet)) };
  const { base, sites } = reach(tokenizer, text, alphabet, edits);
  const places = sites.map((site): ReachPlace => {
    const { kind, begin, end, text: stretch } = site;
    const level = site.levels.at(-1)!;
    const place = { kind, begin, end, text: stretch, tokens: printed(tokenizer, site.base) };
    if (!level.exact) {
      const { tokens, least, most } = level;
      const superset = { tokens: tokens.length, least, most: Number.isFinite(most) ? most : null };
      return { ...place, exact: false, strings: null, sequences: null, superset, examples: [] };
    }
    const others = level.sequences.filter((ids) => !equal(ids, site.base));
    const examples = spread(others).map((ids) => ({ text: null, tokens: printed(tokenizer, ids) }));
    return {
      ...place,
      exact: true,
      strings: level.strings,
      sequences: others.length,
      superset: null,
      examples,
    };
  });
  return { ...named, tokens: printed(tokenizer, base), strings: null, sequences: null, places };
}

function ofOneEdit(
  tokenizer: Tokenizer,
  single: SingleReach,
): Pick<ReachRecord, "tokens" | "strings" | "sequences" | "places"> {
  const { base, sites, text } = single;
  const points = codePoints(text);
  const all = new Set<string>();
  let strings = 0;
  const places = sites.map((site): ReachPlace => {
    const changes = [...single.changes(site)];
    for (const change of changes) all.add(canonical(base, change));
    const own = single.strings(site);
    strings += own;
    const { kind, begin, end } = site;
    return {
      kind,
      begin,
      end,
      text: fromCodePoints(points.subarray(begin, end)),
      tokens: printed(tokenizer, base.subarray(site.from, site.to)),
      exact: true,
      strings: own,
      sequences: changes.length,
      superset: null,
      examples: spread(changes).map((change) => ({
        text: editedPlace(points, begin, end, change.edit),
        tokens: printed(tokenizer, [
          ...base.subarray(site.from, change.from),
          ...change.ids,
          ...base.subarray(change.to, site.to),
        ]),
      })),
    };
  });
  return { tokens: printed(tokenizer, base), strings, sequences: all.size, places };
}

/**
 * The same for two changes if and only if they give the same whole sequence: what is put in or left out moves as far to
 * the right as equal tokens allow.
 */
function canonical(base: Int32Array, { from, to, ids }: TokenChange): string {
  const put = [...ids];
  let [begin, end] = [from, to];
  if (put.length === 0)
    while (end < base.length && base[begin] === base[end]) [begin, end] = [begin + 1, end + 1];
  if (begin === end)
    while (begin < base.length && put[0] === base[begin]) {
      put.push(put.shift()!);
      begin = ++end;
    }
  return `${begin},${end}:${put.join(",")}`;
}

function editedPlace(
  points: Uint32Array,
  begin: number,
  end: number,
  { at, remove, insert }: TextEdit,
): string {
  const put = insert < 0 ? "" : String.fromCodePoint(insert);
  return fromCodePoints(points.subarray(begin, at)) + put + fromCodePoints(points.subarray(at + remove, end));
}

/** A few of a list, from all over it. */
function spread<T>(list: readonly T[]): T[] {
  const many = Math.min(EXAMPLES, list.length);
  return Array.from({ length: many }, (_, i) => list[Math.floor((i * list.length) / many)]!);
}

const equal = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);

const printed = (tokenizer: Tokenizer, ids: Iterable<number>): string[] =>
  Array.from(ids, (id) => tokenizer.token(id));

/** The record for people: one row for each place, then what it comes to. */
export function reachTable(record: ReachRecord): string {
  const rows = record.places.map((place) => [
    place.kind === "word" ? "" : place.kind,
    shorten(quoted(place.text), 18),
    shorten(tokens(place.tokens), 18),
    place.strings === null ? "" : whole(place.strings),
    place.sequences === null ? "" : whole(place.sequences),
    shorten(
      place.superset === null ? place.examples.slice(0, 1).map(example).join("") : superset(place.superset),
      28,
    ),
  ]);
  const head = ["", "text", "tokens", "strings", "sequences", "for example"];
  return `${drawTable(head, rows)}${reachSummary(record)}\n`;
}

/** "21,185 strings collapse to 249 token sequences." */
export function reachSummary({
  edits,
  strings,
  sequences,
  places,
  tokenizer,
  alphabet,
}: ReachRecord): string {
  const by = `(${tokenizer} tokenizer, alphabet ${alphabet})`;
  if (strings !== null && sequences !== null)
    return `${whole(strings)} ${strings === 1 ? "string" : "strings"} 1 edit away ${strings === 1 ? "collapses" : "collapse"} to ${whole(sequences)} other token ${sequences === 1 ? "sequence" : "sequences"} ${by}.`;
  const exact = places.filter((place) => place.exact).length;
  const open = places.length - exact;
  const known = `Within ${count(edits, "edit")}: ${count(exact, "place")} with all token sequences and no others`;
  return `${known}${open === 0 ? "" : `, ${open} with a superset`} ${by}.`;
}

/** "any of 654 tokens, up to 9" */
function superset({ tokens, least, most }: NonNullable<ReachPlace["superset"]>): string {
  const many = most === null ? "" : least === most ? `, ${most} of them` : `, ${least} to ${most}`;
  return `any of ${whole(tokens)} tokens${many}`;
}

const quoted = (text: string): string => `"${visible(text)}"`;
const tokens = (list: readonly string[]): string =>
  list.length === 0 ? "(none)" : list.map(visible).join(" ");
const example = ({ text, tokens: list }: ReachExample): string =>
  text === null ? `[${tokens(list)}]` : `${quoted(text)} [${tokens(list)}]`;
