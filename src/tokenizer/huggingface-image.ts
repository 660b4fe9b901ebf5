/**
 * Which texts a normaliser can make out of others.
 *
 * Theorem. Where `madeByNormalizer(content, normalizers)` is false, a text s with N(s) = content contains content.
 * Proof. Facts about Unicode that a test holds it to, for every code point c: (a) no lower case has one of A-Z, nor
 * have its NFC and NFD; (b) NFC and NFD of c, where c isn't ASCII, aren't ASCII, but for the three that give K, ; and `.
 * - No normaliser, or `Strip` alone: N(s) is a part of s.
 * - `Lowercase` or a lower-casing `BertNormalizer`, and behind it only those and NFC, NFD, `StripAccents`, `Strip`:
 *   N(s) has none of A-Z, by (a) and since NFD of a text consists of that of its characters, NFC of the same, put
 *   together. So a content with one of them isn't N(s).
 * - NFC, NFD and `Strip` alone, content ASCII without K, ; and `: all of NFD of the (stripped) text is ASCII, so by (b)
 *   each of its characters is, and the normaliser has done nothing to it.
 */
import type { Part } from "./huggingface-parts.js";

const CANONICAL = new Set(["NFC", "NFD", "Strip"]);
const AFTER_LOWERING = new Set([...CANONICAL, "BertNormalizer", "Lowercase", "StripAccents"]);

export function madeByNormalizer(content: string, normalizers: readonly Part[]): boolean {
  if (normalizers.every(({ type }) => type === "Strip")) return false;
  const lowering = normalizers.findIndex(
    ({ type, lowercase }) => type === "Lowercase" || (type === "BertNormalizer" && Boolean(lowercase)),
  );
  if (
    lowering >= 0 &&
    /[A-Z]/.test(content) &&
    normalizers.slice(lowering).every(({ type }) => AFTER_LOWERING.has(type))
  )
    return false;
  return !(
    normalizers.every(({ type }) => CANONICAL.has(type)) &&
    /^[ -~]+$/.test(content) &&
    !/[K;`]/.test(content)
  );
}
