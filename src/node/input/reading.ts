/**
 * What the readers hand on: records of a table, and texts with their labels.
 *
 * Promise: what couldn't be read is handed on too, with what was wrong and what was seen; nothing is dropped.
 */

/** A record of a table: its fields, or what was wrong with it. `seen` is its raw text. */
export type TableRecord =
  | { readonly line: number; readonly seen: string; readonly fields: readonly string[] }
  | { readonly line: number; readonly seen: string; readonly problem: string };

/** What a reader gives per row. Where `problem` is set, `text` is what was seen. */
export interface Reading {
  /** 1-based line of the input on which the row begins. */
  readonly line: number;
  readonly text: string;
  readonly label: string | null;
  readonly problem: string | null;
}
