/**
 * Texts and vocabularies on which a written tokenizer.json has to agree with the automaton. Each text mixes listed
 * words with characters that tokenizers treat specially: joiners, marks, special tokens, surrogates.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { fold } from "../../src/text/fold.js";
import { SEPARATOR, symbolText } from "../../src/text/symbols.js";
import { wordTokens } from "../../src/tokenizer/automaton.js";
import { wordAutomaton } from "../../src/tokenizer/build.js";
import { tokenizerConfigJson, tokenizerJson } from "../../src/tokenizer/tokenizer-json.js";
import { singleSymbolPieces, type Vocabulary, vocabulary } from "../../src/tokenizer/vocabulary.js";
import type { Random } from "../oracle/random-model.js";

const SPECIAL = [
  ..."[UNK] [CLS] [SEP] [PAD] [MASK] <mask> <s> </s> <unk> <pad> <|endoftext|> ##a ## # ^go$ $ \\n".split(
    " ",
  ),
  ..."don't U.S. e-mail 3.14 ΣΑΣ İstanbul straße ﬁnance ĳ ǆ раураl ｆｒｅｅ 𝐟𝐫𝐞𝐞 ⓕ ½ ① Ⅻ ㎏ ㈱ ٣ ৪ 각 힣 ᄀ 日本 ไทย हिन्दी עִברית العربية".split(
    " ",
  ),
  ..."👩🏽‍💻 👨‍👩‍👧 🇫🇷 ☃️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿".split(" "),
  ..."é é ễ ñ ü à́̂̃ a̶b".split(" "),
  ..."\u200B\u200C\u200D\u2060\uFEFF\u00AD\u3164\u115F\uFE0F\u034F\u061C\u202E\u0301\u20DD\u{E0061}\u{E0100}",
  ..."\0\x07\t\n\v\f\r\x1B\x7F\x80\x85\x9F\u00A0\u1680\u2003\u2028\u2029\u202F\u205F\u3000",
  ..."\uFFFD\uFFFE\uFFFF\uE000\u0378\u{1FFFF}\u{F0000}\u{10FFFF}",
  "\uD800",
  "\uDBFF",
  "\uDC00",
  "\uDFFF",
  "\uDE00\uD83D",
  "__proto__",
  "constructor",
  "x".repeat(101),
  "free".repeat(60),
];

const LISTED = [
  ..."free win prize call now the a i of and to in is you it for on mobile claim text cash 2 4 10 2024 x xx xxx".split(
    " ",
  ),
  ..."constructor proto unk mask sep cls pad s ing ly un ed er finance istanbul strasse \uFFFD \uFFFD\uFFFD i\uFFFD \uFFFDa".split(
    " ",
  ),
];

export function goldenVocabulary(kind: Vocabulary["kind"]): Vocabulary {
  if (kind === "words") return vocabulary(kind, ["[UNK]", ...LISTED]);
  if (kind === "patterns")
    return vocabulary(
      kind,
      LISTED.flatMap((word) => [word, `^${word}`, `${word}$`]),
    );
  const pieces = LISTED.flatMap((word) => [word, `##${word}`]);
  return vocabulary(kind, ["[UNK]", ...new Set([...singleSymbolPieces(), ...pieces])]);
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** A code point from anywhere, the lower planes and short ranges more often. */
function anyCharacter(random: Random): string {
  const limit = pick(random, [0x80, 0x250, 0x3000, 0x10000, 0x20000, 0x110000]);
  return String.fromCodePoint(Math.floor(random() * limit));
}

/** A text, empty now and then. */
export function hostileText(random: Random): string {
  let text = "";
  const parts = Math.floor(random() * 12);
  for (let n = 0; n < parts; n++) {
    const word = pick(random, LISTED);
    const style = random();
    if (style < 0.25) text += pick(random, SPECIAL);
    else if (style < 0.5) for (let i = 0; i < 4; i++) text += anyCharacter(random);
    else if (style < 0.65) text += word.toUpperCase();
    else if (style < 0.75) text += word.slice(0, 2) + pick(random, SPECIAL) + word.slice(2);
    else text += word;
    if (random() < 0.6) text += pick(random, [" ", " ", " ", "  ", ", ", "-", "\n"]);
  }
  return text;
}

/** Ids of a text from the automaton over the fold: what the written file has to give. */
export function ownIds(vocab: Vocabulary): (text: string) => number[] {
  const automaton = wordAutomaton(vocab);
  return (text) => {
    const { symbols } = fold(text);
    const ids: number[] = [];
    for (let from = 0; from <= symbols.length; ) {
      const found = symbols.indexOf(SEPARATOR, from);
      const to = found < 0 ? symbols.length : found;
      wordTokens(automaton, symbols.subarray(from, to), ids);
      from = to + 1;
    }
    return ids;
  };
}

/** The tokenizer that the library makes of the written files, after their way through JSON. */
export function writtenTokenizer(vocab: Vocabulary): Tokenizer {
  const throughJson = (value: object) => JSON.parse(JSON.stringify(value)) as object;
  return new Tokenizer(throughJson(tokenizerJson(vocab)), throughJson(tokenizerConfigJson()));
}

/** Compares `count` texts; returns the first that differs, or how many tokens were compared. */
export function compare(kind: "words" | "pieces", count: number, random: Random) {
  const vocab = goldenVocabulary(kind);
  const own = ownIds(vocab);
  const written = writtenTokenizer(vocab);
  const seen = { texts: 0, tokens: 0, unknown: 0, empty: 0 };
  for (let n = 0; n < count; n++) {
    const text = hostileText(random);
    const expected = own(text);
    const ids = written.encode(text).ids;
    if (ids.join() !== expected.join())
      return { text, folded: symbolText(fold(text).symbols), ids, expected };
    seen.texts++;
    seen.tokens += ids.length;
    seen.unknown += ids.filter((id) => id === 0).length;
    if (ids.length === 0) seen.empty++;
  }
  return seen;
}
