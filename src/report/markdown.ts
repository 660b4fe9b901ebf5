/**
 * A table in GitHub's Markdown, one row per record.
 *
 * Promise: text from the input stays text: it can't end a cell, start a tag or be taken for formatting.
 */
import type { Cell, Column } from "./columns.js";
import type { Reporter } from "./reporter.js";

export function markdownReporter<R, S>(
  columns: readonly Column<R>[],
  footer: (summary: S) => string,
): Reporter<R, S> {
  return {
    begin: () => markdownHead(columns.map((column) => column.name)),
    record: (record) => markdownRow(columns.map((column) => column.value(record))),
    end(summary) {
      const text = footer(summary);
      return text === "" ? "" : `\n${markdownText(text)}\n`;
    },
  };
}

/** The head of a table with the line under it. */
export function markdownHead(names: readonly string[]): string {
  return `${markdownRow(names)}|${" --- |".repeat(names.length)}\n`;
}

/** One row with its line end. */
export function markdownRow(cells: readonly Cell[]): string {
  return `| ${cells.map((cell) => (cell === null ? "" : markdownText(String(cell)))).join(" | ")} |\n`;
}

/** Text in which nothing is formatting. */
export function markdownText(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[\\`*_{}[\]<>|~&#]/g, (c) => `\\${c}`);
}
