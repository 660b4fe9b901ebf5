/**
 * Where a tokenizer.json's tokens can be cut, derived from its parts.
 *
 * Theorem. Where `localityOf` gives `before-space`, then for all texts A and B, B beginning with U+0020 and (with
 * `afterWord`) A empty or ending in a character that isn't white space: ids(A + B) = ids(A) ++ ids(B).
 * Proof, step by step, as @huggingface/tokenizers works:
 *
 * - Added tokens are looked for from the left in the raw text, the longest at a place first. None that is allowed here
 *   contains white space, so none spans the cut, and the search is at no token when it comes to the space. A + B
 *   is split as A and B are, but that a plain stretch at the end of A and one at the start of B are one. `lstrip` takes
 *   white space off the stretch before a token: of A nothing, since A then ends in another character; of the rest the same as
 *   without A. `rstrip` would take the space off B: refused. A token that is looked for after the normaliser is refused
 *   where there is one.
 * - Normalisers: `Lowercase` and the lower-casing of `BertNormalizer` map single characters but for the final sigma, whose
 *   context ends at a space, which is neither cased nor case-ignorable. The Unicode forms, the accents that
 *   `BertNormalizer`, `StripAccents` and `Precompiled` take off or put together: nothing is reordered or composed across
 *   U+0020, which is a starter that never composes with what stands before it. What `BertNormalizer` and `Precompiled` do
 *   besides is one character at a time; U+FF5E is kept apart by splitting, which gives the same for all other characters,
 *   whether there is one in the text or not. `Strip` takes white space off the ends of a stretch, which the pre-tokenisers
 *   after which it is allowed don't look at. Their results are N(A) N(B), and N(B) begins with a space.
 * - Pre-tokenisers. `BertPreTokenizer`, `WhitespaceSplit`, `Whitespace`: pieces are runs without white space, found from the left;
 *   none spans the cut. What follows them in a `Sequence` works on single pieces; `Metaspace` with the scheme `first`
 *   would look at how many added tokens came before: refused. `ByteLevel` with its pattern: no alternative has white space
 *   anywhere but at its start, or is white space only. So a match in A ends before or at the cut, and since A ends
 *   in a word no run of white space ends there, nor does `\s+(?!\S)` look past the cut. `add_prefix_space` concerns stretches
 *   that don't begin with a space.
 * - Models work on single pieces, but for `fuse_unk`, which makes one of unknown tokens side by side. It is refused, except
 *   for `Unigram` where each piece begins with Metaspace's replacement and the vocabulary has that as a token: then the
 *   first token of a piece is never unknown.
 */
import { type Fields, type Part, sequence, type TokenizerParts } from "./huggingface-parts.js";
import type { Locality } from "./tokenizer.js";

const NORMALIZERS = new Set([
  "BertNormalizer",
  "Lowercase",
  "NFC",
  "NFD",
  "NFKC",
  "NFKD",
  "Precompiled",
  "Strip",
  "StripAccents",
]);
/** They cut at every run of white space and drop it. */
const SPLITTERS = new Set(["BertPreTokenizer", "WhitespaceSplit", "Whitespace"]);
const AFTER_SPLITTER = new Set([...SPLITTERS, "ByteLevel", "Metaspace", "Punctuation", "Digits", "Split"]);

export function localityOf(parts: TokenizerParts, config: Fields): Locality {
  const why = obstacle(parts, config);
  if (why !== null) return { kind: "none", why };
  const byteLevel = sequence(parts.preTokenizer, "pretokenizers")[0]!.type === "ByteLevel";
  return { kind: "before-space", afterWord: byteLevel || parts.addedTokens.some(({ lstrip }) => lstrip) };
}

function obstacle(parts: TokenizerParts, config: Fields): string | null {
  for (const option of ["remove_space", "do_lowercase_and_remove_accent"])
    if (config[option] === true) return `the option ${option}`;
  for (const { content, rstrip, normalized } of parts.addedTokens) {
    const name = `the added token ${JSON.stringify(content)}`;
    if (/\s/.test(content)) return `${name}, which has white space in it`;
    if (rstrip) return `${name}, which takes the white space behind it`;
    if (normalized && parts.normalizer !== null) return `${name}, which is looked for after the normaliser`;
  }
  const splitters = sequence(parts.preTokenizer, "pretokenizers");
  const first = splitters[0];
  if (first === undefined) return "a model that works on the whole text";
  const normalizers = sequence(parts.normalizer, "normalizers");
  for (const { type } of normalizers) if (!NORMALIZERS.has(type)) return `the normaliser ${type}`;
  if (!SPLITTERS.has(first.type)) {
    if (first.type !== "ByteLevel") return `the pre-tokeniser ${first.type}`;
    if (first.use_regex === false) return "the pre-tokeniser ByteLevel without its pattern";
    if (normalizers.length > 0) return "a normaliser before the pre-tokeniser ByteLevel";
  }
  for (const piece of splitters.slice(1)) {
    if (!SPLITTERS.has(first.type) || !AFTER_SPLITTER.has(piece.type))
      return `the pre-tokeniser ${piece.type}`;
    if (piece.type === "Metaspace" && piece.prepend_scheme === "first")
      return "the pre-tokeniser Metaspace with the scheme first";
  }
  return fusing(parts, splitters);
}

function fusing({ model, vocabulary }: TokenizerParts, splitters: readonly Part[]): string | null {
  if (model.type !== "Unigram")
    return model.fuse_unk === true ? `the model ${model.type} with fuse_unk` : null;
  const last = splitters[splitters.length - 1]!;
  const replacement = (last.replacement ?? "\u2581") as string;
  const put = (last.str_rep || replacement) as string;
  const always =
    last.prepend_scheme === undefined || last.prepend_scheme === null || last.prepend_scheme === "always";
  if (
    last.type === "Metaspace" &&
    always &&
    put === replacement &&
    [...replacement].length === 1 &&
    vocabulary.has(replacement)
  )
    if (vocabulary.get(replacement) !== model.unk_id) return null;
  return "the model Unigram, which makes one of unknown tokens side by side";
}
