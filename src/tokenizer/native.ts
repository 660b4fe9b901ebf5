/**
 * The tokenizer of native models: fold, words, and the tokens of each word by an automaton.
 *
 * Locality: `before-space`, after anything. Proof. The fold maps one code point after the other and U+0020 to the
 * separator. The automaton closes a word at a separator exactly as at the end of the text and is back at its start
 * behind it. So for B beginning with U+0020 the tokens of A + B are those of A, then those of B.
 *
 * Representatives: one code point of the alphabet for each symbol that it can write. One that folds to the same symbol
 * gives the same symbols in its place. One that folds to nothing does, written in place of a character, what deleting
 * that character does, and inserted nothing at all; both are within the same number of edits, so it needs no stand-in.
 */
import { type Alphabet, foldedAlphabet, symbolAlphabet } from "../edits/alphabet.js";
import { fold } from "../text/fold.js";
import { SEPARATOR, SYMBOL_COUNT, WORD_SYMBOLS } from "../text/symbols.js";
import { listCell, stepCell } from "./automaton.js";
import { wordAutomaton } from "./build.js";
import { nativeSpelling } from "./native-spelling.js";
import type { Tokenizer } from "./tokenizer.js";
import { tokenShape, type Vocabulary } from "./vocabulary.js";

export function nativeTokenizer(vocabulary: Vocabulary): Tokenizer {
  const automaton = wordAutomaton(vocabulary);
  const ids = (text: string): Int32Array => {
    const { symbols } = fold(text);
    const found: number[] = [];
    let state = automaton.start;
    for (let i = 0; i <= symbols.length; i++) {
      const symbol = i === symbols.length ? SEPARATOR : symbols[i]!;
      if (symbol === SEPARATOR) {
        listCell(automaton, automaton.closeCell[state]!, found);
        state = automaton.start;
      } else {
        listCell(automaton, stepCell(automaton, state, symbol), found);
        state = automaton.next[state * WORD_SYMBOLS + symbol]!;
      }
    }
    return Int32Array.from(found);
  };
  return {
    name: vocabulary.kind,
    size: vocabulary.tokens.length,
    locality: { kind: "before-space", afterWord: false },
    ids,
    frame: (own) => own,
    encode: ids,
    most: Number.POSITIVE_INFINITY,
    token: (id) => vocabulary.tokens[id] ?? "",
    modelAlphabet: () => nativeAlphabet(vocabulary),
    representatives: (alphabet) => foldedAlphabet(alphabet).representative.filter((point) => point >= 0),
    spelling: nativeSpelling(vocabulary),
  };
}

/** What the tokens are spelled with, and the space between words. */
export function nativeAlphabet({ kind, tokens }: Vocabulary): Alphabet {
  const mask = new Uint8Array(SYMBOL_COUNT);
  mask[SEPARATOR] = 1;
  for (const token of tokens) for (const symbol of tokenShape(kind, token)?.symbols ?? []) mask[symbol] = 1;
  return symbolAlphabet(mask);
}
