/**
 * Neighbours: all texts at distance exactly 1, each once, one at a time and without remembering any.
 *
 * Promise: `singleEdits` gives exactly one edit per distinct neighbour, `neighbourCount` their number.
 *
 * Which edits are given, for a text s of n code points and an alphabet A:
 * - delete i, if i is the first of its run of equal code points;
 * - substitute c in A for s_i, if c != s_i;
 * - insert c in A before i (0 <= i <= n), if i = 0 or s_{i-1} != c.
 *
 * Proof. The kinds differ in length (n - 1, n, n + 1), so repetitions can only be within one kind.
 * Deletions: deleting i or j > i gives the same text iff s_i = ... = s_j (compare the results position by
 * position), that is, iff both lie in one run; one deletion per run is given.
 * Substitutions: the result differs from s at exactly one position, so it determines position and code point.
 * Insertions: inserting c before i or d before j > i gives the same text iff c = d = s_i = ... = s_{j-1}. So the
 * equal ones are those of one c at all positions from the start of a run of c to its end, and the one
 * given is the first, the only one not preceded by c.
 * Each result is one edit away and isn't s, so its distance is 1; and every text at distance 1 comes from one edit.
 *
 * Distance is measured on the resulting string. If the only code point between a lone high and a lone low
 * surrogate goes, the two become one code point and the distance is 3, so that deletion isn't given. Nothing
 * else can join surrogates, since alphabets hold none.
 */
import { codePoints, isHighSurrogate, isLowSurrogate } from "../text/code-points.js";
import type { Alphabet } from "./alphabet.js";

/** `at` indexes the code points of the original; an insertion goes before `at`, which may be the length. */
export type SingleEdit =
  | { readonly kind: "delete"; readonly at: number }
  | { readonly kind: "substitute" | "insert"; readonly at: number; readonly point: number };

/** Whether `singleEdits` gives the deletion of code point `at`. */
export function deletable(points: Uint32Array, at: number): boolean {
  if (at > 0 && points[at] === points[at - 1]) return false;
  return !joinsSurrogates(points, at);
}

/** Whether code point `at` stands alone between a lone high and a lone low surrogate. */
export function joinsSurrogates(points: Uint32Array, at: number): boolean {
  if (at === 0 || at + 1 >= points.length) return false;
  return isHighSurrogate(points[at - 1]!) && isLowSurrogate(points[at + 1]!);
}

/** One edit per neighbour of the text with these code points (as `codePoints` gives them). Deletions come first. */
export function* singleEdits(
  points: Uint32Array,
  alphabet: Alphabet,
): Generator<SingleEdit, void, undefined> {
  const n = points.length;
  for (let at = 0; at < n; at++) if (deletable(points, at)) yield { kind: "delete", at };
  for (let at = 0; at < n; at++) {
    for (const point of alphabet.codePoints()) {
      if (point !== points[at]) yield { kind: "substitute", at, point };
    }
  }
  for (let at = 0; at <= n; at++) {
    for (const point of alphabet.codePoints()) {
      if (at === 0 || point !== points[at - 1]) yield { kind: "insert", at, point };
    }
  }
}

/** Every text at distance exactly 1 from `text`, each once, in the order of `singleEdits`. */
export function* neighbours(text: string, alphabet: Alphabet): Generator<string, void, undefined> {
  const points = codePoints(text);
  // starts[i] is where code point i starts in the string.
  const starts = new Uint32Array(points.length + 1);
  for (let i = 0; i < points.length; i++) starts[i + 1] = starts[i]! + (points[i]! > 0xffff ? 2 : 1);
  for (const edit of singleEdits(points, alphabet)) {
    const before = text.slice(0, starts[edit.at]!);
    const after = text.slice(starts[edit.kind === "insert" ? edit.at : edit.at + 1]!);
    yield edit.kind === "delete" ? before + after : before + String.fromCodePoint(edit.point) + after;
  }
}

/** How many neighbours there are, in time proportional to the text and not to their number. */
export function neighbourCount(text: string, alphabet: Alphabet): number {
  const points = codePoints(text);
  let deletions = 0;
  let inAlphabet = 0;
  for (let at = 0; at < points.length; at++) {
    if (deletable(points, at)) deletions++;
    if (alphabet.has(points[at]!)) inAlphabet++;
  }
  const substitutions = points.length * alphabet.size - inAlphabet;
  const insertions = (points.length + 1) * alphabet.size - inAlphabet;
  return deletions + substitutions + insertions;
}
