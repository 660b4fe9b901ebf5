/**
 * The folded alphabet: the 38 symbols that texts are reduced to, as small integers.
 *
 * a..z = 0..25, digits 0..9 = 26..35, OTHER = 36 (any character that is neither), SEPARATOR = 37. The first
 * WORD_SYMBOLS of them make up words. NOTHING is not a symbol: it says that a code point leaves no trace.
 *
 * Each symbol has one printable character: itself for letters and digits, U+FFFD for OTHER, a space for the
 * separator. `symbolText` and `symbolsOf` are inverse to each other.
 */

export const OTHER = 36;
export const SEPARATOR = 37;
/** Symbols below this one make up words: letters, digits, OTHER. */
export const WORD_SYMBOLS = 37;
export const SYMBOL_COUNT = 38;
/** What a code point that leaves no symbol folds to. Never part of a sequence of symbols. */
export const NOTHING = 255;

/** The printable character of each symbol, by number. */
export const SYMBOL_CHARACTERS: readonly string[] = [..."abcdefghijklmnopqrstuvwxyz0123456789\uFFFD "];

/** The printable form of a sequence of symbols. */
export function symbolText(symbols: ArrayLike<number>): string {
  const characters: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const character = SYMBOL_CHARACTERS[symbols[i]!];
    if (character === undefined)
      throw new RangeError(`symbol ${symbols[i]}: allowed are 0..${SYMBOL_COUNT - 1}`);
    characters.push(character);
  }
  return characters.join("");
}

/** The symbol that `character` is the printable form of. */
export function symbolOf(character: string): number {
  const symbol = SYMBOL_CHARACTERS.indexOf(character);
  if (symbol < 0) {
    throw new RangeError(
      `${JSON.stringify(character)} is no symbol: allowed are a..z, 0..9, U+FFFD and a space`,
    );
  }
  return symbol;
}

/** The symbols of a text in printable form. For any other text use `fold`. */
export function symbolsOf(printable: string): Uint8Array {
  return Uint8Array.from([...printable], symbolOf);
}
