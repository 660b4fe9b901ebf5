/**
 * Which columns hold the text and the label.
 *
 * Promise: a column is found by its exact name or else by its number from 1; several, parted by commas, are
 * joined with one space. A column that doesn't exist is an error that lists those that do.
 */
import { UserError } from "../../failure.js";

export interface ColumnChoice {
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
}

export interface ChosenColumns {
  /** 0-based; more than one are joined with one space. */
  readonly text: readonly number[];
  readonly label: number | null;
}

/** Names that a text column has by default, in this order. */
export const TEXT_COLUMNS = ["text", "sentence", "message"] as const;
/** The name that a label column has by default. */
export const LABEL_COLUMN = "label";

/** `names` is null for a table without header, whose columns go by number only. */
export function chooseColumns(
  count: number,
  names: readonly string[] | null,
  choice: ColumnChoice,
  input: string,
): ChosenColumns {
  const table = { count, names, numbered: true };
  const text =
    choice.textColumn === undefined
      ? [defaultText(table, input)]
      : findColumns(choice.textColumn, "text", table, input);
  if (choice.labelColumn === undefined) {
    const at = names === null ? -1 : names.indexOf(LABEL_COLUMN);
    return { text, label: at < 0 || text.includes(at) ? null : only(LABEL_COLUMN, at, table, input) };
  }
  const labels = findColumns(choice.labelColumn, "label", table, input);
  if (labels.length !== 1) {
    throw new UserError(
      `one label column is allowed, but ${quote(choice.labelColumn)} names ${labels.length}`,
      2,
    );
  }
  return { text, label: labels[0]! };
}

interface Table {
  readonly count: number;
  readonly names: readonly string[] | null;
  /** Whether a column may be given by its number (a JSON object has keys alone). */
  readonly numbered: boolean;
}

/** The keys of an object instead of the columns of a table: found by name alone. */
export function chooseKeys(keys: readonly string[], choice: ColumnChoice, input: string): readonly string[] {
  const table = { count: keys.length, names: keys, numbered: false };
  if (choice.textColumn === undefined) return [keys[defaultText(table, input)]!];
  return findColumns(choice.textColumn, "text", table, input).map((i) => keys[i]!);
}

/** Checks that an object has the key of the label. */
export function requireKey(keys: readonly string[], key: string, input: string): void {
  findOne(key, "label", { count: keys.length, names: keys, numbered: false }, input);
}

function defaultText(table: Table, input: string): number {
  for (const name of TEXT_COLUMNS) {
    const at = table.names?.indexOf(name) ?? -1;
    if (at >= 0) return only(name, at, table, input);
  }
  if (table.count === 1) return 0;
  throw new UserError(
    `${input}: no column is called ${TEXT_COLUMNS.join(", ")}; choose one with --text-column (${listed(table)})`,
    2,
  );
}

function findColumns(wanted: string, what: string, table: Table, input: string): readonly number[] {
  // A name may itself contain commas, so the whole comes first.
  if (!wanted.includes(",") || table.names?.includes(wanted)) return [findOne(wanted, what, table, input)];
  return wanted.split(",").map((part) => findOne(part.trim(), what, table, input));
}

function findOne(wanted: string, what: string, table: Table, input: string): number {
  const at = table.names?.indexOf(wanted) ?? -1;
  if (at >= 0) return only(wanted, at, table, input);
  if (table.numbered && /^[1-9][0-9]*$/.test(wanted) && Number(wanted) <= table.count)
    return Number(wanted) - 1;
  throw new UserError(`${input} has no ${what} column ${quote(wanted)} (${listed(table)})`);
}

function only(name: string, at: number, table: Table, input: string): number {
  if (table.names!.indexOf(name, at + 1) < 0) return at;
  throw new UserError(
    `${input} has two columns called ${quote(name)}; give the column's number (${listed(table)})`,
  );
}

/** At most this many columns are listed in a message. */
const LISTED = 20;

function listed({ count, names, numbered }: Table): string {
  const more = count > LISTED ? `, ... ${count} in all` : "";
  if (names === null) {
    return `columns are 1 to ${count}, by number, as there is no header`;
  }
  const shown = names.slice(0, LISTED).map((name, i) => (numbered ? `${i + 1} ${quote(name)}` : quote(name)));
  return `${numbered ? "columns" : "keys"}: ${shown.join(", ")}${more}`;
}

function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
}
