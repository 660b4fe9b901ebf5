/**
 * JSON lines: one object per line, its keys taken as columns.
 *
 * Promise: every line that isn't blank at the end of the file gives one reading; a line that isn't a JSON
 * object, or lacks the key of the text, is a reading with a problem and the next lines are read. The first
 * object decides which keys hold the text. Several keys are joined with one space. Keys go by name alone.
 */
import { type ColumnChoice, chooseKeys, LABEL_COLUMN, requireKey } from "./columns.js";
import { readLines } from "./lines.js";
import type { Reading } from "./reading.js";
import type { Piece } from "./source.js";

export async function* readJsonl(
  pieces: AsyncIterable<Piece>,
  choice: ColumnChoice,
  name: string,
): AsyncGenerator<Reading, void, undefined> {
  let textKeys: readonly string[] | null = null;
  let blankLines: number[] = [];
  for await (const { line, text, problem } of readLines(pieces)) {
    if (problem === null && text.trim() === "") {
      blankLines.push(line);
      continue;
    }
    for (const blank of blankLines) yield failed(blank, "", "blank line where a JSON object should be");
    blankLines = [];
    const object = problem === null ? parseObject(text) : problem;
    if (typeof object === "string") {
      yield failed(line, text, object);
      continue;
    }
    if (textKeys === null) {
      const keys = Object.keys(object);
      textKeys = chooseKeys(keys, choice, name);
      if (choice.labelColumn !== undefined) requireKey(keys, choice.labelColumn, name);
    }
    yield toReading(line, text, object, textKeys, choice.labelColumn);
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The object, or what was wrong. */
function parseObject(text: string): JsonObject | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  return `not a JSON object: ${kind(value)}`;
}

function toReading(
  line: number,
  raw: string,
  object: JsonObject,
  textKeys: readonly string[],
  labelKey: string | undefined,
): Reading {
  const parts: string[] = [];
  for (const key of textKeys) {
    if (!Object.hasOwn(object, key)) return failed(line, raw, `no key ${JSON.stringify(key)}`);
    const value = object[key];
    if (typeof value !== "string")
      return failed(line, raw, `${JSON.stringify(key)} is ${kind(value)}, not a string`);
    parts.push(value);
  }
  const text = parts.join(" ");
  const key = labelKey ?? LABEL_COLUMN;
  if (labelKey === undefined && textKeys.includes(LABEL_COLUMN))
    return { line, text, label: null, problem: null };
  if (!Object.hasOwn(object, key)) {
    if (labelKey !== undefined) return failed(line, raw, `no key ${JSON.stringify(key)}`);
    return { line, text, label: null, problem: null };
  }
  const label = object[key];
  if (label === null) return { line, text, label: null, problem: null };
  if (typeof label === "object") {
    return failed(line, raw, `${JSON.stringify(key)} is ${kind(label)}, not a string or a number`);
  }
  return { line, text, label: String(label), problem: null };
}

function kind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function failed(line: number, text: string, problem: string): Reading {
  return { line, text, label: null, problem };
}
