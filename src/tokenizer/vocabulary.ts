/**
 * A vocabulary over folded words, as data.
 *
 * Three kinds, told apart by what a word's tokens are:
 *
 * - `words`: a word is one token, or `[UNK]` where it isn't listed.
 * - `pieces`: WordPiece. A word is cut from the left into the longest listed pieces; a piece that continues a
 *   word is written with a leading `##`. Every single symbol must be listed both ways, so no word gets stuck.
 * - `patterns`: a word, written `^word$`, gives every listed pattern that occurs in it, once per occurrence:
 *   `^good$` is the whole word, `^go` a beginning, `od$` an end, `oo` an inner part, `$` any word.
 *
 * Promise: a `Vocabulary` that exists is valid; `vocabulary()` is the only door and names the first bad token.
 */
import { UserError } from "../failure.js";
import { SYMBOL_CHARACTERS, WORD_SYMBOLS } from "../text/symbols.js";

export type VocabularyKind = "words" | "pieces" | "patterns";
export const VOCABULARY_KINDS: readonly VocabularyKind[] = ["words", "pieces", "patterns"];
export const UNKNOWN_TOKEN = "[UNK]";
export const CONTINUATION = "##";

const WORD_SYMBOL_OF = new Map(
  SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS).map((character, i) => [character, i]),
);

export interface Vocabulary {
  readonly kind: VocabularyKind;
  /** Token id -> printable token. Ids of `words` and `pieces` start with `[UNK]` = 0. */
  readonly tokens: readonly string[];
}

/** One token, taken apart: symbols of the alphabet and which ends of the word it is tied to. */
export interface TokenShape {
  readonly symbols: Uint8Array;
  /** `words`: always true. `pieces`: true unless it continues a word. `patterns`: true with a leading `^`. */
  readonly atStart: boolean;
  /** `words`: always true. `pieces`: always false. `patterns`: true with a trailing `$`. */
  readonly atEnd: boolean;
}

/** Takes a printable token apart, or returns null where it isn't a valid one of that kind. */
export function tokenShape(kind: VocabularyKind, token: string): TokenShape | null {
  let body = token;
  let atStart = kind !== "patterns";
  let atEnd = kind === "words";
  if (kind === "pieces" && body.startsWith(CONTINUATION)) {
    atStart = false;
    body = body.slice(CONTINUATION.length);
  }
  if (kind === "patterns") {
    if (body.startsWith("^")) {
      atStart = true;
      body = body.slice(1);
    }
    if (body.endsWith("$")) {
      atEnd = true;
      body = body.slice(0, -1);
    }
    if (body === "" && (atStart || !atEnd)) return null; // only "$" may be without symbols
  } else if (body === "") return null;
  const symbols = new Uint8Array(body.length);
  for (let i = 0; i < body.length; i++) {
    const symbol = WORD_SYMBOL_OF.get(body[i]!);
    if (symbol === undefined) return null;
    symbols[i] = symbol;
  }
  return { symbols, atStart, atEnd };
}

/**
 * Checks and freezes a vocabulary.
 * @throws UserError naming the first token that is malformed, repeated or missing.
 */
export function vocabulary(kind: VocabularyKind, tokens: readonly string[]): Vocabulary {
  if (!VOCABULARY_KINDS.includes(kind))
    throw new UserError(
      `vocabulary kind is ${JSON.stringify(kind)}; allowed: ${VOCABULARY_KINDS.join(", ")}`,
    );
  const first = kind === "patterns" ? 0 : 1;
  if (first === 1 && tokens[0] !== UNKNOWN_TOKEN)
    throw new UserError(`vocabulary token 0 is ${JSON.stringify(tokens[0])}; it must be "${UNKNOWN_TOKEN}"`);
  const seen = new Set<string>();
  for (let id = first; id < tokens.length; id++) {
    const token = tokens[id]!;
    if (tokenShape(kind, token) === null)
      throw new UserError(`vocabulary token ${id} is ${JSON.stringify(token)}, which is no ${kind} token`);
    if (seen.has(token)) throw new UserError(`vocabulary token ${id} repeats ${JSON.stringify(token)}`);
    seen.add(token);
  }
  if (kind === "pieces")
    for (const piece of singleSymbolPieces())
      if (!seen.has(piece)) throw new UserError(`a pieces vocabulary must list ${JSON.stringify(piece)}`);
  return { kind, tokens };
}

/** The pieces that every `pieces` vocabulary lists: each word symbol, beginning and continuing a word. */
export function singleSymbolPieces(): string[] {
  const symbols = SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS);
  return [...symbols, ...symbols.map((character) => CONTINUATION + character)];
}
