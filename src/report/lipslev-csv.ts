/**
 * Results in the columns of the LipsLev authors' files: sentence, true_label, pred_label, margin, radius, time.
 *
 * Promise: what is written is read back as it was. `true_label` and `pred_label` are class numbers from 0, `radius` is the largest k
 * certified, `time` is in seconds; a null is an empty cell. Reading goes by column names, so an index column in front (pandas) or further
 * columns do no harm; "nan" and "None" are null too. Quoting is RFC 4180's.
 */
import type { ResultRecord } from "../certify/result.js";
import { UserError } from "../failure.js";
import { shown } from "../model/json.js";
import type { Column } from "./columns.js";
import { csvRow } from "./csv.js";

export interface LipslevRow {
  readonly sentence: string;
  readonly trueLabel: number | null;
  readonly predLabel: number | null;
  readonly margin: number | null;
  readonly radius: number | null;
  readonly time: number | null;
}

const COLUMNS = ["sentence", "true_label", "pred_label", "margin", "radius", "time"] as const;

export function lipslevCsvHeader(): string {
  return csvRow(COLUMNS);
}

/** One row with its line end. */
export function lipslevCsvRow({ sentence, trueLabel, predLabel, margin, radius, time }: LipslevRow): string {
  return csvRow([sentence, trueLabel, predLabel, margin, radius, time]);
}

/** A result in these columns; the margin is that of the text itself. A label that the model hasn't got is null. */
export function lipslevRow(record: ResultRecord, labels: readonly string[]): LipslevRow {
  const place = record.label === null ? -1 : labels.indexOf(record.label);
  const common = { sentence: record.text, trueLabel: place < 0 ? null : place };
  if ("error" in record) return { ...common, predLabel: null, margin: null, radius: null, time: null };
  const own = record.margins.find(({ edits }) => edits === 0)?.lower;
  return {
    ...common,
    predLabel: record.prediction.index,
    margin: own !== undefined && Number.isFinite(own) ? own : null,
    radius: record.certified,
    time: record.seconds,
  };
}

/** The same as columns of results. */
export function lipslevColumns(labels: readonly string[]): readonly Column<ResultRecord>[] {
  const fields = ["sentence", "trueLabel", "predLabel", "margin", "radius", "time"] as const;
  return fields.map((field, c) => ({
    name: COLUMNS[c]!,
    value: (record) => lipslevRow(record, labels)[field],
  }));
}

/** @throws UserError naming the line and what is wrong with it */
export function readLipslevCsv(text: string): LipslevRow[] {
  const [header, ...records] = csvRecords(text.replace(/^\uFEFF/, ""));
  const names = header?.fields ?? [];
  const places = COLUMNS.map((name) => {
    const place = names.indexOf(name);
    if (place < 0 || names.lastIndexOf(name) !== place)
      throw new UserError(
        `the header ${shown(names.join(","))} has the column ${name} ${place < 0 ? 0 : 2} times; needed once are ${COLUMNS.join(", ")}`,
      );
    return place;
  });
  return records.map(({ line, fields }) => {
    if (fields.length !== names.length)
      throw new UserError(`line ${line} has ${fields.length} fields; the header has ${names.length}`);
    const number = (column: number, whole: boolean): number | null => {
      const cell = fields[places[column]!]!.trim();
      if (/^(|nan|none)$/i.test(cell)) return null;
      const value = Number(cell);
      if (!Number.isFinite(value) || (whole && (!Number.isInteger(value) || value < 0)))
        throw new UserError(
          `line ${line}: ${COLUMNS[column]} is ${shown(cell)}; allowed are ${whole ? "integers from 0" : "numbers"}, or nothing`,
        );
      return value;
    };
    return {
      sentence: fields[places[0]!]!,
      trueLabel: number(1, true),
      predLabel: number(2, true),
      margin: number(3, false),
      radius: number(4, true),
      time: number(5, false),
    };
  });
}

interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** The records of a text; lines end in LF or CRLF, and empty ones don't count. */
function csvRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let begin = 1;
  // A quoted field with what ends it, or a plain one; sticky, so nothing is passed over.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n][^,\r\n]*|))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length || fields.length > 0) {
    const found = field.exec(text);
    if (found === null)
      throw new UserError(`line ${line}: a quote is never closed, or stands inside a field`);
    const [whole, quoted, plain, end] = found;
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    for (const character of whole) if (character === "\n") line++;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "" || quoted !== undefined) records.push({ line: begin, fields });
    fields = [];
    begin = line;
    if (end === "") break;
  }
  return records;
}
