/**
 * The quick way for a tokenizer.json, where its parts allow it.
 *
 * Promise: null, or an `AsciiTokens` whose promise holds, because
 * - of the normalisers allowed here each maps ASCII characters one by one to ASCII or to nothing, whatever stands around
 *   them: lower-casing has no contextual rule for ASCII, the Unicode forms change nothing and there are no marks to strip;
 *   `BertNormalizer` and `Precompiled` drop controls and turn white space into a space. So the table is read off the
 *   library's own normaliser, character by character;
 * - `WhitespaceSplit`, `Whitespace` and `BertPreTokenizer` cut by the kinds of single characters, `Metaspace` behind
 *   them puts its mark before each piece, in which there is no space left to replace;
 * - the models work on single pieces. A token that can't be written with ASCII and Metaspace's mark can't occur.
 */

import { GPT2_BYTES } from "../gpt2-bytes.js";
import type { Fields, TokenizerParts } from "../huggingface-parts.js";
import { sequence } from "../huggingface-parts.js";
import { KIND_OF } from "../splitters.js";
import { type AsciiParts, AsciiTokens } from "./ascii.js";
import { bytePairs } from "./byte-pairs.js";
import type { PieceModel } from "./id-list.js";
import { unigram } from "./unigram.js";
import { wordPiece } from "./word-piece.js";

const NORMALIZERS = new Set([
  "BertNormalizer",
  "Lowercase",
  "NFC",
  "NFD",
  "NFKC",
  "NFKD",
  "Precompiled",
  "StripAccents",
]);

/** Metaspace's mark, and the code that stands for it. */
const MARK = "\u2581";
const MARK_CODE = 128;

export interface Whole {
  readonly parts: TokenizerParts;
  readonly settings: Fields;
  /** The library's normaliser. */
  normalize(text: string): string;
  /** Id of a token, added ones included, or -1. */
  idOf(token: string): number;
}

export function asciiTokens(whole: Whole): AsciiTokens | null {
  const { parts, settings, normalize } = whole;
  if (settings.remove_space === true || settings.do_lowercase_and_remove_accent === true) return null;
  if (!sequence(parts.normalizer, "normalizers").every(({ type }) => NORMALIZERS.has(type))) return null;
  const pieces = piecesOf(parts);
  const model = pieces === null ? null : modelOf(whole, pieces);
  if (pieces === null || model === null) return null;
  const normal = new Int16Array(128);
  for (let code = 0; code < 128; code++) {
    const made = normalize(String.fromCharCode(code));
    if (made.length > 1 || made.charCodeAt(0) > 127) return null;
    normal[code] = made === "" ? -1 : made.charCodeAt(0);
  }
  const added = parts.addedTokens.flatMap(({ content }) => [content, normalize(content)]).filter(isPlain);
  return new AsciiTokens({ normal, pieces, added, model });
}

function piecesOf(parts: TokenizerParts): AsciiParts["pieces"] | null {
  const [first, second, ...more] = sequence(parts.preTokenizer, "pretokenizers");
  if (first === undefined || more.length > 0) return null;
  if (first.type === "ByteLevel") {
    if (second !== undefined || first.use_regex === false) return null;
    return { kind: "byte-level", spaceBefore: first.add_prefix_space === true };
  }
  const classOf = KIND_OF[first.type];
  if (classOf === undefined) return null;
  if (second !== undefined) {
    const { type, replacement = MARK, str_rep: put, prepend_scheme: scheme = "always" } = second;
    if (type !== "Metaspace" || (scheme ?? "always") !== "always") return null;
    if ((replacement ?? MARK) !== MARK || (put || MARK) !== MARK) return null;
  }
  const classes = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)));
  return { kind: "classes", classes, before: second === undefined ? -1 : MARK_CODE };
}

function modelOf(whole: Whole, pieces: AsciiParts["pieces"]): PieceModel | null {
  const { model } = whole.parts;
  if (model.type === "BPE") return pieces.kind === "byte-level" ? bytePairModel(whole) : null;
  if (pieces.kind !== "classes") return null;
  if (model.type === "WordPiece") return wordPieceModel(whole);
  return model.type === "Unigram" ? unigramModel(whole) : null;
}

/** Tokens that can occur in ASCII, with Metaspace's mark as one more code. */
function plainTokens({ idOf }: Whole, names: Iterable<string>): [number[], number][] {
  const found: [number[], number][] = [];
  for (const token of names) {
    const codes = Array.from(token, (character) =>
      character === MARK ? MARK_CODE : character.codePointAt(0)!,
    );
    if (token !== "" && Array.from(token).every((c, i) => c === MARK || codes[i]! < 128))
      found.push([codes, idOf(token)]);
  }
  return found;
}

function wordPieceModel(whole: Whole): PieceModel | null {
  const { parts, idOf } = whole;
  const { continuing_subword_prefix: prefix, unk_token, max_input_chars_per_word: most } = parts.model;
  if (typeof prefix !== "string" || typeof unk_token !== "string" || parts.model.fuse_unk === true)
    return null;
  const unknown = idOf(unk_token);
  if (unknown < 0 || !isPlain(prefix || "-")) return null;
  // The library puts added tokens into the model's vocabulary.
  const names = new Set([...parts.vocabulary.keys(), ...parts.addedTokens.map(({ content }) => content)]);
  return wordPiece({
    tokens: plainTokens(whole, names),
    prefix: Array.from(prefix, (character) => character.charCodeAt(0)),
    unknown,
    mostCharacters: typeof most === "number" ? most : 100,
  });
}

function unigramModel(whole: Whole): PieceModel | null {
  const { parts, idOf } = whole;
  const { vocab, unk_id } = parts.model;
  const scores = (vocab as [string, number][]).map(([, score]) => score);
  const unknown = unk_id as number;
  const unknownScore = scores.reduce((least, score) => Math.min(least, score)) - 10;
  // An added token may give a token of the model another id, and so another score; one that is a single character would be
  // the id of an unknown character.
  for (const [token, id] of parts.vocabulary) if (idOf(token) !== id) return null;
  for (const { content } of parts.addedTokens)
    if ([...content].length === 1 && !parts.vocabulary.has(content)) return null;
  if (!scores.every((score) => Number.isFinite(score))) return null;
  scores[unknown] = unknownScore;
  return unigram({ tokens: plainTokens(whole, parts.vocabulary.keys()), scores, unknown, unknownScore });
}

function bytePairModel({ parts, idOf }: Whole): PieceModel | null {
  const { merges, unk_token, ...options } = parts.model;
  const spoiled = [
    "end_of_word_suffix",
    "continuing_subword_suffix",
    "byte_fallback",
    "ignore_merges",
    "fuse_unk",
  ];
  if (spoiled.some((option) => Boolean(options[option]))) return null;
  const unknown = typeof unk_token === "string" ? idOf(unk_token) : -1;
  if (typeof unk_token === "string" && unknown < 0) return null;
  const written: string[] = [];
  for (const [character, byte] of GPT2_BYTES) written[byte] = character;
  const list = merges as readonly (string | readonly [string, string])[];
  const pairs = list.map((merge): [string, string] =>
    typeof merge === "string" ? (merge.split(" ", 2) as [string, string]) : [merge[0], merge[1]],
  );
  return bytePairs({ written, merges: pairs, idOf, unknown });
}

function isPlain(text: string): boolean {
  return /^[\0-\x7f]+$/.test(text);
}
