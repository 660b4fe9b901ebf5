/**
 * Which characters a tokenizer can't tell apart, so that one of them stands for all.
 *
 * Theorem. For every text, place and character x of the alphabet, writing x gives the ids that writing one of
 * `standIns(parts)(alphabet)` in the same place gives.
 * Proof. Only A-Z are left out, each where its small letter is in the alphabet and neither of the two stands in the content of an added token.
 * No added token is then made or unmade by either, in whatever context, so both texts are split alike. `Lowercase` and the
 * lower-casing of `BertNormalizer` give the same for both, and so for what is around them: the final sigma, the only
 * rule that looks at neighbours, asks whether they are cased letters, which both are. What `BertNormalizer`
 * does before treats both alike, and normalisers that come before the lower-casing are refused here.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { sequence, type TokenizerParts } from "./huggingface-parts.js";

export function standIns(parts: TokenizerParts): (alphabet: Alphabet) => Iterable<number> {
  const [first] = sequence(parts.normalizer, "normalizers");
  const lowers =
    first?.type === "Lowercase" || (first?.type === "BertNormalizer" && first.lowercase === true);
  const apart = parts.addedTokens.some(({ normalized }) => normalized);
  if (!lowers || apart) return (alphabet) => alphabet.codePoints();
  const inAdded = new Set(
    parts.addedTokens.flatMap(({ content }) => [...content].map((c) => c.codePointAt(0)!)),
  );
  return function* (alphabet) {
    for (const point of alphabet.codePoints()) {
      const small = point + 32;
      const capital = point >= 0x41 && point <= 0x5a;
      if (capital && alphabet.has(small) && !inAdded.has(point) && !inAdded.has(small)) continue;
      yield point;
    }
  };
}
