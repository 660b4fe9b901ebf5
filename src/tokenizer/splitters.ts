/**
 * How the pre-tokenisers that drop white space sort single characters: pieces are runs of one kind.
 *
 * The classes are those of the expressions in @huggingface/tokenizers, where `\s` and `\w` are JavaScript's.
 */

/** White space: in no piece. */
export const DROPPED = 0;
/** A piece of its own. */
export const ALONE = 1;
export const WORD = 2;
/** In runs with its like, apart from words. */
export const SIGN = 3;

/** By type, the kind of a character (one code point). */
export const KIND_OF: Readonly<Record<string, (character: string) => number>> = {
  WhitespaceSplit: (character) => (/\s/.test(character) ? DROPPED : WORD),
  Whitespace: (character) => (/\s/.test(character) ? DROPPED : /\w/.test(character) ? WORD : SIGN),
  BertPreTokenizer: (character) =>
    /\s/.test(character) ? DROPPED : /[\p{P}!-/:-@[-`{-~]/u.test(character) ? ALONE : WORD,
};
