/**
 * The whole lines of a file, one at a time.
 *
 * Promise: only what ends with a line feed is a line; what stands behind the last one is reported as torn,
 * never given out. Memory holds one line and one block of the file.
 */
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";

export interface Line {
  /** Without its line feed. */
  readonly text: string;
  /** 1-based. */
  readonly number: number;
  /** Bytes of the file up to and with this line's line feed. */
  readonly end: number;
}

const LINE_FEED = 0x0a;

/** Yields whole lines; returns the bytes that follow the last line feed. */
export async function* wholeLines(source: string | Readable): AsyncGenerator<Line, Buffer> {
  const stream = typeof source === "string" ? createReadStream(source) : source;
  let parts: Buffer[] = [];
  let number = 0;
  let end = 0;
  for await (const chunk of stream) {
    const block: Buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    let start = 0;
    for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, start)) {
      parts.push(block.subarray(start, at));
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [];
      start = at + 1;
      end += bytes.length + 1;
      yield { text: bytes.toString("utf8"), number: ++number, end };
    }
    if (start < block.length) parts.push(block.subarray(start));
  }
  return Buffer.concat(parts);
}
