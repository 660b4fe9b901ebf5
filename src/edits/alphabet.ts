/**
 * Alphabets: the code points that the adversary may insert or substitute in.
 *
 * Promise: an alphabet is a non-empty set of Unicode scalar values (no surrogates); `codePoints()` gives each
 * exactly once in ascending order, `has` agrees with it, `size` counts it.
 */

import { UserError } from "../failure.js";
import { codePoints, fromCodePoints } from "../text/code-points.js";
import { foldCodePoint } from "../text/fold.js";
import { sha256 } from "../text/sha256.js";
import { NOTHING, OTHER, SYMBOL_CHARACTERS, SYMBOL_COUNT } from "../text/symbols.js";
import { utf8Encode } from "../text/utf8.js";

export interface Alphabet {
  /** As it stands in a `Threat`. */
  readonly name: string;
  readonly size: number;
  has(point: number): boolean;
  codePoints(): Iterable<number>;
}

/** What of an alphabet can be seen after the fold. */
export interface FoldedAlphabet {
  /** Per symbol: 1 if some code point of the alphabet folds to it. */
  readonly allowed: Uint8Array;
  /** Per symbol: the plainest code point of the alphabet that folds to it, -1 if there is none. */
  readonly representative: Int32Array;
}

function isScalar(point: number): boolean {
  return Number.isInteger(point) && point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
}

function hex(point: number): string {
  return `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

function* range(first: number, last: number): Generator<number> {
  for (let point = first; point <= last; point++) if (isScalar(point)) yield point;
}

const UNICODE: Alphabet = {
  name: "unicode",
  size: 0x110000 - 0x800,
  has: isScalar,
  codePoints: () => range(0, 0x10ffff),
};

const ASCII: Alphabet = {
  name: "ascii",
  size: 95,
  has: (point) => Number.isInteger(point) && point >= 0x20 && point <= 0x7e,
  codePoints: () => range(0x20, 0x7e),
};

/** All scalar values: U+0000 to U+10FFFF without the surrogates. Always the same object. */
export function unicodeAlphabet(): Alphabet {
  return UNICODE;
}

/** U+0020 to U+007E. Always the same object. */
export function asciiAlphabet(): Alphabet {
  return ASCII;
}

/** The alphabet of these code points; repetitions count once. */
export function listAlphabet(name: string, points: Iterable<number>): Alphabet {
  const set = new Set<number>();
  for (const point of points) {
    if (!isScalar(point)) {
      const seen = Number.isInteger(point) && point >= 0 ? hex(point) : String(point);
      throw new UserError(
        `alphabet ${name}: ${seen} is not allowed; allowed are U+0000..U+D7FF and U+E000..U+10FFFF`,
      );
    }
    set.add(point);
  }
  if (set.size === 0) throw new UserError(`alphabet ${name}: 0 code points; at least 1 is needed`);
  const sorted = [...set].sort((a, b) => a - b);
  return { name, size: sorted.length, has: (point) => set.has(point), codePoints: () => sorted.values() };
}

/**
 * The code points listed in a file, ascending and each once: one per line; empty lines don't count, a line
 * that holds just a space is the space; line ends are LF or CRLF; a byte order mark at the start is dropped.
 * Name such an alphabet `file:<sha256 of alphabetDigestInput(points)>`.
 */
export function parseAlphabetFile(text: string): number[] {
  const points = new Set<number>();
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  lines.forEach((raw, index) => {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "") return;
    const found = codePoints(line);
    const allowed = "allowed is exactly one Unicode character per line";
    if (found.length !== 1) {
      const shown = JSON.stringify(fromCodePoints(found.slice(0, 20))) + (found.length > 20 ? "..." : "");
      throw new UserError(
        `alphabet file, line ${index + 1}: ${shown} is ${found.length} code points; ${allowed}`,
      );
    }
    if (!isScalar(found[0]!)) {
      throw new UserError(
        `alphabet file, line ${index + 1}: ${hex(found[0]!)} is a lone surrogate; ${allowed}`,
      );
    }
    points.add(found[0]!);
  });
  if (points.size === 0) {
    throw new UserError(
      `alphabet file: 0 characters in ${lines.length} lines; at least one line must hold a character`,
    );
  }
  return [...points].sort((a, b) => a - b);
}

/** What is hashed to name a list of code points: a JSON array of the numbers, ascending, each once, no spaces. */
export function alphabetDigestInput(points: Iterable<number>): string {
  return JSON.stringify([...new Set(points)].sort((a, b) => a - b));
}

const digests = new WeakMap<Alphabet, string>();

/**
 * The SHA-256 of what an alphabet holds, whatever it is called: of the JSON array of its ranges [first, last], ascending
 * and as long as can be, no spaces.
 */
export function alphabetSha256(alphabet: Alphabet): string {
  let digest = digests.get(alphabet);
  if (digest === undefined) {
    // As many scalar values as there are can only be all of them, which needn't be walked through.
    const ranges = alphabet.size === UNICODE.size ? EVERYTHING : rangesOf(alphabet.codePoints());
    digest = sha256(utf8Encode(JSON.stringify(ranges)));
    digests.set(alphabet, digest);
  }
  return digest;
}

const EVERYTHING = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

function rangesOf(points: Iterable<number>): number[][] {
  const ranges: number[][] = [];
  for (const point of points) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  return ranges;
}

/**
 * The alphabet `model` of a native model: the printable characters of the symbols whose entry in `mask`
 * (SYMBOL_COUNT long) isn't 0, which are the code points that its vocabulary can contain.
 */
export function symbolAlphabet(mask: Uint8Array): Alphabet {
  if (mask.length !== SYMBOL_COUNT)
    throw new RangeError(`mask of ${mask.length} symbols; allowed is ${SYMBOL_COUNT}`);
  const points: number[] = [];
  SYMBOL_CHARACTERS.forEach((character, symbol) => {
    if (mask[symbol] !== 0) points.push(character.codePointAt(0)!);
  });
  return listAlphabet("model", points);
}

const foldedAlphabets = new WeakMap<Alphabet, FoldedAlphabet>();

/** Folds an alphabet; computed once per alphabet object. */
export function foldedAlphabet(alphabet: Alphabet): FoldedAlphabet {
  let folded = foldedAlphabets.get(alphabet);
  if (folded === undefined) {
    folded = computeFoldedAlphabet(alphabet);
    foldedAlphabets.set(alphabet, folded);
  }
  return folded;
}

function computeFoldedAlphabet(alphabet: Alphabet): FoldedAlphabet {
  const representative = new Int32Array(SYMBOL_COUNT).fill(-1);
  for (let symbol = 0; symbol < SYMBOL_COUNT; symbol++) {
    const plainest = symbol === OTHER ? "$£€" : SYMBOL_CHARACTERS[symbol]!;
    const character = [...plainest].find((c) => alphabet.has(c.charCodeAt(0)));
    if (character !== undefined) representative[symbol] = character.charCodeAt(0);
  }
  // A large alphabet has all of those, and then there is nothing to search for.
  const missing = representative.map((point) => (point < 0 ? 1 : 0));
  if (missing.includes(1)) {
    for (const point of alphabet.codePoints()) {
      const symbol = foldCodePoint(point);
      if (symbol === NOTHING || missing[symbol] === 0) continue;
      // Ascending order: the lowest wins, but controls only where nothing else stands for the symbol.
      const best = representative[symbol]!;
      if (best < 0 || (isControl(best) && !isControl(point))) representative[symbol] = point;
    }
  }
  return { allowed: Uint8Array.from(representative, (point) => (point < 0 ? 0 : 1)), representative };
}

function isControl(point: number): boolean {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}
