/**
 * The door to input files: from options to rows, whatever the format.
 *
 * Promise: rows come in order, one at a time, read only as fast as they are taken (memory doesn't grow with the
 * file, `keep.notIn` excepted). A row that can't be read comes with an `error`; it is never skipped. What makes
 * the whole input unusable (no such file, no such column, nothing in it) is thrown as a `UserError`.
 * `id` is the 0-based row of the file, header not counted, whatever `offset` and `keep` leave out; `offset` and
 * `limit` count the rows that `keep` lets in.
 */
import type { InputRow } from "../../certify/result.js";
import { UserError } from "../../failure.js";
import { readCsv } from "./csv.js";
import { checkFilter, keepsNumber } from "./filter.js";
import { inputFormat } from "./format.js";
import { readJsonl } from "./jsonl.js";
import { labelCheck } from "./labels.js";
import type { InputOptions } from "./options.js";
import type { Reading } from "./reading.js";
import { inputName, openPieces } from "./source.js";
import { readTable } from "./table.js";
import { readTsv } from "./tsv.js";
import { readTxt } from "./txt.js";

export { INPUT_FORMATS, type InputFormat } from "./format.js";
export { parseLabelMap } from "./labels.js";
export type { InputOptions, RowFilter } from "./options.js";

/** `standardInput` is read where the path is "-"; a program's own by default. */
export async function* readRows(
  options: InputOptions,
  standardInput?: AsyncIterable<Uint8Array>,
): AsyncGenerator<InputRow, void, undefined> {
  const { path, offset = 0, limit = Number.POSITIVE_INFINITY, keep = {} } = options;
  checkCount("offset", offset);
  if (limit !== Number.POSITIVE_INFINITY) checkCount("limit", limit);
  checkFilter(keep);
  const readings = readFormat(options, standardInput);
  const check = labelCheck(options.labels, options.allowedLabels);
  const unwanted = keep.notIn === undefined ? null : await textsOf(keep.notIn);
  const last = keep.first ?? Number.POSITIVE_INFINITY;
  let id = -1;
  let kept = 0;
  for await (const reading of readings) {
    id++;
    if (id >= last || kept >= offset + limit) return;
    if (keepsNumber(keep, id) && (reading.problem !== null || !unwanted?.has(reading.text))) {
      if (kept++ >= offset) yield toRow(id, reading, check);
    }
    // Asking for one more row could wait for a pipe that has nothing left to say.
    if (id + 1 >= last || kept >= offset + limit) return;
  }
  if (id < 0) throw new UserError(`${inputName(path)} is empty`);
}

function readFormat(
  options: InputOptions,
  standardInput: AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Reading> {
  const { path, textColumn, labelColumn, header = true } = options;
  const format = inputFormat(path, options.format);
  const name = inputName(path);
  const pieces = openPieces(path, standardInput);
  const choice = { textColumn, labelColumn, header };
  switch (format) {
    case "csv":
      return readTable(readCsv(pieces), choice, name);
    case "tsv":
      return readTable(readTsv(pieces), choice, name);
    case "jsonl":
      return readJsonl(pieces, choice, name);
    case "txt":
      if (textColumn !== undefined || labelColumn !== undefined) {
        throw new UserError(
          `${name} is plain text, which has no columns to choose from; give --input-format csv, tsv or jsonl`,
          2,
        );
      }
      return readTxt(pieces);
  }
}

function toRow(id: number, reading: Reading, check: ReturnType<typeof labelCheck>): InputRow {
  const { text, line } = reading;
  const where = `row ${id} (line ${line})`;
  if (reading.problem !== null) return { id, text, label: null, error: `${where}: ${reading.problem}` };
  const { label, problem } = check(reading.label);
  return problem === null ? { id, text, label } : { id, text, label: null, error: `${where}: ${problem}` };
}

async function textsOf(input: InputOptions): Promise<ReadonlySet<string>> {
  const texts = new Set<string>();
  for await (const row of readRows(input)) if (row.error === undefined) texts.add(row.text);
  return texts;
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new UserError(`--${name} is ${value}; an integer from 0 is allowed`, 2);
  }
}
