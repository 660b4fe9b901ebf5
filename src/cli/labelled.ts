/**
 * Rows that must have labels, as accuracy needs them.
 *
 * Promise: an input without any label is refused at its first row; a single row without one becomes a row
 * with an error, so that it is counted.
 */
import type { InputRow } from "../certify/result.js";
import { UserError } from "../failure.js";

export async function* requireLabels(
  rows: AsyncIterable<InputRow>,
  name: string,
  purpose: string,
): AsyncGenerator<InputRow, void> {
  let labelled = false;
  for await (const row of rows) {
    if (row.label !== null) labelled = true;
    if (row.label !== null || row.error !== undefined) yield row;
    else if (labelled) yield { ...row, error: `row ${row.id} has no label` };
    else {
      throw new UserError(
        `${name} has no labels, which ${purpose} needs; choose the column with --label-column <name or number>`,
        2,
      );
    }
  }
}
