/**
 * Which token sequences edits can cause.
 *
 * To be written: see the interfaces.
 */
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
