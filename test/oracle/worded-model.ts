/** Random native models over words that look real, with hundreds of tokens, and texts to go with them. */
import { type Alphabet, asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { NativeModel } from "../../src/model/native.js";
import { toGrid } from "../../src/numeric/grid.js";
import { SYMBOL_CHARACTERS, WORD_SYMBOLS } from "../../src/text/symbols.js";
import { singleSymbolPieces, type VocabularyKind, vocabulary } from "../../src/tokenizer/vocabulary.js";
import type { Random } from "./random-model.js";

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1));

const ONSETS = [..."bcdfghklmnprstw", "st", "ch", "gr", "pl", ""];
const VOWELS = [..."aeiou", "ee", "ou", "io"];
const CODAS = ["", "", "n", "r", "s", "t", "ng", "ll", "ck"];

export function randomWord(random: Random): string {
  let word = "";
  for (let n = upTo(random, 2); n >= 0; n--)
    word += pick(random, ONSETS) + pick(random, VOWELS) + pick(random, CODAS);
  if (random() < 0.05) word += upTo(random, 99);
  if (random() < 0.03) word += "\uFFFD";
  return word;
}

export interface Worded {
  readonly model: NativeModel;
  /** What the vocabulary was made from. */
  readonly words: readonly string[];
}

export function wordedModel(random: Random, kind: VocabularyKind, size: number, labels: number): Worded {
  const words = new Set<string>();
  while (words.size < size) {
    // Words that differ by little, so that edits lead from one to another.
    if (words.size > 0 && random() < 0.5) words.add(misspelt(random, pick(random, [...words])) || "a");
    else words.add(randomWord(random));
  }
  const list = [...words];
  const tokens = new Set<string>();
  const part = () => {
    const word = pick(random, list);
    const from = upTo(random, word.length - 1);
    return word.slice(from, from + 1 + upTo(random, 3));
  };
  if (kind === "words") for (const token of ["[UNK]", ...list]) tokens.add(token);
  if (kind === "pieces") {
    for (const token of ["[UNK]", ...singleSymbolPieces()]) tokens.add(token);
    for (const word of list) {
      tokens.add(word.slice(0, 1 + upTo(random, word.length)));
      tokens.add(`##${part()}`);
    }
  }
  if (kind === "patterns") {
    if (random() < 0.5) tokens.add("$");
    // Every symbol below the root, so that some states have all children.
    if (random() < 0.3) for (const c of SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS)) tokens.add(c);
    for (const word of list) {
      const shape = random();
      if (shape < 0.3) tokens.add(`^${word}$`);
      else tokens.add((shape < 0.5 ? "^" : "") + part() + (random() < 0.3 ? "$" : ""));
    }
  }
  if (kind === "words" && random() < 0.3) {
    // A state with all children, at the root and below "a".
    for (const c of SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS)) for (const w of [c, `a${c}`]) tokens.add(w);
  }
  const coarse = random() < 0.4;
  const weight = () => {
    if (random() < 0.1) return 0;
    return coarse ? upTo(random, 8) / 4 - 1 : toGrid(random() * 2 - 1);
  };
  const all = [...tokens];
  const evidence = Float64Array.from({ length: all.length * labels }, weight);
  const model = new NativeModel(
    {
      labels: Array.from({ length: labels }, (_, y) => `label ${y}`),
      vocabulary: vocabulary(kind, all),
      evidence,
      // A lead for one label, so that some texts survive.
      bias: Float64Array.from({ length: labels }, () => (random() < 0.4 ? upTo(random, 24) / 2 : weight())),
    },
    { name: "worded", sha256: "0".repeat(64) },
  );
  return { model, words: list };
}

const STRANGE = [
  "\u200B",
  "\u200D",
  "\uD83D",
  "\uDE00",
  "а",
  "Ｏ",
  "é",
  "ﬁ",
  "日",
  "\u0301",
  "$",
  "!",
  "👍",
  "\n",
  "ı",
];

function misspelt(random: Random, word: string): string {
  const at = upTo(random, word.length);
  const letter = pick(random, [..."abcdeilnorst"]);
  switch (upTo(random, 3)) {
    case 0:
      return word.slice(0, at) + word.slice(at + 1);
    case 1:
      return word.slice(0, at) + letter + word.slice(at);
    case 2:
      return word.slice(0, at) + letter + word.slice(at + 1);
    default:
      return word;
  }
}

/** A text of about `length` characters of the model's words, some misspelt, repeated, torn or joined by strange ones. */
export function wordedText(random: Random, words: readonly string[], length: number): string {
  const few = Array.from({ length: 4 }, () => pick(random, words));
  let text = "";
  while (text.length < length) {
    const word = random() < 0.3 ? pick(random, few) : pick(random, words);
    text += random() < 0.3 ? misspelt(random, word) : word;
    if (random() < 0.1) text += pick(random, STRANGE);
    if (random() < 0.05) text = `${text.slice(0, -1)}${pick(random, STRANGE)}`;
    text += random() < 0.85 ? " " : pick(random, ["", "  ", "   ", ". ", " - "]);
  }
  return text.slice(upTo(random, 3), length);
}

export function randomAlphabet(random: Random, model: NativeModel): Alphabet {
  const list = (name: string, characters: string) =>
    listAlphabet(
      name,
      [...characters].map((c) => c.codePointAt(0)!),
    );
  switch (upTo(random, 9)) {
    case 0:
    case 1:
    case 2:
      return unicodeAlphabet();
    case 3:
    case 4:
      return asciiAlphabet();
    case 5: {
      const used = new Set(model.vocabulary.tokens.flatMap((token) => [...token]));
      return list("model", `${SYMBOL_CHARACTERS.filter((c) => used.has(c)).join("")} `);
    }
    case 6:
      return list("no separator", "aenst");
    case 7:
      return list("only separators", " .");
    case 8:
      return list("nothing that is seen", "\u200B");
    default:
      return list("few", "e o$");
  }
}
