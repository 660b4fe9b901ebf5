/**
 * Comma-separated values as in RFC 4180, with "\n" between rows and a header row.
 *
 * Promise: a cell comes back as it went in (null as an empty cell). The text is never altered, not even
 * where a spreadsheet would take it for a formula.
 */
import type { Cell, Column } from "./columns.js";
import type { Reporter } from "./reporter.js";

export function csvReporter<R>(columns: readonly Column<R>[]): Reporter<R, unknown> {
  return {
    begin: () => csvRow(columns.map((column) => column.name)),
    record: (record) => csvRow(columns.map((column) => column.value(record))),
    end: () => "",
  };
}

/** One row with its line end. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
