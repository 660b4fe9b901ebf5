/**
 * The pieces of GPT-2's pattern over ASCII,
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * Promise: `pieceEnd(codes, at, length)` is where the piece that begins at `at` ends; pieces part the text.
 * Proof, alternative by alternative, at a place with the code c: an apostrophe begins a contraction if one of those stands
 * there. A code that isn't white space, or a space before one, begins a run of its kind. Else c is white space: a run of it
 * that isn't followed by a space and a word or by another character ends the text and is a piece; otherwise its last
 * character stays behind, unless it is the only one.
 */
const LETTER = 1;
const DIGIT = 2;
const OTHER = 3;
const WHITE = 0;

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/\s/.test(character)) return WHITE;
  if (/[A-Za-z]/.test(character)) return LETTER;
  return /[0-9]/.test(character) ? DIGIT : OTHER;
});

const SPACE = 0x20;
const APOSTROPHE = 0x27;
const S = 0x73;
const T = 0x74;
const R = 0x72;
const E = 0x65;
const V = 0x76;
const M = 0x6d;
const L = 0x6c;
const D = 0x64;

export function pieceEnd(codes: Uint8Array, at: number, length: number): number {
  const code = codes[at]!;
  if (code === APOSTROPHE) {
    const end = contractionEnd(codes, at, length);
    if (end > 0) return end;
  }
  const begin = code === SPACE && at + 1 < length ? at + 1 : at;
  const kind = KINDS[codes[begin]!]!;
  let end = begin + 1;
  if (kind !== WHITE) {
    while (end < length && KINDS[codes[end]!] === kind) end++;
    return end;
  }
  while (end < length && KINDS[codes[end]!] === WHITE) end++;
  return end === length || end === at + 1 ? end : end - 1;
}

function contractionEnd(codes: Uint8Array, at: number, length: number): number {
  if (at + 1 >= length) return -1;
  const first = codes[at + 1]!;
  if (first === S || first === T || first === M || first === D) return at + 2;
  if (at + 2 >= length) return -1;
  const second = codes[at + 2]!;
  const long =
    (first === R && second === E) || (first === V && second === E) || (first === L && second === L);
  return long ? at + 3 : -1;
}
