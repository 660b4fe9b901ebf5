/**
 * What the certifier needs of a tokenizer, whatever its kind.
 *
 * `encode(text)` is the whole way from a text to what the model reads: `frame(ids(text))`. `ids` gives the tokens of
 * the text alone; `frame` cuts them to the model's length and puts the special tokens around them.
 *
 * Locality is a claim about `ids`, derived from the tokenizer's parts (never guessed from its output):
 *
 *     before-space:  for all texts A and B where B begins with U+0020 and, if `afterWord`, A is empty or ends in a
 *                    character that isn't white space (JavaScript's \s):  ids(A + B) = ids(A) ++ ids(B)
 *     none:          nothing is known; every changed text is tokenised whole.
 *
 * So an edit changes the tokens of the stretch between two cuts around it and of nothing else.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { Spelling } from "./spelling.js";

export type Locality =
  | { readonly kind: "before-space"; readonly afterWord: boolean }
  /** `why` names the part of the tokenizer that looks further than a word. */
  | { readonly kind: "none"; readonly why: string };

export interface Tokenizer {
  /** How the tokens are made, for people: `WordPiece`, `BPE`, `Unigram`, `words`, `pieces`, `patterns`. */
  readonly name: string;
  /** Token ids are below this. */
  readonly size: number;
  readonly locality: Locality;
  /** Tokens of the text alone: no special tokens around it, not cut. */
  ids(text: string): Int32Array;
  /** What the model reads for these tokens: cut to its length, special tokens around them. */
  frame(ids: Int32Array): Int32Array;
  /** `frame(ids(text))` */
  encode(text: string): Int32Array;
  /** How many of the text's own tokens the model reads at most; Infinity if it never cuts. */
  readonly most: number;
  /** The token as it is printed, e.g. `##ing`. */
  token(id: number): string;
  /** The alphabet called `model`: the characters that its tokens are spelled with. */
  modelAlphabet(): Alphabet;
  /**
   * Code points of the alphabet that stand for all of them: writing any other one gives the `ids` that writing one of
   * these in the same place gives, or that the text has with nothing written there. Where nothing is known, all.
   */
  representatives(alphabet: Alphabet): Iterable<number>;
  /** How tokens spell a text, where that is known: what supersets of reach are made from. */
  readonly spelling?: Spelling | undefined;
}

/** Whether `ids(text) = ids(text.slice(0, at)) ++ ids(text.slice(at))` is promised for this place (UTF-16 index). */
export function isCut(locality: Locality, text: string, at: number): boolean {
  if (at === 0 || at === text.length) return true;
  if (locality.kind === "none" || text.charCodeAt(at) !== 0x20) return false;
  return !locality.afterWord || !/\s/.test(text[at - 1]!);
}
