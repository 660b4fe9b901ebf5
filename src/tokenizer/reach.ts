/**
 * Which token sequences edits can cause.
 *
 * To be written: see the interfaces.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { Tokenizer } from "./tokenizer.js";

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
  /** Code points [begin, end) of the text. */
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
  /** The distinct token changes that one edit at this site causes (none that leaves all tokens as they are). */
  changes(site: ReachSite): Iterable<TokenChange>;
  /** Single-edit strings that belong to this site. Over all sites they add up to the number of edits. */
  strings(site: ReachSite): number;
}

export function singleReach(_tokenizer: Tokenizer, _text: string, _alphabet: Alphabet): SingleReach {
  throw new Error("not written yet");
}
