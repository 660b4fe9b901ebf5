/**
 * Words that a tokenizer has a token for and that lie near a word of the text: changes that a model is sure to notice,
 * and that single edits on their own seldom lead to, since most words in between are unknown alike.
 *
 * Promise: each is within `most` edits of the part, writing characters of the alphabet only; nearest first.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { levenshteinWithin } from "../edits/distance.js";
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

export function knownWords(
  tokenizer: Tokenizer,
  alphabet: Alphabet,
  part: string,
  most: number,
): KnownWord[] {
  const [, before, body, behind] = /^(\s*[^\p{L}\p{N}\s]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(part)!;
  if (body === "" || [...body!].length < 2) return [];
  // A token in lower case is compared in lower case, where that leaves the word's characters in their places.
  const small = body!.toLowerCase();
  const plain = [...small].length === [...body!].length ? small : body!;
  const own = spelling(plain);
  const found: KnownWord[] = [];
  for (const other of spellings(tokenizer)) {
    if (Math.abs(other.length - own.length) > most) continue;
    if (bits(other.letters & ~own.letters) > most || bits(own.letters & ~other.letters) > most) continue;
    const edits = levenshteinWithin(plain, other.word, most);
    if (edits === null || edits === 0) continue;
    const steps = unitEdits(plain, other.word);
    if (!steps.every(({ written }) => written.every((point) => alphabet.has(point)))) continue;
    found.push({ written: before + withEdits(body!, steps) + behind!, edits });
  }
  return found.sort((a, b) => a.edits - b.edits);
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
