/**
 * Spellings (spelling.ts) for WordPiece and word lists behind a normaliser N that, one step after the other, lower-cases,
 * composes or decomposes canonically (NFC, NFD), strips marks, drops characters that have no unit below, and puts white
 * space in or takes it out.
 *
 * phi(c), the unit of a code point c: what is left of NFD(lower case of c) without marks, Hangul vowels and finals, the
 * Kirat Rai sign U+16D67, white space, U+FFFD and all of category C; final sigma counts as sigma. Facts about Unicode
 * that a test holds it to, for every c: (a) that is at most one code point, (b) it is also phi of lower case, NFD and
 * NFC of c, (c) NFD of c or of its lower case has at most EXPANSION code points. phi of a text is the sequence of its
 * code points' units.
 *
 * Proof of the claims. phi(N(text)) = phi(text): lower-casing works on single code points but for final sigma, so (b)
 * settles it; NFD puts the decompositions of single code points side by side and reorders nothing but characters with a
 * combining class, which are marks (a stability policy of Unicode); NFC(text) has the same NFD; whatever is dropped or put
 * in has no unit. Added tokens part the text before N, which changes nothing in this. So
 * 1, with spread 1: by (a) an edit of the text is at most one edit of units.
 * 2: a token's characters are a substring of N(text), so its phi is one of phi(text).
 * 3: a token stands for at least one code point of N(text) that isn't white space, or of the text where it is an added
 * one, and by (c) a code point of the text gives at most as many as the longer of the two decompositions.
 */
import type { Spelling } from "./spelling.js";

const EXPANSION = 4;
const SILENT = /[\p{M}\p{White_Space}\p{C}\ufffd\u1160-\u11ff\ud7b0-\ud7ff\u{16d67}]/u;
const SIGMA = 0x3c3;

/** All units of a character: none or one. */
export function unitsOf(character: string): number[] {
  return [...character.toLowerCase().normalize("NFD")]
    .filter((part) => !SILENT.test(part))
    .map((part) => (part === "\u03c2" ? SIGMA : part.codePointAt(0)!));
}

/** The most code points that a normaliser can make of a character. */
export function expansionOf(character: string): number {
  const lower = [...character.toLowerCase().normalize("NFD")].length;
  return Math.max(lower, [...character.normalize("NFD")].length);
}

/**
 * @param written the characters that a token stands for in the normalised text (without `##`), or null for added tokens
 * and the unknown one
 */
export function characterSpelling(written: (id: number) => string | null): Spelling {
  const known = new Map<string, readonly number[]>();
  const unitsIn = (text: string): Int32Array => {
    const found: number[] = [];
    for (const character of text) {
      let units = known.get(character);
      if (units === undefined) {
        units = unitsOf(character);
        known.set(character, units);
      }
      for (const unit of units) found.push(unit);
    }
    return Int32Array.from(found);
  };
  return {
    units: unitsIn,
    spread: 1,
    of(id) {
      const characters = written(id);
      return characters === null ? null : unitsIn(characters);
    },
    tokens(text, edits) {
      let most = EXPANSION * edits;
      for (const character of text) most += expansionOf(character);
      return { least: 0, most };
    },
  };
}
