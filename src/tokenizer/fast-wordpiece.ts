/**
 * WordPiece and word lists over plain ASCII, without the general machinery: what makes tens of thousands of edited words
 * affordable.
 *
 * Promise: `fastWordPiece` gives null where its parts aren't those below; what it gives returns, for a text, exactly the ids of
 * the whole tokenizer, or null for texts it isn't for. Proof. Its texts hold U+0020 to U+007E only and not the first character of any
 * added token, so no added token is in them. On such characters `BertNormalizer` drops nothing, adds no space and
 * finds no accent, so it lower-cases or does nothing, as `Lowercase` does. `WhitespaceSplit` cuts at spaces;
 * `BertPreTokenizer` also around each of U+0021-2F, 3A-40, 5B-60, 7B-7E, which are all the punctuation in ASCII. Each piece
 * is looked up as WordPiece does: the longest token that begins here, over and over; a piece that gets stuck or is longer
 * than `max_input_chars_per_word` is one unknown token.
 */
import { sequence, type TokenizerParts } from "./huggingface-parts.js";

export function fastWordPiece(
  parts: TokenizerParts,
  idOf: (token: string) => number,
): ((text: string) => Int32Array | null) | null {
  const { model, vocabulary, addedTokens } = parts;
  const normalizers = sequence(parts.normalizer, "normalizers");
  const splitters = sequence(parts.preTokenizer, "pretokenizers");
  const splitter = splitters[0];
  if (model.type !== "WordPiece" || model.fuse_unk === true || splitters.length !== 1) return null;
  if (splitter?.type !== "BertPreTokenizer" && splitter?.type !== "WhitespaceSplit") return null;
  if (!normalizers.every(({ type }) => type === "BertNormalizer" || type === "Lowercase")) return null;
  // A token that is looked for after lower-casing may be typed in other letters.
  if (addedTokens.some(({ normalized }) => normalized)) return null;
  const prefix = model.continuing_subword_prefix;
  const unknownToken = model.unk_token;
  if (typeof prefix !== "string" || prefix === "" || typeof unknownToken !== "string") return null;
  const lowers = normalizers.some(({ type, lowercase }) => type === "Lowercase" || lowercase === true);
  const most = typeof model.max_input_chars_per_word === "number" ? model.max_input_chars_per_word : 100;
  const unknown = idOf(unknownToken);
  const starts = new Map<string, number>();
  const continuations = new Map<string, number>();
  let longestStart = 0;
  let longestContinuation = 0;
  for (const token of vocabulary.keys()) {
    const id = idOf(token);
    starts.set(token, id);
    longestStart = Math.max(longestStart, token.length);
    if (token.startsWith(prefix)) {
      continuations.set(token.slice(prefix.length), id);
      longestContinuation = Math.max(longestContinuation, token.length - prefix.length);
    }
  }
  // 0: not for here; 1: white space; 2: part of a word; 3: a word by itself.
  const kinds = new Uint8Array(128);
  for (let code = 0x21; code < 0x7f; code++)
    kinds[code] =
      splitter.type === "BertPreTokenizer" && /[!-/:-@[-`{-~]/.test(String.fromCharCode(code)) ? 3 : 2;
  kinds[0x20] = 1;
  for (const { content } of addedTokens) if (content.charCodeAt(0) < 128) kinds[content.charCodeAt(0)] = 0;

  const found: number[] = [];
  const word = (text: string): void => {
    const whole = starts.get(text);
    if (text.length > most) found.push(unknown);
    else if (whole !== undefined) found.push(whole);
    else if (!pieces(text)) found.push(unknown);
  };
  const pieces = (text: string): boolean => {
    const { length } = text;
    if (continuations.size === 0) return false;
    const before = found.length;
    let from = 0;
    while (from < length) {
      const map = from === 0 ? starts : continuations;
      let to = Math.min(length, from + (from === 0 ? longestStart : longestContinuation));
      let id: number | undefined;
      for (; to > from; to--) {
        id = map.get(text.slice(from, to));
        if (id !== undefined) break;
      }
      if (id === undefined) {
        found.length = before;
        return false;
      }
      found.push(id);
      from = to;
    }
    return true;
  };
  return (raw) => {
    const text = lowers ? raw.toLowerCase() : raw;
    found.length = 0;
    let from = 0;
    for (let i = 0; i < raw.length; i++) {
      const code = raw.charCodeAt(i);
      const kind = code < 128 ? kinds[code]! : 0;
      if (kind === 0) return null;
      if (kind === 2) continue;
      if (i > from) word(text.slice(from, i));
      if (kind === 3) word(text[i]!);
      from = i + 1;
    }
    if (text.length > from) word(from === 0 ? text : text.slice(from));
    return Int32Array.from(found);
  };
}
