/**
 * Splits bytes into lines, before any decoding, so that one line that isn't UTF-8 spoils only itself.
 *
 * Promise: a line ends with LF or CR LF; a lone CR is a character of the text. A line end at the end of the
 * input makes no further line. Lines come in order, numbered from 1.
 */
import { Gather } from "./gather.js";
import type { Piece } from "./source.js";
import { decodeUtf8 } from "./utf8.js";

export interface Line {
  /** 1-based number of the line in the input. */
  readonly line: number;
  readonly text: string;
  /** Set where the line isn't UTF-8; then `text` is what stands before the bad byte. */
  readonly problem: string | null;
}

const LF = 0x0a;
const CR = 0x0d;

export async function* readLines(pieces: AsyncIterable<Piece>): AsyncGenerator<Line, void, undefined> {
  const held = new Gather();
  let line = 0;
  for await (const { bytes, offset } of pieces) {
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      held.add(bytes.subarray(from, end), offset + from);
      const start = held.start;
      const whole = held.take();
      const body = whole[whole.length - 1] === CR ? whole.subarray(0, -1) : whole;
      yield decodeLine(body, start, ++line);
      from = end + 1;
    }
    if (from < bytes.length) held.add(bytes.subarray(from), offset + from);
  }
  if (held.length > 0) {
    const start = held.start;
    yield decodeLine(held.take(), start, ++line);
  }
}

function decodeLine(bytes: Uint8Array, start: number, line: number): Line {
  const { text, invalidAt } = decodeUtf8(bytes);
  return { line, text, problem: invalidAt === null ? null : notUtf8(start + invalidAt) };
}

/** What every reader says of bytes that aren't UTF-8. */
export function notUtf8(offset: number): string {
  return `not UTF-8 at byte ${offset}`;
}
