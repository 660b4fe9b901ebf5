/**
 * Tokenizers made for tests of reach: each is a few lines of plain code with one trap that real tokenizers have.
 * A token's id is the order in which its spelling was first seen.
 */
import type { Locality, Tokenizer } from "../../src/tokenizer/tokenizer.js";

interface Plain {
  readonly name: string;
  readonly locality: Locality;
  readonly split: (text: string) => readonly string[];
}

/** Pieces of at most `most` UTF-16 units. */
const chunks = (word: string, most: number): string[] => {
  const pieces: string[] = [];
  for (let i = 0; i < word.length; i += most) pieces.push(word.slice(i, i + most));
  return pieces;
};

const cutOut = (text: string, special: RegExp, rest: (part: string) => readonly string[]): string[] =>
  text.split(special).flatMap((part, i) => (i % 2 === 1 ? [part] : rest(part)));

const PLAIN: readonly Plain[] = [
  {
    name: "like BERT: lower case, no joiners, punctuation apart, [S] as it is typed",
    locality: { kind: "before-space", afterWord: false },
    split: (text) =>
      cutOut(text, /(\[S\])/, (part) =>
        [...part]
          .map((c) => c.toLowerCase())
          .join("")
          .normalize("NFD")
          .replace(/[\u0300-\u036f\u200d]/g, "")
          .split(/\s+|([[\].!])/)
          .filter((word) => word)
          .flatMap((word) => (word.length > 5 ? ["[UNK]"] : chunks(word, 2))),
      ),
  },
  {
    name: "like GPT-2: a space belongs to the word behind it, runs of white space are one token",
    locality: { kind: "before-space", afterWord: true },
    split: (text) => (text.match(/ ?[^\s]+|\s+(?!\S)|\s+/g) ?? []).flatMap((word) => chunks(word, 3)),
  },
  {
    name: "like T5: final sigma, runs of spaces made one, the whole text in chunks",
    locality: { kind: "none", why: "chunks" },
    split: (text) => cutOut(text.toLowerCase().replace(/ +/g, " "), /(<m>)/, (part) => chunks(part, 2)),
  },
];

export const tinyTokenizers = (): Tokenizer[] =>
  PLAIN.map(({ name, locality, split }) => {
    const known = new Map<string, number>();
    const spelled: string[] = [];
    const ids = (text: string): Int32Array =>
      Int32Array.from(split(text), (piece) => {
        let id = known.get(piece);
        if (id === undefined) {
          id = known.size;
          known.set(piece, id);
          spelled.push(piece);
        }
        return id;
      });
    return {
      name,
      size: 1 << 20,
      locality,
      ids,
      frame: (own) => own,
      encode: ids,
      most: Number.POSITIVE_INFINITY,
      token: (id) => spelled[id] ?? "",
      modelAlphabet: () => {
        throw new Error("has none");
      },
      representatives: (alphabet) => alphabet.codePoints(),
    };
  });
