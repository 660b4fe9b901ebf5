/**
 * From the records of a table (CSV, TSV) to texts and labels.
 *
 * Promise: every record after the header gives exactly one reading, in order; a record whose number of columns
 * differs from the header's (or, without header, from the first record's) is a reading with a problem. The
 * only lines that count as nothing are blank ones at the end of a table of several columns.
 */
import { UserError } from "../../failure.js";
import { type ColumnChoice, chooseColumns } from "./columns.js";
import type { Reading, TableRecord } from "./reading.js";

export async function* readTable(
  records: AsyncIterable<TableRecord>,
  choice: ColumnChoice & { readonly header: boolean },
  name: string,
): AsyncGenerator<Reading, void, undefined> {
  let columns: {
    readonly count: number;
    readonly text: readonly number[];
    readonly label: number | null;
  } | null = null;
  let rows = 0;
  let blankLines: number[] = [];
  for await (const record of records) {
    if (columns === null) {
      if ("problem" in record) {
        throw new UserError(
          `${name}, line ${record.line}: ${record.problem} (the first record fixes the columns)`,
        );
      }
      const { fields } = record;
      if (choice.header && record.seen === "")
        throw new UserError(`${name}: the first line is blank where the header should be`);
      columns = {
        count: fields.length,
        ...chooseColumns(fields.length, choice.header ? fields : null, choice, name),
      };
      if (choice.header) continue;
    }
    if (record.seen === "" && !("problem" in record) && columns.count > 1) {
      blankLines.push(record.line);
      continue;
    }
    for (const line of blankLines)
      yield problem(line, "", `blank line where ${columnsOf(columns.count)} should be`);
    rows += blankLines.length + 1;
    blankLines = [];
    if ("problem" in record) {
      yield problem(record.line, record.seen, record.problem);
    } else if (record.fields.length !== columns.count) {
      const told = `${columnsOf(record.fields.length)} where ${choice.header ? "the header" : "the first row"} has ${columns.count}`;
      yield problem(record.line, record.seen, told);
    } else {
      const { line, fields } = record;
      const text = columns.text.map((i) => fields[i]!).join(" ");
      yield { line, text, label: columns.label === null ? null : fields[columns.label]!, problem: null };
    }
  }
  if (columns !== null && rows === 0) throw new UserError(`${name} has a header but no rows`);
}

function problem(line: number, text: string, told: string): Reading {
  return { line, text, label: null, problem: told };
}

function columnsOf(count: number): string {
  return count === 1 ? "1 column" : `${count} columns`;
}
