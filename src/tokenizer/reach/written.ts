/**
 * What an edit may write: the representatives of an alphabet, told apart by whether they are white space.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import type { Tokenizer } from "../tokenizer.js";

/** `white` and `ink` part `all`: what JavaScript's \s matches, and the rest. */
export type Which = "all" | "white" | "ink";

export interface Characters {
  readonly points: readonly number[];
  /** The same as strings. */
  readonly strings: readonly string[];
}

export type Written = Readonly<Record<Which, Characters>>;

/** All that \s matches. */
const WHITE: readonly number[] = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
  0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff,
];
const white = new Set(WHITE);

/** Whether JavaScript's \s matches this code point. */
export function isWhite(point: number): boolean {
  return white.has(point);
}

/** How many code points of the alphabet are of this sort and not `skipped`. */
export function writable(alphabet: Alphabet, which: Which, skipped: number): number {
  const all = alphabet.size - (alphabet.has(skipped) ? 1 : 0);
  if (which === "all") return all;
  let spaces = 0;
  for (const point of WHITE) if (point !== skipped && alphabet.has(point)) spaces++;
  return which === "white" ? spaces : all - spaces;
}

const known = new WeakMap<Tokenizer, WeakMap<Alphabet, Written>>();
const whole = new WeakMap<Alphabet, Written>();

/** The alphabet's representatives for this tokenizer; computed once. */
export function written(tokenizer: Tokenizer, alphabet: Alphabet): Written {
  let byAlphabet = known.get(tokenizer);
  if (byAlphabet === undefined) {
    byAlphabet = new WeakMap();
    known.set(tokenizer, byAlphabet);
  }
  let found = byAlphabet.get(alphabet);
  if (found === undefined) {
    found = sorted(tokenizer.representatives(alphabet));
    byAlphabet.set(alphabet, found);
  }
  return found;
}

/** The whole alphabet; computed once. */
export function everyWritten(alphabet: Alphabet): Written {
  let found = whole.get(alphabet);
  if (found === undefined) {
    found = sorted(alphabet.codePoints());
    whole.set(alphabet, found);
  }
  return found;
}

function sorted(points: Iterable<number>): Written {
  const all = [...new Set(points)];
  return {
    all: characters(all),
    white: characters(all.filter(isWhite)),
    ink: characters(all.filter((point) => !isWhite(point))),
  };
}

function characters(points: readonly number[]): Characters {
  return { points, strings: points.map((point) => String.fromCodePoint(point)) };
}
