/**
 * Words that a tokenizer has a token for and that lie near a word of the text: changes that a model is sure to notice,
 * and that single edits on their own seldom lead to, since most words in between are unknown alike.
 *
 * Promise: each is within `most` edits of the part, writing characters of the alphabet only; nearest first.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { levenshteinWithin } from "../edits/distance.js";
import type { Random } from "../numeric/random.js";
import { codePoints } from "../text/code-points.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { unitEdits, withEdits } from "./shorten.js";

export interface KnownWord {
  /** The part with another word in it. */
  readonly written: string;
  readonly edits: number;
}

interface Spelling {
  readonly word: string;
  readonly length: number;
  /** A bit for every 32nd code point. */
  readonly letters: number;
}

const SPELLINGS = new WeakMap<Tokenizer, readonly Spelling[]>();

/** One after the other, since few are taken of many. */
export function* knownWords(
  tokenizer: Tokenizer,
  alphabet: Alphabet,
  part: string,
  most: number,
): Generator<KnownWord, void> {
  const [, before, body, behind] = /^(\s*[^\p{L}\p{N}\s]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(part)!;
  if ([...body!].length < 2) return;
  // A token in lower case is compared in lower case, where that leaves the word's characters in their places.
  const small = body!.toLowerCase();
  const plain = [...small].length === [...body!].length ? small : body!;
  const own = spelling(plain);
  const found: { readonly word: string; readonly edits: number }[] = [];
  for (const { word, length, letters } of spellings(tokenizer)) {
    if (Math.abs(length - own.length) > most) continue;
    if (bits(letters & ~own.letters) > most || bits(own.letters & ~letters) > most) continue;
    const edits = levenshteinWithin(plain, word, most);
    if (edits !== null && edits > 0) found.push({ word, edits });
  }
  found.sort((a, b) => a.edits - b.edits);
  for (const { word, edits } of found) {
    const steps = unitEdits(plain, word);
    if (steps.every(({ written }) => written.every((point) => alphabet.has(point))))
      yield { written: before + withEdits(body!, steps) + behind!, edits };
  }
}

/** Short words that tokens spell, written with the alphabet, the shortest first, in random order among equals. */
export function shortWords(tokenizer: Tokenizer, alphabet: Alphabet, most: number, random: Random): string[] {
  const short = spellings(tokenizer).filter(
    ({ word, length }) => length <= most && codePoints(word).every((point) => alphabet.has(point)),
  );
  const order = Int32Array.from(short, (_, i) => i);
  random.shuffle(order);
  return Array.from(order, (i) => short[i]!)
    .sort((a, b) => a.length - b.length)
    .map(({ word }) => word);
}

function spellings(tokenizer: Tokenizer): readonly Spelling[] {
  let all = SPELLINGS.get(tokenizer);
  if (all === undefined) {
    const words = new Set<string>();
    for (let id = 0; id < tokenizer.size; id++) {
      // Marks of a word's start, middle and end in the usual vocabularies.
      const word = tokenizer
        .token(id)
        .replace(/^(\^|##|▁|Ġ)/, "")
        .replace(/(\$|<\/w>)$/, "");
      if (/^[\p{L}\p{N}]{2,}$/u.test(word)) words.add(word);
    }
    all = [...words].map(spelling);
    SPELLINGS.set(tokenizer, all);
  }
  return all;
}

function spelling(word: string): Spelling {
  let letters = 0;
  let length = 0;
  for (const character of word) {
    letters |= 1 << (character.codePointAt(0)! & 31);
    length++;
  }
  return { word, length, letters };
}

function bits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}
