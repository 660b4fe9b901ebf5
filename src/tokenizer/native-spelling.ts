/**
 * How native tokens are spelled (spelling.ts): units are the symbols of the fold with a separator at both ends, so that
 * a token that is tied to an end of its word is spelled with the separator there.
 *
 * Proof of the claims. 1, with spread 1: contraction (text/fold.ts). 2: a word's tokens are cut from its symbols or
 * patterns that occur in it, `[UNK]` excepted, and in `units` there is a separator before and behind each word. 3: an
 * edit of the text is at most one of symbols, which changes the number of words by at most one (it makes, ends, splits or
 * joins one) and that of word symbols by at most one. `words`: one token for each word. `pieces`: at least one for each
 * word and at most one for each word symbol. `patterns`: each occurrence ends at some word symbol, with or without the
 * end of the word behind it; those of one place differ in length or in what they are tied to.
 */
import { fold } from "../text/fold.js";
import { SEPARATOR } from "../text/symbols.js";
import type { Spelling } from "./spelling.js";
import { tokenShape, type Vocabulary } from "./vocabulary.js";

export function nativeSpelling({ kind, tokens }: Vocabulary): Spelling {
  const spelled = tokens.map((token, id) => {
    if (kind !== "patterns" && id === 0) return null;
    const { symbols, atStart, atEnd } = tokenShape(kind, token)!;
    return Uint8Array.of(...(atStart ? [SEPARATOR] : []), ...symbols, ...(atEnd ? [SEPARATOR] : []));
  });
  const longest = spelled.reduce((most, symbols) => Math.max(most, symbols?.length ?? 0), 0);
  const atOnePlace = Math.min(tokens.length, 4 * longest + 1);
  return {
    units(text) {
      const { symbols } = fold(text);
      const units = new Uint8Array(symbols.length + 2).fill(SEPARATOR);
      units.set(symbols, 1);
      return units;
    },
    spread: 1,
    of: (id) => spelled[id] ?? null,
    tokens(text, edits) {
      const units = fold(text).symbols;
      let words = 0;
      let symbols = 0;
      for (let i = 0; i < units.length; i++) {
        if (units[i] === SEPARATOR) continue;
        symbols++;
        if (i === 0 || units[i - 1] === SEPARATOR) words++;
      }
      const least = kind === "patterns" ? 0 : Math.max(0, words - edits);
      if (kind === "words") return { least, most: words + edits };
      return { least, most: (symbols + edits) * (kind === "pieces" ? 1 : atOnePlace) };
    },
  };
}
