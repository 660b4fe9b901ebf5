/**
 * Plain text: one text per line, no labels.
 *
 * Promise: an empty line is an empty text; the line end at the end of the file makes no further text.
 */
import { readLines } from "./lines.js";
import type { Reading } from "./reading.js";
import type { Piece } from "./source.js";

export async function* readTxt(pieces: AsyncIterable<Piece>): AsyncGenerator<Reading, void, undefined> {
  for await (const { line, text, problem } of readLines(pieces)) yield { line, text, label: null, problem };
}
