/**
 * What two edits, and what more, can make of the embedded words of some neighbouring words of a text.
 *
 * Let m neighbouring words w_0 .. w_m-1, one of which may be empty, be made one block by edits of all m - 1 separators between them
 * (exact/blocks.ts), and let J be their letters in a row. Each edit deletes, writes over or inserts one symbol.
 *
 * Theorem (`pieces`). If e edits turn them into c words, each is within e - c + 1 edits of a substring of J, and for c = 1 within e
 * edits of J. c is at most e - m + 2, and at most e for one empty word. So of all ways in which c' of the words have a row, those rows
 * are in the crowd of count c'.
 * Proof. Of the separators of the block none is left, so each of the c - 1 new ones took an edit that inserted it or wrote it over
 * a symbol; the others are at most e - c + 1. A word between two separators is made of a stretch of J's letters, of which some
 * were deleted or written over, and of letters inserted or written over old separators, which J doesn't have: each of them took one
 * edit. The letters that new separators were written over end the stretch. m - 1 edits are on old separators, of which none
 * writes a separator in its place (it would be there still), so new ones are at most e - m + 1. Where c' of c words have a row, each is
 * within e - c + 1 <= e - max(c', 2) + 1 edits of a substring, or c = c' = 1.
 *
 * Theorem (`byTwo`). For e = 2 the rows that come are one of the lists given, in some order; in that order if lists are `ordered`.
 * Proof. c = 1: a row within 2 edits of J. c = 2: one edit is a new separator, before letter i of J (inserted) or in place of
 * it: the words are J's beginning up to i and what follows i, or letter i, where the other edit changes at most one of them by 1.
 * c = 3, which needs m = 1: both edits are separators, and the words are stretches of J. Words without a row bring nothing, and
 * lists that say so are among them.
 */
import type { NativeTransformer } from "../../model/native-transformer.js";
import type { Added, EmbeddedWords } from "./embedded-words.js";
import { near, within } from "./nearby-words.js";

/** Rows of which `count` come at most. */
export interface Pieces {
  readonly count: number;
  readonly rows: readonly number[];
}

export function pieces(words: EmbeddedWords, joined: string, parts: number, edits: number): Pieces[] {
  const most = joined === "" && parts === 1 ? edits : edits - parts + 2;
  return Array.from({ length: most }, (_, n) => {
    const count = n + 1;
    if (count > 1) return { count, rows: near(words, joined, edits - count + 1) };
    const alone = within(words, joined, edits);
    return { count, rows: most === 1 ? alone : [...new Set([...alone, ...near(words, joined, edits - 1)])] };
  });
}

export function byTwo(
  model: NativeTransformer,
  words: EmbeddedWords,
  joined: string,
  parts: number,
  splits: boolean,
  ordered = false,
): Added[] {
  const lists = new Map<string, Added>();
  const add = (...rows: number[]) => {
    const list = rows.filter((row) => row >= 0);
    if (!ordered) list.sort((a, b) => a - b);
    lists.set(list.join(" "), list);
  };
  add();
  for (const row of within(words, joined, 2)) add(row);
  if (!splits || parts > 2) return [...lists.values()];
  const n = joined.length;
  // [i] rows within one edit of the first i letters, and of those from i on; the first of each is the exact one, or -1.
  const before = Array.from({ length: n + 1 }, (_, i) => around(model, words, joined.slice(0, i)));
  const after = Array.from({ length: n + 1 }, (_, i) => around(model, words, joined.slice(i)));
  for (let i = 0; i <= n; i++)
    for (let next = i; next <= Math.min(i + 1, n); next++) {
      for (const row of after[next]!) add(before[i]![0]!, row);
      for (const row of before[i]!) add(row, after[next]![0]!);
    }
  if (parts > 1) return [...lists.values()];
  for (let i = 0; i <= n; i++)
    for (let from = i; from <= Math.min(i + 1, n); from++)
      for (let j = from; j <= n; j++) {
        const middle = model.rowOf(joined.slice(from, j));
        for (let next = j; next <= Math.min(j + 1, n); next++) add(before[i]![0]!, middle, after[next]![0]!);
      }
  return [...lists.values()];
}

function around(model: NativeTransformer, words: EmbeddedWords, text: string): number[] {
  return [model.rowOf(text), ...within(words, text, 1)];
}
