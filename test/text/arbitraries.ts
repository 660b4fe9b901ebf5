/** Texts that have broken folds and distances before, mixed with arbitrary code points. */
import fc from "fast-check";

/** Two lone surrogates side by side in this list may join in a text; that is part of what is tested. */
const HOSTILE = [
  ..."aAzZ059 $.-'\n\0",
  ..."éÅßẞİıſσςΣΑæﬁĳǆ½①Ⓐ",
  ..."раураlОΡ",
  ..."ａＺ９！＄",
  ..."𝐚𝟗𝕏",
  ..."각힣ᄀ",
  ..."日ٱ٣৪",
  ..."👩🏽💻🇫",
  "\u200D",
  "\u200B",
  "\u0301",
  "\u00AD",
  "\u3164",
  "\uFE0F",
  "\u{E0061}",
  "\uFFFD",
  "\uFEFF",
  "\uD83D",
  "\uDE00",
  "\uE000",
  "\u0378",
  "\u{10FFFF}",
];

export const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) },
);

export const text = (maxLength = 12) => fc.array(character, { maxLength }).map((parts) => parts.join(""));
