/**
 * Which characters an attack writes, the likeliest first.
 *
 * Promise: only characters of the alphabet; all that the tokenizer can tell apart if they are few, else those of the
 * text, those that the vocabulary is spelled with, and some others at random. The same seed gives the same list.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { Random } from "../numeric/random.js";
import { codePoints } from "../text/code-points.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** So many are all tried. */
const FEW = 512;
/** Of the vocabulary's, in large alphabets. */
const COMMON = 160;
/** Others, in large alphabets. */
const OTHERS = 96;

interface Known {
  readonly all: Int32Array;
  /** Those that tokens are spelled with, the most used first. */
  readonly common: readonly number[];
}

const KNOWN = new WeakMap<Tokenizer, WeakMap<Alphabet, Known>>();

export function attackCharacters(
  tokenizer: Tokenizer,
  alphabet: Alphabet,
  text: string,
  random: Random,
): number[] {
  const { all, common } = known(tokenizer, alphabet);
  const own = new Set(codePoints(text.slice(0, 10_000)));
  const first = new Set<number>();
  if (all.length <= FEW) {
    const shuffled = all.slice();
    random.shuffle(shuffled);
    for (const point of shuffled) if (own.has(point)) first.add(point);
    for (const point of shuffled) first.add(point);
    return [...first];
  }
  for (const point of common) if (own.has(point)) first.add(point);
  for (const point of common) first.add(point);
  for (const point of own) if (alphabet.has(point)) first.add(point);
  for (let n = 0; n < OTHERS; n++) first.add(all[Math.floor(random.next() * all.length)]!);
  return [...first];
}

function known(tokenizer: Tokenizer, alphabet: Alphabet): Known {
  let byAlphabet = KNOWN.get(tokenizer);
  if (byAlphabet === undefined) {
    byAlphabet = new WeakMap();
    KNOWN.set(tokenizer, byAlphabet);
  }
  let found = byAlphabet.get(alphabet);
  if (found === undefined) {
    const all = Int32Array.from(tokenizer.representatives(alphabet));
    found = { all, common: all.length <= FEW ? [] : commonCharacters(tokenizer, alphabet) };
    byAlphabet.set(alphabet, found);
  }
  return found;
}

function commonCharacters(tokenizer: Tokenizer, alphabet: Alphabet): number[] {
  const uses = new Map<number, number>();
  for (let id = 0; id < tokenizer.size; id++)
    for (const point of codePoints(tokenizer.token(id)))
      if (alphabet.has(point)) uses.set(point, (uses.get(point) ?? 0) + 1);
  // White space parts words and stands in few tokens.
  for (const point of [0x20, 0x2d]) if (alphabet.has(point)) uses.set(point, Number.POSITIVE_INFINITY);
  return [...uses]
    .sort(([a, n], [b, m]) => (n === m ? a - b : m - n))
    .slice(0, COMMON)
    .map(([point]) => point);
}
