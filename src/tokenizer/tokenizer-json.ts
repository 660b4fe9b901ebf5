/**
 * A vocabulary as an ordinary tokenizer.json, for every library that reads them (Rust and JavaScript).
 *
 * Promise: for `words` and `pieces` the ids are those of the automaton over the fold, for every text. A `patterns`
 * vocabulary has overlapping tokens, which no tokenizer.json can say; there the ids are the text's symbols, 0..37,
 * and counting patterns among them is the model's first layer.
 *
 * The fold as replacements. One rule per symbol turns every other code point of that symbol into its printable
 * character, one removes what folds to nothing, and the last turns all but a..z, 0..9 and the space into U+FFFD.
 * Each printable character folds to its own symbol, so it stands in no other rule's class and no rule undoes another.
 * After them the code points left unchanged are printable characters and those of OTHER, which the last rule takes: lone
 * surrogates too, without naming them, which Rust couldn't read.
 *
 * Classes are listed code point by code point: \p{..} and \s mean different sets in different engines, and \x{..}
 * isn't JavaScript. ASCII is written \xHH, so nothing in a class is syntax but the range's "-".
 *
 * Words are WordPiece too: without "##" tokens it gives a word's own id or [UNK]. (JavaScript's WordLevel takes the
 * unknown token from tokenizer_config.json, where Python would make it a special token, matched in raw text.)
 * There are no added tokens, so a typed "[UNK]" is text like any other.
 */
import { foldCodePoint } from "../text/fold.js";
import { NOTHING, OTHER, SYMBOL_CHARACTERS, SYMBOL_COUNT } from "../text/symbols.js";
import { CONTINUATION, UNKNOWN_TOKEN, type Vocabulary } from "./vocabulary.js";

const CODE_POINTS = 0x110000;
/** Both libraries give up on longer words and call them unknown; no text has longer ones. */
const NO_WORD_LIMIT = 1e9;

/** The object to be written as tokenizer.json. */
export function tokenizerJson(vocabulary: Vocabulary): object {
  const patterns = vocabulary.kind === "patterns";
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: "Sequence", normalizers: foldRules() },
    pre_tokenizer: patterns
      ? { type: "Split", pattern: { Regex: "." }, behavior: "Isolated", invert: false }
      : { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: patterns ? { type: "Fuse" } : { type: "WordPiece", prefix: CONTINUATION, cleanup: false },
    model: patterns
      ? { type: "WordLevel", vocab: idsOf(SYMBOL_CHARACTERS), unk_token: SYMBOL_CHARACTERS[OTHER] }
      : {
          type: "WordPiece",
          unk_token: UNKNOWN_TOKEN,
          continuing_subword_prefix: CONTINUATION,
          max_input_chars_per_word: NO_WORD_LIMIT,
          vocab: idsOf(vocabulary.tokens),
        },
  };
}

/**
 * The object to be written as tokenizer_config.json. It names no special token, not even the unknown one: Python
 * would add it to the tokenizer, and then a typed "[UNK]" were no longer text.
 */
export function tokenizerConfigJson(): object {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    model_max_length: NO_WORD_LIMIT,
  };
}

function idsOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

interface Rule {
  readonly type: "Replace";
  readonly pattern: { readonly Regex: string };
  readonly content: string;
}

let rules: readonly Rule[] | undefined;

function foldRules(): readonly Rule[] {
  rules ??= makeFoldRules();
  return rules;
}

function makeFoldRules(): Rule[] {
  const classes = symbolClasses();
  const made: Rule[] = [];
  const add = (symbol: number, content: string) => {
    const members = classes.get(symbol);
    if (members !== undefined) made.push(replace(`[${members}]`, content));
  };
  add(NOTHING, "");
  for (let symbol = 0; symbol < SYMBOL_COUNT; symbol++)
    if (symbol !== OTHER) add(symbol, SYMBOL_CHARACTERS[symbol]!);
  made.push(replace("[^0-9a-z ]", SYMBOL_CHARACTERS[OTHER]!));
  return made;
}

function replace(regex: string, content: string): Rule {
  return { type: "Replace", pattern: { Regex: regex }, content };
}

/** By symbol, the members of a character class of all its code points but its own printable character. */
function symbolClasses(): Map<number, string> {
  const classes = new Map<number, string>();
  const own = new Set(SYMBOL_CHARACTERS.map((character) => character.codePointAt(0)!));
  for (let from = 0; from < CODE_POINTS; ) {
    const symbol = foldCodePoint(from);
    let to = from + 1;
    while (to < CODE_POINTS && !own.has(to) && !own.has(from) && foldCodePoint(to) === symbol) to++;
    if (symbol !== OTHER && !own.has(from))
      classes.set(symbol, (classes.get(symbol) ?? "") + member(from, to - 1));
    from = to;
  }
  return classes;
}

function member(first: number, last: number): string {
  if (first === last) return written(first);
  return `${written(first)}${last > first + 1 ? "-" : ""}${written(last)}`;
}

function written(point: number): string {
  return point < 0x80 ? `\\x${point.toString(16).padStart(2, "0")}` : String.fromCodePoint(point);
}
