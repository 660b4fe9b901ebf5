/**
 * CSV records (RFC 4180): comma, double quotes, a quote inside quotes doubled, records over several lines.
 *
 * Promise: the bytes are cut into records here, before decoding, so that a bad record (not UTF-8, broken
 * quoting) is one bad record and the next ones are read; papaparse takes the fields out of each record. After
 * broken quoting, reading goes on at the next line. A lone CR is a character; a quote that isn't the first
 * character of its field is one too.
 */
import Papa from "papaparse";
import { Gather } from "./gather.js";
import { notUtf8 } from "./lines.js";
import type { TableRecord } from "./reading.js";
import type { Piece } from "./source.js";
import { decodeUtf8 } from "./utf8.js";

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where in a record the last byte left us. */
enum At {
  FieldStart,
  Plain,
  Quoted,
  /** After a quote inside quotes: the end of the field, or the first half of a doubled quote. */
  Closed,
  /** Closed, then CR: only LF may follow. */
  ClosedCR,
  Broken,
}

export async function* readCsv(pieces: AsyncIterable<Piece>): AsyncGenerator<TableRecord, void, undefined> {
  const held = new Gather();
  let at: At = At.FieldStart;
  let line = 1;
  let firstLine = 1;
  for await (const { bytes, offset } of pieces) {
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === LF) {
        line++;
        if (at !== At.Quoted) {
          held.add(bytes.subarray(from, i), offset + from);
          const start = held.start;
          yield toRecord(withoutCR(held.take()), start, at, firstLine, line - 1);
          from = i + 1;
          at = At.FieldStart;
          firstLine = line;
          continue;
        }
      }
      at = step(at, byte);
    }
    if (from < bytes.length) held.add(bytes.subarray(from), offset + from);
  }
  if (held.length > 0) {
    const start = held.start;
    const bytes = held.take();
    // A line end inside an open quote at the very end was counted, but no line follows it.
    const last = bytes[bytes.length - 1] === LF ? line - 1 : line;
    yield toRecord(bytes, start, at, firstLine, last);
  }
}

function step(at: At, byte: number): At {
  switch (at) {
    case At.FieldStart:
      return byte === QUOTE ? At.Quoted : byte === COMMA ? At.FieldStart : At.Plain;
    case At.Plain:
      return byte === COMMA ? At.FieldStart : At.Plain;
    case At.Quoted:
      return byte === QUOTE ? At.Closed : At.Quoted;
    case At.Closed:
      if (byte === QUOTE) return At.Quoted;
      return byte === COMMA ? At.FieldStart : byte === CR ? At.ClosedCR : At.Broken;
    default:
      return At.Broken;
  }
}

function withoutCR(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === CR ? bytes.subarray(0, -1) : bytes;
}

const parser = new Papa.Parser({ delimiter: ",", newline: "\n", quoteChar: '"' });

function toRecord(bytes: Uint8Array, start: number, at: At, line: number, lastLine: number): TableRecord {
  const { text, invalidAt } = decodeUtf8(bytes);
  if (invalidAt !== null) return { line, seen: text, problem: notUtf8(start + invalidAt) };
  const where = line === lastLine ? "" : ` in the record of lines ${line} to ${lastLine}`;
  if (at === At.Quoted) return { line, seen: firstLineOf(text), problem: `a quote is never closed${where}` };
  if (at === At.Broken) {
    return { line, seen: text, problem: `a quote inside a quoted field must be doubled${where}` };
  }
  if (text === "") return { line, seen: text, fields: [""] };
  const parsed = parser.parse(text, 0, false) as { data: string[][]; errors: { message: string }[] };
  if (parsed.errors.length > 0 || parsed.data.length !== 1) {
    return { line, seen: text, problem: parsed.errors[0]?.message ?? "not one record" };
  }
  return { line, seen: text, fields: parsed.data[0]! };
}

/** The rest of the file hangs on a quote that is never closed; its first line is enough to find it. */
function firstLineOf(text: string): string {
  return text.split("\n", 1)[0]!;
}
