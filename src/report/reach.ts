/**
 * Which tokens a model can come to see after some edits of a text, word by word: as data and as a table.
 *
 * Promise: `strings` and `sequences` of one edit are exact: all texts at distance 1, and the different token sequences
 * that they give, before the model cuts them. For more edits a place is exact, or says that it is a superset.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { ModelIdentity } from "../model/classifier.js";
import type { SequenceModel } from "../model/sequence.js";
import { codePoints, fromCodePoints } from "../text/code-points.js";
import { type ReachReport, type ReportedLevel, reachReport } from "../tokenizer/reach/report.js";
import { singleReach, type TextEdit, type TokenChange } from "../tokenizer/reach.js";
import { count, whole } from "./numbers.js";
import { drawTable } from "./table.js";
import { shorten, visible } from "./visible.js";

export interface ReachRecord extends ReachReport {
  readonly id: number;
  readonly model: ModelIdentity;
  /** What one edit can do to the whole text. */
  readonly one: {
    /** Texts at distance 1. */
    readonly strings: number;
    /** Different token sequences among them, the unchanged one left out. */
    readonly sequences: number;
    /** For each word and each gap, in their order: how many other sequences, and a text that has one of them. */
    readonly places: readonly { readonly sequences: number; readonly example: string | null }[];
  };
}

export function reachRecord(
  { tokenizer, identity }: SequenceModel,
  { id, text }: { readonly id: number; readonly text: string },
  alphabet: Alphabet,
  edits: number,
): ReachRecord {
  const single = singleReach(tokenizer, text, alphabet);
  const points = codePoints(text);
  const all = new Set<string>();
  let strings = 0;
  const places = single.sites.map((site) => {
    let example: string | null = null;
    let sequences = 0;
    for (const change of single.changes(site)) {
      all.add(canonical(single.base, change));
      sequences++;
      // The first is a deletion; one in the middle of a word says more.
      if (example === null || change.edit.insert < 0) example = placeAfter(points, site, change.edit);
    }
    strings += single.strings(site);
    return { sequences, example };
  });
  const report = reachReport(tokenizer, text, alphabet, edits);
  return { id, model: identity, ...report, one: { strings, sequences: all.size, places } };
}

/**
 * The same for two changes if and only if they give the same whole sequence: what is put in or left out moves as far to
 * the right as equal tokens allow.
 */
export function canonical(base: Int32Array, { from, to, ids }: TokenChange): string {
  const put = [...ids];
  let begin = from;
  let end = to;
  if (put.length === 0)
    while (end < base.length && base[begin] === base[end]) {
      begin++;
      end++;
    }
  else if (begin === end)
    while (begin < base.length && put[0] === base[begin]) {
      put.push(put.shift()!);
      begin++;
      end++;
    }
  return `${begin},${end}:${put.join(",")}`;
}

function placeAfter(
  points: Uint32Array,
  { begin, end }: { readonly begin: number; readonly end: number },
  { at, remove, insert }: TextEdit,
): string {
  const put = insert < 0 ? "" : String.fromCodePoint(insert);
  return fromCodePoints(points.subarray(begin, at)) + put + fromCodePoints(points.subarray(at + remove, end));
}

/** The record for people: one row for each place, then what it comes to. */
export function reachTable(record: ReachRecord): string {
  const { edits, sites, one } = record;
  // Words and gaps stand in the same order in both.
  const singles = one.places[Symbol.iterator]();
  const rows = sites.map(({ kind, text, tokens, neighbours, levels }) => {
    const level = levels.at(-1);
    const single = kind === "run" ? undefined : singles.next().value;
    return [
      kind === "word" ? "" : kind,
      shorten(quoted(text), 24),
      shorten(list(tokens), 24),
      ...(edits === 1 && single !== undefined
        ? [
            neighbours === null ? "" : whole(neighbours),
            whole(single.sequences),
            shorten(single.example === null ? "" : quoted(single.example), 24),
          ]
        : [level === undefined ? "" : reached(level), exampleTokens(level)]),
    ];
  });
  const counted = edits === 1 ? ["strings", "other sequences"] : ["token sequences"];
  const head = ["", "text", "tokens", ...counted, "for example"];
  return `${drawTable(head, rows)}${reachSummary(record)}\n`;
}

/** "21,185 strings collapse to 249 other token sequences (BPE tokenizer, alphabet ascii)." */
export function reachSummary({ edits, one, sites, tokenizer, alphabet, whole: why }: ReachRecord): string {
  const named = `(${tokenizer} tokenizer, alphabet ${alphabet})`;
  const lines: string[] = [];
  const [strings, sequences] = [one.strings, one.sequences];
  lines.push(
    `${edits === 1 ? "" : "1 edit: "}${whole(strings)} ${strings === 1 ? "string collapses" : "strings collapse"} to ${whole(sequences)} other token ${sequences === 1 ? "sequence" : "sequences"} ${named}.`,
  );
  const open = sites.filter(({ levels }) => levels.at(-1)?.exact === false).length;
  if (open > 0)
    lines.push(
      `${count(edits, "edit")}: ${open} of ${count(sites.length, "place")} ${open === 1 ? "is" : "are"} given by a superset: so many of these tokens, in any order.`,
    );
  if (why !== null) lines.push(`Words can't be told apart: ${visible(why)}.`);
  return lines.join("\n");
}

/** "245", or "any 0 to 9 of 654 tokens" for a superset. */
function reached(level: ReportedLevel): string {
  if (level.exact) return whole(level.sequences);
  const { tokens, least, most } = level;
  return `any ${most === null ? `${least} or more` : `${least} to ${most}`} of ${whole(tokens)} tokens`;
}

function exampleTokens(level: ReportedLevel | undefined): string {
  if (level === undefined || !level.exact || level.examples.length === 0) return "";
  return shorten(list(level.examples[0]!), 24);
}

const quoted = (text: string): string => `"${visible(text)}"`;
const list = (tokens: readonly string[]): string =>
  tokens.length === 0 ? "(none)" : tokens.map(visible).join(" ");
