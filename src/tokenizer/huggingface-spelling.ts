/**
 * Which of the stated spellings (character-spelling.ts, byte-spelling.ts) a tokenizer.json's parts allow.
 *
 * `undefined` where none is proven: then supersets of reach hold all tokens.
 */
import { byteSpelling } from "./byte-spelling.js";
import { characterSpelling } from "./character-spelling.js";
import { GPT2_BYTES } from "./gpt2-bytes.js";
import { sequence, type TokenizerParts } from "./huggingface-parts.js";
import type { Spelling } from "./spelling.js";

/** @param name the token's text, "" where there is none */
export function spellingOf(parts: TokenizerParts, name: (id: number) => string): Spelling | undefined {
  const normalizers = sequence(parts.normalizer, "normalizers").map(({ type }) => type);
  const splitters = sequence(parts.preTokenizer, "pretokenizers").map(({ type }) => type);
  const { model, addedTokens } = parts;
  const unspelled = new Set(addedTokens.map(({ id }) => id));
  const unknown = typeof model.unk_token === "string" ? parts.vocabulary.get(model.unk_token) : undefined;
  if (unknown !== undefined) unspelled.add(unknown);
  if (splitters.length !== 1 || addedTokens.some(({ normalized }) => normalized && normalizers.length > 0))
    return undefined;
  if (model.type === "BPE" && splitters[0] === "ByteLevel" && normalizers.length === 0) {
    if (
      model.fuse_unk === true ||
      model.byte_fallback === true ||
      model.continuing_subword_suffix ||
      model.end_of_word_suffix
    )
      return undefined;
    return byteSpelling((id) => (unspelled.has(id) ? null : bytesOf(name(id))));
  }
  const prefix = model.continuing_subword_prefix;
  const plain = normalizers.every((type) => CHARACTER_NORMALIZERS.has(type));
  if (model.type !== "WordPiece" || !plain || model.fuse_unk === true || typeof prefix !== "string")
    return undefined;
  if (splitters[0] !== "BertPreTokenizer" && splitters[0] !== "WhitespaceSplit") return undefined;
  return characterSpelling((id) => {
    const token = name(id);
    if (unspelled.has(id) || token === "") return null;
    return prefix !== "" && token.startsWith(prefix) ? token.slice(prefix.length) : token;
  });
}

const CHARACTER_NORMALIZERS = new Set(["BertNormalizer", "Lowercase", "NFC", "NFD", "StripAccents"]);

function bytesOf(token: string): Uint8Array | null {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = GPT2_BYTES.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes);
}
