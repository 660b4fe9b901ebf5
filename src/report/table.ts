/**
 * A table drawn with lines, for a terminal. Column widths are fixed from the width of the screen at the
 * start, so that rows can be drawn as they come; wide characters count as two columns.
 */
import Table from "cli-table3";
import type { Cell, Column } from "./columns.js";
import type { Reporter } from "./reporter.js";

const NO_BOTTOM = { bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" };
const NO_TOP = { top: "", "top-mid": "", "top-left": "", "top-right": "" };
const PLAIN = { head: [], border: [] };

export interface TableOptions {
  /** Columns of the screen; 100 if it has none. */
  readonly width?: number;
}

export function tableReporter<R, S>(
  columns: readonly Column<R>[],
  footer: (summary: S) => string,
  options: TableOptions = {},
): Reporter<R, S> {
  const colWidths = widths(columns, options.width ?? 100);
  const common = { colWidths, wordWrap: true, wrapOnWordBoundary: true, style: PLAIN };
  return {
    begin() {
      const head = columns.map((column) => column.name);
      return `${new Table({ ...common, head, chars: NO_BOTTOM })}\n${rule(colWidths, "├", "┼", "┤")}\n`;
    },
    record(record) {
      const table = new Table({ ...common, chars: { ...NO_TOP, ...NO_BOTTOM } });
      table.push(columns.map((column) => shown(column.value(record))));
      return `${table}\n`;
    },
    end(summary) {
      const text = footer(summary);
      return `${rule(colWidths, "└", "┴", "┘")}\n${text === "" ? "" : `${text}\n`}`;
    },
  };
}

/** A whole table at once, as wide as its content. */
export function drawTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ head: [...head], style: { ...PLAIN, compact: true } });
  for (const row of rows) table.push(row.map(shown));
  return `${table}\n`;
}

function shown(cell: Cell): string {
  return cell === null ? "" : String(cell);
}

function rule(colWidths: readonly number[], left: string, middle: string, right: string): string {
  return left + colWidths.map((width) => "─".repeat(width)).join(middle) + right;
}

/** Fixed columns get what they ask for; the others share the rest, at least 12 each. */
function widths(columns: readonly Column<never>[], screen: number): number[] {
  const fixed = columns.reduce(
    (sum, column) => sum + (column.share === undefined ? (column.width ?? 12) : 0),
    0,
  );
  const shares = columns.reduce((sum, column) => sum + (column.share ?? 0), 0);
  const left = screen - fixed - columns.length - 1;
  return columns.map((column) =>
    column.share === undefined
      ? (column.width ?? 12)
      : Math.max(12, Math.floor((left * column.share) / shares)),
  );
}
