/**
 * Where a tokenizer.json's tokens can be cut, derived from its parts.
 *
 * Theorem. Where `localityOf` gives `before-space`, then for all texts A and B, B beginning with U+0020 and (with
 * `afterWord`) A empty or ending in a character that isn't white space: ids(A + B) = ids(A) ++ ids(B).
 * Proof, step by step, as @huggingface/tokenizers works:
 *
 * - Added tokens are looked for from the left in the raw text, the longest at a place first. None that is allowed here
 *   contains white space, so none spans the cut, and the search is inside no token when it comes to the space. A + B
 *   is split as A and B are, but that a plain stretch at the end of A and one at the start of B are one. `lstrip` takes
 *   white space off the stretch before a token: of A nothing, since A then ends in another character; of the rest the
 *   same as without A. `rstrip` would take the space off B: refused. A token that is looked for after the normaliser is
 *   refused where there is one. A stretch that is an added token AFTER the normaliser is that token to the library,
 *   but only as a whole, so it would matter what stands beside it: refused where the normaliser can make one out of
 *   another text (huggingface-image.ts).
 * - Normalisers give N(A + B) = N(A) N(B), and N(B) begins with U+0020. `Lowercase` and the lower-casing of
 *   `BertNormalizer` map single characters but for the final sigma, whose context ends at a space, which is neither cased
 *   nor case-ignorable. The Unicode forms, also inside `BertNormalizer` and `Precompiled`: nothing is reordered or
 *   composed across U+0020, a starter that composes with nothing. `StripAccents` and what `BertNormalizer` and
 *   `Precompiled` do besides is one character at a time; U+FF5E is kept apart by splitting, which gives the same for all
 *   other characters, whether there is one in the text or not. `Replace` of a string without a space finds it on either
 *   side of the cut. `Strip` takes white space off the ends of a stretch: allowed as the last of them, before
 *   pre-tokenisers that don't look at it.
 * - Pre-tokenisers. `BertPreTokenizer`, `WhitespaceSplit`, `Whitespace`: pieces are runs without white space, found from
 *   the left; none spans the cut. What follows them in a `Sequence` works on single pieces; `Metaspace` with the scheme
 *   `first` would look at how many added tokens came before: refused. `ByteLevel` with its pattern: no alternative has
 *   white space anywhere but at its start, or is white space only. So a match in N(A) ends before or at the cut, and since
 *   N(A) ends in a word no run of white space ends there, nor does `\s+(?!\S)` look past the cut. (Of the normalisers
 *   allowed before it none drops a character or makes white space of one that isn't.) `add_prefix_space` concerns
 *   stretches that don't begin with a space.
 * - Models work on single pieces, but for `fuse_unk`, which makes one of unknown tokens side by side. It is refused, except
 *   for `Unigram` where each piece begins with Metaspace's replacement and the vocabulary has that as a token: then the
 *   first token of a piece begins with it too, and none that does is the unknown one.
 */
import { madeByNormalizer } from "./huggingface-image.js";
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
  "Replace",
  "Strip",
  "StripAccents",
]);
/** They neither drop a character nor make white space of one that isn't. */
const BEFORE_BYTE_LEVEL = new Set(["Lowercase", "NFC", "NFD", "NFKC", "NFKD"]);
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
  for (const [i, normalizer] of normalizers.entries()) {
    const why = normalizerObstacle(normalizer, i === normalizers.length - 1);
    if (why !== null) return why;
  }
  if (!SPLITTERS.has(first.type)) {
    if (first.type !== "ByteLevel") return `the pre-tokeniser ${first.type}`;
    if (first.use_regex === false) return "the pre-tokeniser ByteLevel without its pattern";
    const dropping = normalizers.find(({ type }) => !BEFORE_BYTE_LEVEL.has(type));
    if (dropping !== undefined) return `the normaliser ${dropping.type} before the pre-tokeniser ByteLevel`;
  }
  for (const { content } of parts.addedTokens)
    if (madeByNormalizer(content, normalizers))
      return `the normaliser, which can make the added token ${JSON.stringify(content)} out of another text`;
  for (const piece of splitters.slice(1)) {
    if (!SPLITTERS.has(first.type) || !AFTER_SPLITTER.has(piece.type))
      return `the pre-tokeniser ${piece.type}`;
    if (piece.type === "Metaspace" && piece.prepend_scheme === "first")
      return "the pre-tokeniser Metaspace with the scheme first";
  }
  return fusing(parts, splitters);
}

function normalizerObstacle({ type, pattern, content }: Part, last: boolean): string | null {
  if (!NORMALIZERS.has(type)) return `the normaliser ${type}`;
  if (type === "Strip" && !last) return "the normaliser Strip before another one";
  if (type !== "Replace") return null;
  const wanted = (pattern as Fields | null | undefined)?.String;
  if (typeof wanted !== "string" || wanted === "" || wanted.includes(" "))
    return "the normaliser Replace of anything but a string without a space";
  // JavaScript reads $ in what is put in as a reference to the text around.
  return String(content ?? "").includes("$") ? "the normaliser Replace with a $" : null;
}

function fusing(
  { model, vocabulary, addedTokens }: TokenizerParts,
  splitters: readonly Part[],
): string | null {
  if (model.type !== "Unigram")
    return model.fuse_unk === true ? `the model ${model.type} with fuse_unk` : null;
  const why = "the model Unigram, which makes one of unknown tokens side by side";
  const { type, replacement: mark, str_rep, prepend_scheme: scheme } = splitters[splitters.length - 1]!;
  const replacement = typeof mark === "string" ? mark : "\u2581";
  if (type !== "Metaspace" || (scheme ?? "always") !== "always" || (str_rep || replacement) !== replacement)
    return why;
  if ([...replacement].length !== 1 || !vocabulary.has(replacement)) return why;
  for (const [token, id] of [...vocabulary, ...addedTokens.map(({ content, id }) => [content, id] as const)])
    if (id === model.unk_id && token.startsWith(replacement)) return why;
  return null;
}
