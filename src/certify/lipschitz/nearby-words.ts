/**
 * The embedded words within some edits of a string, or of any stretch of it.
 *
 * Promise: `within(text, r)` are the rows of all embedded words of Levenshtein distance at most r from `text`, `near(text, r)` those
 * within r of some substring of it, the empty one included; each once, in no special order.
 * Proof. The walk goes down the tree of words with the row of the table of edit distances (Wagner and Fischer 1974; for
 * substrings, Sellers 1980: its first row is 0 and the least of its last row is the distance). Every entry of a later row is at
 * least the least of an earlier one, so that a node whose row has nothing up to r has no such word below it.
 * The fold's characters are single UTF-16 units.
 */
import type { EmbeddedWords } from "./embedded-words.js";

export function within(words: EmbeddedWords, text: string, edits: number): number[] {
  const first = Int32Array.from({ length: text.length + 1 }, (_, j) => j);
  return walked(words, text, edits, first, (row) => row[text.length]! <= edits);
}

export function near(words: EmbeddedWords, text: string, edits: number): number[] {
  return walked(words, text, edits, new Int32Array(text.length + 1), () => true);
}

/** @param ends whether a word with this last row counts, given that some entry is small enough */
function walked(
  words: EmbeddedWords,
  text: string,
  edits: number,
  first: Int32Array,
  ends: (row: Int32Array) => boolean,
): number[] {
  const found: number[] = [];
  const n = text.length;
  const rows: Int32Array[] = [first];
  const visit = (node: number, depth: number): void => {
    let row = rows[depth];
    if (row === undefined) {
      row = new Int32Array(n + 1);
      rows.push(row);
    }
    const above = rows[depth - 1]!;
    const letter = words.letter(node);
    row[0] = depth;
    let least = depth;
    for (let j = 1; j <= n; j++) {
      let value = above[j - 1]! + (text.charCodeAt(j - 1) === letter ? 0 : 1);
      if (above[j]! + 1 < value) value = above[j]! + 1;
      if (row[j - 1]! + 1 < value) value = row[j - 1]! + 1;
      row[j] = value;
      if (value < least) least = value;
    }
    if (least > edits) return;
    const at = words.rowAt(node);
    if (at >= 0 && ends(row)) found.push(at);
    for (let child = words.first(node); child >= 0; child = words.next(child)) visit(child, depth + 1);
  };
  for (let child = words.first(0); child >= 0; child = words.next(child)) visit(child, 1);
  return found;
}
