/**
 * The alphabet called `model` of a tokenizer.json: the characters that its tokens are spelled with, and the space.
 */
import { type Alphabet, listAlphabet } from "../edits/alphabet.js";
import { isHighSurrogate, isLowSurrogate } from "../text/code-points.js";
import { utf8Decode } from "../text/utf8.js";
import { GPT2_BYTES } from "./gpt2-bytes.js";
import { sequence, type TokenizerParts } from "./huggingface-parts.js";

export function writtenAlphabet(parts: TokenizerParts): Alphabet {
  const { model, vocabulary, preTokenizer, addedTokens } = parts;
  const byteLevel = sequence(preTokenizer, "pretokenizers").some(({ type }) => type === "ByteLevel");
  const prefix = model.type === "WordPiece" ? String(model.continuing_subword_prefix ?? "##") : "";
  // What BPE writes at the ends of words, and bytes in words of their own, are no text.
  const { end_of_word_suffix: suffix } = model;
  const isByte = (token: string) => model.byte_fallback === true && /^<0x[0-9A-F]{2}>$/.test(token);
  const special = new Set(addedTokens.map(({ content }) => content));
  const points = new Set([0x20]);
  for (const token of vocabulary.keys()) {
    if (special.has(token) || isByte(token)) continue;
    let body = prefix !== "" && token.startsWith(prefix) ? token.slice(prefix.length) : token;
    if (typeof suffix === "string" && suffix !== "" && body.endsWith(suffix))
      body = body.slice(0, -suffix.length);
    for (const character of byteLevel ? fromBytes(body) : body.replaceAll("\u2581", " ")) {
      const point = character.codePointAt(0)!;
      if (!isHighSurrogate(point) && !isLowSurrogate(point)) points.add(point);
    }
  }
  return listAlphabet("model", points);
}

/** The text of a byte-level token, or nothing where it is only a part of a character. */
function fromBytes(token: string): string {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = GPT2_BYTES.get(character);
    if (byte === undefined) return "";
    bytes.push(byte);
  }
  try {
    return utf8Decode(Uint8Array.from(bytes));
  } catch {
    return "";
  }
}
