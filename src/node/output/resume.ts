/**
 * Continues an interrupted run: reads what its output already holds, and skips those rows of the input.
 *
 * Promise: nothing is repeated and nothing is lost. Whole lines are kept; an unfinished last line is cut
 * off, and its text is done again. A file that comes from another model, threat, limit, method or input is
 * refused and left as it is.
 */
import { createHash, type Hash } from "node:crypto";
import { stat, truncate } from "node:fs/promises";
import type { InputRow } from "../../certify/result.js";
import { UserError } from "../../failure.js";
import { wholeLines } from "./lines.js";

/** What every line must agree with; what is left out is not compared. */
export interface RunSettings {
  readonly sha256: string;
  readonly edits?: number;
  readonly alphabet?: string;
  /** `auto` agrees with every method. */
  readonly method?: string;
}

/** What an output file holds. */
export interface Written {
  /** Number of whole lines, one per input row. */
  readonly done: number;
  readonly lastId: number | null;
  /** Length of the whole lines in bytes. */
  readonly bytes: number;
  /** Bytes of the unfinished line behind them. */
  readonly torn: number;
  /** Of the id, text and label of each line; compared with the rows that are skipped. */
  readonly digest: string;
}

/** A line of the output; the fields that differ between commands are left to the caller. */
export interface WrittenLine {
  readonly id: number;
  readonly text: string;
  readonly label: string | null;
  readonly [field: string]: unknown;
}

const NOTHING: Written = { done: 0, lastId: null, bytes: 0, torn: 0, digest: digestOf(createHash("sha256")) };

/** Reads an output file without changing it; a file that doesn't exist holds nothing. */
export async function readWritten(
  path: string,
  settings: RunSettings,
  each?: (line: WrittenLine) => void,
): Promise<Written> {
  const info = await stat(path).catch(() => null);
  if (info === null) return NOTHING;
  if (!info.isFile()) throw new UserError(`can't resume ${path}: it is not a file`);
  const hash = createHash("sha256");
  let done = 0;
  let lastId: number | null = null;
  let bytes = 0;
  const lines = wholeLines(path);
  for (;;) {
    const step = await lines.next();
    if (step.done) return { done, lastId, bytes, torn: step.value.length, digest: digestOf(hash) };
    const { text, number, end } = step.value;
    const refuse = (what: string): never => {
      throw new UserError(
        `can't resume ${path}: line ${number} ${what}; allowed is the output of the same run, or another --output`,
      );
    };
    const line = parseLine(text) ?? refuse("is not a result line");
    if (lastId !== null && line.id <= lastId) refuse(`has id ${line.id} after id ${lastId}`);
    const difference = differenceOf(line, settings);
    if (difference !== null) refuse(difference);
    addRow(hash, line);
    each?.(line);
    done++;
    lastId = line.id;
    bytes = end;
  }
}

/** Cuts off the unfinished line. */
export async function cutTorn(path: string, written: Written): Promise<void> {
  if (written.torn > 0) await truncate(path, written.bytes);
}

/** The rows that are still to be done. The skipped ones must be those that the output holds. */
export async function* remainingRows(
  rows: AsyncIterable<InputRow> | Iterable<InputRow>,
  written: Written,
  path: string,
): AsyncGenerator<InputRow, void> {
  const hash = createHash("sha256");
  let skipped = 0;
  const compare = (): void => {
    if (skipped === written.done && digestOf(hash) === written.digest) return;
    throw new UserError(
      `can't resume ${path}: its ${written.done} lines are not about the first ${written.done} rows of this input; ` +
        "allowed is the same input with the same --offset, --limit and columns",
    );
  };
  if (written.done === 0) compare();
  for await (const row of rows) {
    if (skipped < written.done) {
      addRow(hash, row);
      skipped++;
      if (skipped === written.done) compare();
      continue;
    }
    yield row;
  }
  if (skipped < written.done) compare();
}

function parseLine(text: string): WrittenLine | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof line !== "object" || line === null || Array.isArray(line)) return null;
  const { id, text: of, label = null } = line as Record<string, unknown>;
  if (!Number.isSafeInteger(id) || typeof of !== "string") return null;
  if (label !== null && typeof label !== "string") return null;
  if (!("error" in line) && !("prediction" in line)) return null;
  return { ...line, id: id as number, text: of, label };
}

/** How a line differs from this run, in words; lines with an error carry no settings. */
function differenceOf(line: WrittenLine, settings: RunSettings): string | null {
  if (line.error !== undefined) return null;
  const model = line.model as { sha256?: unknown } | undefined;
  if (model?.sha256 !== settings.sha256) {
    return `has model sha256 ${String(model?.sha256)}, this run has ${settings.sha256}`;
  }
  if (settings.edits !== undefined && line.limit !== settings.edits) {
    return `has limit ${String(line.limit)}, this run has --edits ${settings.edits}`;
  }
  const alphabet = (line.threat as { alphabet?: unknown } | undefined)?.alphabet;
  if (settings.alphabet !== undefined && alphabet !== settings.alphabet) {
    return `has alphabet ${String(alphabet)}, this run has ${settings.alphabet}`;
  }
  if (settings.method !== undefined && settings.method !== "auto" && line.method !== settings.method) {
    return `has method ${String(line.method)}, this run has ${settings.method}`;
  }
  return null;
}

function addRow(hash: Hash, row: { id: number; text: string; label: string | null }): void {
  hash.update(`${JSON.stringify([row.id, row.text, row.label])}\n`);
}

function digestOf(hash: Hash): string {
  return hash.digest("hex");
}
