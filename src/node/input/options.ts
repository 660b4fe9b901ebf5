/** What a reader of input files can be told, as data: where the rows are, and which of them are wanted. */
import type { InputFormat } from "./format.js";

export interface InputOptions {
  /** "-" is standard input. */
  readonly path: string;
  /** Default: by the end of the name; plain text for standard input. */
  readonly format?: InputFormat;
  /** A name or a number from 1; several, parted by commas, are joined with one space. */
  readonly textColumn?: string;
  readonly labelColumn?: string;
  /** Whether the first record of a CSV or TSV file names the columns. Default: true. */
  readonly header?: boolean;
  /** From the label in the file to the label's name. */
  readonly labels?: ReadonlyMap<string, string>;
  /** A label that is none of these, after `labels`, makes the row an error. */
  readonly allowedLabels?: readonly string[];
  readonly offset?: number;
  readonly limit?: number;
  readonly keep?: RowFilter;
}

export interface RowFilter {
  /** Keeps the rows whose number, counted from 1 without the header, leaves `remainder` when divided by `every`. */
  readonly every?: number;
  readonly remainder?: number;
  /** Keeps the rows that `every` and `remainder` don't pick. */
  readonly others?: boolean;
  /** Keeps the first so many rows of the file. */
  readonly first?: number;
  /** Drops rows whose text stands in this input too. Its texts are held in memory. */
  readonly notIn?: InputOptions;
}
