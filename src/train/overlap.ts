/**
 * Keeping what a model is judged on out of what it learns from.
 *
 * - `withoutContained`: drops texts that equal a reference text, are part of one or have one as a part (parts of two
 *   words or more; compared as folded words): phrases and sentences of the same source.
 * - `withoutNearDuplicates`: drops texts that share more than a given part of their runs of five words with the
 *   reference texts taken together (equal texts of fewer words included).
 */
import { fold } from "../text/fold.js";
import { symbolText } from "../text/symbols.js";

const RUN = 5;

/** Words of a text, folded, in printable form. */
export function foldedWords(text: string): string[] {
  return symbolText(fold(text).symbols)
    .split(" ")
    .filter((word) => word !== "");
}

export function withoutContained<T>(
  items: readonly T[],
  references: readonly T[],
  textOf: (item: T) => string,
): T[] {
  const referenceWords = references.map((item) => foldedWords(textOf(item)));
  const starts = pairStarts(referenceWords);
  const short = new Set(referenceWords.filter((words) => words.length < 2).map((words) => words.join(" ")));
  const wholes = new Map<string, string[][]>();
  for (const words of referenceWords)
    if (words.length >= 2) {
      const key = `${words[0]} ${words[1]}`;
      wholes.set(key, [...(wholes.get(key) ?? []), words]);
    }
  return items.filter((item) => {
    const words = foldedWords(textOf(item));
    if (words.length < 2) return !short.has(words.join(" "));
    for (const [words2, at] of starts.get(`${words[0]} ${words[1]}`) ?? [])
      if (matchesAt(words2, at, words)) return false;
    for (let at = 0; at + 1 < words.length; at++)
      for (const whole of wholes.get(`${words[at]} ${words[at + 1]}`) ?? [])
        if (matchesAt(words, at, whole)) return false;
    return true;
  });
}

function pairStarts(texts: readonly string[][]): Map<string, [string[], number][]> {
  const starts = new Map<string, [string[], number][]>();
  for (const words of texts)
    for (let at = 0; at + 1 < words.length; at++) {
      const key = `${words[at]} ${words[at + 1]}`;
      const list = starts.get(key);
      if (list === undefined) starts.set(key, [[words, at]]);
      else list.push([words, at]);
    }
  return starts;
}

function matchesAt(text: readonly string[], at: number, part: readonly string[]): boolean {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return false;
  return true;
}

export function withoutNearDuplicates<T>(
  items: readonly T[],
  references: Iterable<string>,
  textOf: (item: T) => string,
  most = 0.3,
): T[] {
  const known = new Set<string>();
  for (const text of references) for (const run of runs(foldedWords(text))) known.add(run);
  return items.filter((item) => {
    const own = runs(foldedWords(textOf(item)));
    let shared = 0;
    for (const run of own) if (known.has(run)) shared++;
    return own.size === 0 || shared <= most * own.size;
  });
}

/** All runs of five words; of a shorter text, the whole. */
function runs(words: readonly string[]): Set<string> {
  const found = new Set<string>();
  if (words.length > 0 && words.length < RUN) found.add(words.join(" "));
  for (let at = 0; at + RUN <= words.length; at++) found.add(words.slice(at, at + RUN).join(" "));
  return found;
}
