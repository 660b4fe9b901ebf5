/**
 * TSV records: one per line, fields parted by TAB.
 *
 * Promise: there is no quoting and no escaping; a double quote or a backslash is a character like any other.
 */
import { readLines } from "./lines.js";
import type { TableRecord } from "./reading.js";
import type { Piece } from "./source.js";

export async function* readTsv(pieces: AsyncIterable<Piece>): AsyncGenerator<TableRecord, void, undefined> {
  for await (const { line, text, problem } of readLines(pieces)) {
    yield problem === null ? { line, seen: text, fields: text.split("\t") } : { line, seen: text, problem };
  }
}
