/**
 * The fold: every Unicode code point becomes one symbol of a small alphabet, or nothing.
 *
 * It looks at one code point at a time and never at a neighbour. For a sequence s of code points, fold(s) is
 * the sequence of the symbols that the code points give, in order, with |fold(c)| <= 1 for every code point c.
 *
 * THEOREM (contraction). levenshtein(fold(s), fold(s')) <= levenshtein(s, s'). So what is proven for every
 * sequence of symbols within k edits of fold(s) holds for every Unicode text within k edits of s.
 *
 * Proof. Let d = levenshtein(s, s'), and take sequences of code points s = u_0, ..., u_d = s', each one edit
 * from the last. Write u = x c y. Deleting c turns fold(x) fold(c) fold(y) into fold(x) fold(y): one deletion,
 * or no change if c gives nothing. Insertion is the reverse. Substituting c by c': a symbol by a symbol is one
 * substitution or no change; a symbol by nothing, one deletion; nothing by a symbol, one insertion; nothing by
 * nothing, no change. So each step costs at most one edit among symbols; add them up by the triangle
 * inequality. (The u_i are sequences of code points and needn't be strings, so lone surrogates do no harm.)
 *
 * THEOREM (lifting). Let every symbol that e edits insert into fold(s) or substitute into it be the image of a
 * code point that the adversary may write. Then e edits of s, writing only such code points, give an s' with
 * fold(s') equal to the edited symbols. With contraction: what one can reach in e edits among symbols is
 * exactly what one can reach in e edits of the text, and nothing is lost by working with symbols.
 *
 * Proof. Let symbol i come from code point source[i] of s, and let r(q) be a code point with fold(r(q)) = q.
 * - Delete symbol i: delete the code point at source[i].
 * - Substitute q for symbol i: substitute r(q) for the code point at source[i].
 * - Insert q before symbol i: insert r(q) right before the code point at source[i]; at the end (i = the number
 *   of symbols): after the last code point of s.
 * Code points that give nothing stay where they are and still give nothing. Each edit costs one, and the image
 * is what was to be reached. `replay` in edits/replay.ts carries this out.
 *
 * One caveat concerns lifting only: if all code points between a lone high and a lone low surrogate are
 * deleted, JavaScript reads the two as one code point (see code-points.ts). A certificate isn't touched by it;
 * a counterexample has to be checked on the string that comes out, as every counterexample is.
 */
import { codePoints } from "./code-points.js";
import { FOLD_RUNS } from "./fold-table.js";
import { NOTHING, OTHER, SEPARATOR } from "./symbols.js";

export interface Folded {
  /** Each 0..SYMBOL_COUNT - 1, never NOTHING. */
  readonly symbols: Uint8Array;
  /** Index in `points` of the code point that each symbol came from; strictly increasing. */
  readonly source: Int32Array;
  /** The code points that were folded. */
  readonly points: Uint32Array;
}

const CODE_POINTS = 0x110000;
let table: Uint8Array | undefined;

function decodeTable(): Uint8Array {
  const symbols = new Uint8Array(CODE_POINTS);
  let point = 0;
  for (const [, character, digits] of FOLD_RUNS.matchAll(/([a-z0-9?_-])([A-Z]*)/g)) {
    let length = 0;
    for (const digit of digits!) length = length * 26 + digit.charCodeAt(0) - 65;
    const end = point + (digits === "" ? 1 : length);
    symbols.fill(tableSymbol(character!), point, end);
    point = end;
  }
  if (point !== CODE_POINTS)
    throw new Error(`the fold table holds ${point} code points instead of ${CODE_POINTS}`);
  return symbols;
}

function tableSymbol(character: string): number {
  if (character === "?") return OTHER;
  if (character === "_") return SEPARATOR;
  if (character === "-") return NOTHING;
  const code = character.charCodeAt(0);
  return code >= 97 ? code - 97 : code - 48 + 26;
}

/** The symbol of a code point in 0..0x10FFFF (surrogates included), or NOTHING. */
export function foldCodePoint(point: number): number {
  table ??= decodeTable();
  return table[point]!;
}

/** Folds a text, given as a string or as its code points. */
export function fold(text: string | Uint32Array): Folded {
  const points = typeof text === "string" ? codePoints(text) : text;
  const symbols = new Uint8Array(points.length);
  const source = new Int32Array(points.length);
  let count = 0;
  for (let i = 0; i < points.length; i++) {
    const symbol = foldCodePoint(points[i]!);
    if (symbol === NOTHING) continue;
    symbols[count] = symbol;
    source[count++] = i;
  }
  return { symbols: symbols.slice(0, count), source: source.slice(0, count), points };
}
