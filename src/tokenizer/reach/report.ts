/**
 * Reach as people read it: for each word and each place where words can be joined, how many strings and token
 * sequences edits can cause, with examples. Plain data that survives JSON.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import { type ReachSite, singleReach } from "../reach.js";
import type { Tokenizer } from "../tokenizer.js";
import { type ReachedSite, type ReachLevel, type ReachLimits, reach } from "./levels.js";

export type ReportedLevel =
  | {
      readonly edits: number;
      readonly exact: true;
      /** Strings that were tried: one for all characters that the tokenizer can't tell apart. */
      readonly strings: number;
      /** Distinct token sequences that at most `edits` edits cause, the unchanged one included. */
      readonly sequences: number;
      /** Some of them, the unchanged one left out. */
      readonly examples: readonly (readonly string[])[];
    }
  | {
      readonly edits: number;
      readonly exact: false;
      /** How many different tokens can occur at most. */
      readonly tokens: number;
      /** How many a sequence has; `most` is null where nothing is known. */
      readonly least: number;
      readonly most: number | null;
    };

export interface ReportedSite {
  readonly kind: ReachedSite["kind"];
  /** Code points [begin, end). */
  readonly begin: number;
  readonly end: number;
  readonly text: string;
  /** The unchanged text's. */
  readonly tokens: readonly string[];
  /** Single edits that act here, all characters of the alphabet counted; null for runs of three and more. */
  readonly neighbours: number | null;
  /** Joins of r stretches begin at r - 1 edits. */
  readonly levels: readonly ReportedLevel[];
}

export interface ReachReport {
  readonly text: string;
  readonly alphabet: string;
  readonly edits: number;
  readonly tokenizer: string;
  /** Why words can't be told apart; null where they can. */
  readonly whole: string | null;
  readonly sites: readonly ReportedSite[];
}

/** @param examples how many sequences to show at each level */
export function reachReport(
  tokenizer: Tokenizer,
  text: string,
  alphabet: Alphabet,
  edits: number,
  { examples = 3, ...limits }: ReachLimits & { readonly examples?: number } = {},
): ReachReport {
  const single = singleReach(tokenizer, text, alphabet);
  const neighbours = new Map(single.sites.map((site) => [placeOf(site), single.strings(site)]));
  const named = (ids: Int32Array) => Array.from(ids, (id) => tokenizer.token(id));
  const level = (site: ReachedSite, found: ReachLevel): ReportedLevel => {
    if (!found.exact) {
      const most = found.most === Number.POSITIVE_INFINITY ? null : found.most;
      return { edits: found.edits, exact: false, tokens: found.tokens.length, least: found.least, most };
    }
    const { edits, strings, sequences } = found;
    const own = site.base.join();
    const shown: string[][] = [];
    // The last ones are those that fewer edits don't cause.
    for (let n = sequences.length - 1; n >= 0 && shown.length < examples; n--)
      if (sequences[n]!.join() !== own) shown.push(named(sequences[n]!));
    return { edits, exact: true, strings, sequences: sequences.length, examples: shown };
  };
  return {
    text,
    alphabet: alphabet.name,
    edits,
    tokenizer: tokenizer.name,
    whole: tokenizer.locality.kind === "none" ? tokenizer.locality.why : null,
    sites: reach(tokenizer, text, alphabet, edits, limits).sites.map((site) => ({
      kind: site.kind,
      begin: site.begin,
      end: site.end,
      text: site.text,
      tokens: named(site.base),
      neighbours: neighbours.get(placeOf(site)) ?? null,
      levels: site.levels.map((found) => level(site, found)),
    })),
  };
}

function placeOf({ kind, begin }: Pick<ReachSite | ReachedSite, "kind" | "begin">): string {
  return `${kind} ${begin}`;
}
