/**
 * A table of texts that a user dropped or pasted: CSV, TSV, JSON lines or plain text.
 *
 * Promise: every row gives one record, in order; one that can't be read gives one with an error that names its number.
 * `id` is the 0-based row, header not counted, as in Node's reader (node/input/), and a label is mapped, then compared
 * exactly. What makes the whole table unusable is one UserError.
 */
import type { InputRow } from "../certify/result.js";
import { UserError } from "../failure.js";

export interface TableShape {
  readonly format: "csv" | "tsv" | "jsonl" | "txt";
  /** Names, or `column 1` and so on where there is no header. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** Whether the first row was taken as names, and so counts as no text. */
  readonly header: boolean;
  /** Best guesses: by the names `text`, `sentence`, `message` and `label`, else by what the columns hold. */
  readonly text: number;
  readonly label: number | null;
}

export interface TableChoice {
  /** 0-based columns. */
  readonly text: number;
  readonly label: number | null;
  /** `0=ham,1=spam`: value in the table, then the label's name. */
  readonly labels?: string;
}

export interface Table {
  readonly shape: TableShape;
  readonly fields: readonly (readonly string[])[];
}

const TEXT_COLUMNS = ["text", "sentence", "message"];

/**
 * @param labels the model's: a column that holds nothing else is the labels'
 * @throws UserError if it is no table, or has no rows
 */
export async function readTable(
  source: Blob | string,
  name: string,
  labels: readonly string[] = [],
): Promise<Table> {
  const content = typeof source === "string" ? source : await decoded(source, name);
  const format = formatOf(name, content);
  const records = await recordsOf(content.replace(/^\uFEFF/, ""), format, name);
  if (records.length === 0) throw new UserError(`${name} is empty`);
  const first = records[0]!;
  const header = format !== "txt" && (format === "jsonl" || looksLikeHeader(first));
  const columns = header ? first : first.map((_, i) => `column ${i + 1}`);
  const fields = header ? records.slice(1) : records;
  if (fields.length === 0) throw new UserError(`${name} has a header but no rows`);
  const holdsLabels = (i: number): boolean => fields.every((row) => labels.includes(row[i] ?? ""));
  const label = columns.includes("label")
    ? columns.indexOf("label")
    : columns.findIndex((_, i) => columns.length > 1 && holdsLabels(i));
  const named = columns.findIndex((column) => TEXT_COLUMNS.includes(column));
  const text = named >= 0 ? named : longestColumn(fields, columns.length, label);
  const shape = {
    format,
    columns,
    rows: fields.length,
    header,
    text,
    label: label < 0 || label === text ? null : label,
  };
  return { shape, fields };
}

/** @throws UserError if a column isn't there, or the labels make no map */
export function tableRows(
  { shape, fields }: Table,
  choice: TableChoice,
  labels: readonly string[],
): InputRow[] {
  const { columns } = shape;
  for (const at of [choice.text, ...(choice.label === null ? [] : [choice.label])])
    if (!Number.isInteger(at) || at < 0 || at >= columns.length)
      throw new UserError(`there is no column ${at + 1}; columns are 1 to ${columns.length}`);
  const map = labelMap(choice.labels ?? "");
  return fields.map((row, id) => {
    if (row.length !== columns.length) {
      const error = `row ${id}: ${row.length} columns where the first row has ${columns.length}`;
      return { id, text: row.join(","), label: null, error };
    }
    const text = row[choice.text]!;
    if (choice.label === null) return { id, text, label: null };
    const value = row[choice.label]!;
    const label = map.get(value) ?? value;
    if (labels.includes(label)) return { id, text, label };
    return {
      id,
      text,
      label: null,
      error: `row ${id}: label ${JSON.stringify(value)} is none of ${labels.join(", ")}`,
    };
  });
}

function labelMap(given: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  if (given.trim() === "") return map;
  for (const part of given.split(",")) {
    const at = part.indexOf("=");
    const from = part.slice(0, Math.max(at, 0)).trim();
    const to = part.slice(at + 1).trim();
    if (at < 0 || from === "" || to === "")
      throw new UserError(
        `the labels have ${JSON.stringify(part.trim())} where value=name is needed, as in 0=ham,1=spam`,
      );
    map.set(from, to);
  }
  return map;
}

async function decoded(source: Blob, name: string): Promise<string> {
  let bytes: ArrayBuffer;
  try {
    bytes = await source.arrayBuffer();
  } catch (error) {
    throw new UserError(`${name} can't be read: ${(error as Error).message}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${name} is not valid UTF-8`);
  }
}

/** By its name; what was pasted, by its first line. */
function formatOf(name: string, content: string): TableShape["format"] {
  const ending = /\.(csv|tsv|jsonl|ndjson|txt)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === "ndjson") return "jsonl";
  if (ending !== undefined) return ending as TableShape["format"];
  const first = content.split("\n", 1)[0]!;
  if (/^\s*\{/.test(first)) return "jsonl";
  if (first.includes("\t")) return "tsv";
  return first.includes(",") || TEXT_COLUMNS.includes(first.trim()) ? "csv" : "txt";
}

async function recordsOf(content: string, format: TableShape["format"], name: string): Promise<string[][]> {
  if (format === "csv") return csvRecords(content, name);
  const lines = content.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  if (format === "txt") return lines.map((line) => [line]);
  if (format === "tsv") return lines.map((line) => line.split("\t"));
  return jsonRecords(lines, name);
}

async function csvRecords(content: string, name: string): Promise<string[][]> {
  const { default: Papa } = await import("papaparse");
  const { data, errors } = Papa.parse<string[]>(content, { delimiter: ",", skipEmptyLines: true });
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken !== undefined)
    throw new UserError(`${name}, record ${(broken.row ?? 0) + 1}: ${broken.message}`);
  return data;
}

/** The keys of the first object, then their values in each. */
function jsonRecords(lines: readonly string[], name: string): string[][] {
  const objects = lines.map((line, i): Record<string, unknown> => {
    let value: unknown = null;
    try {
      value = JSON.parse(line);
    } catch {}
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as never;
    throw new UserError(`${name}, line ${i + 1}: ${JSON.stringify(line.slice(0, 60))} is no JSON object`);
  });
  const keys = Object.keys(objects[0] ?? {});
  const text = (value: unknown): string =>
    typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return [keys, ...objects.map((object) => keys.map((key) => text(object[key])))];
}

/** A first row with a name that is looked for, or of several plain names. */
function looksLikeHeader(fields: readonly string[]): boolean {
  if (fields.some((field) => TEXT_COLUMNS.includes(field) || field === "label")) return true;
  const plain = fields.every((field) => /^[A-Za-z_]\w{0,30}$/.test(field));
  return fields.length > 1 && plain && new Set(fields).size === fields.length;
}

function longestColumn(fields: readonly (readonly string[])[], count: number, not: number): number {
  const lengths = Array.from({ length: count }, (_, i) =>
    i === not ? -1 : fields.slice(0, 200).reduce((sum, row) => sum + (row[i]?.length ?? 0), 0),
  );
  return lengths.indexOf(Math.max(...lengths));
}
