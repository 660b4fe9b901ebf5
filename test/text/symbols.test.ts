import {
  OTHER,
  SEPARATOR,
  SYMBOL_CHARACTERS,
  SYMBOL_COUNT,
  symbolOf,
  symbolsOf,
  symbolText,
  WORD_SYMBOLS,
} from "../../src/text/symbols.js";

test("the numbers that models and certificates rely on", () => {
  expect([OTHER, SEPARATOR, WORD_SYMBOLS, SYMBOL_COUNT]).toEqual([36, 37, 37, 38]);
  expect(SYMBOL_CHARACTERS).toHaveLength(SYMBOL_COUNT);
  expect([..."az09\uFFFD "].map(symbolOf)).toEqual([0, 25, 26, 35, OTHER, SEPARATOR]);
});

test("symbolText and symbolsOf are inverse", () => {
  const all = Array.from({ length: SYMBOL_COUNT }, (_, symbol) => symbol);
  expect([...symbolsOf(symbolText(all))]).toEqual(all);
  expect(symbolText([])).toBe("");
});

test("what is no symbol is refused with the value", () => {
  expect(() => symbolOf("A")).toThrow('"A" is no symbol: allowed are a..z, 0..9, U+FFFD and a space');
  expect(() => symbolsOf("ab-")).toThrow('"-"');
  expect(() => symbolText([38])).toThrow("symbol 38: allowed are 0..37");
  expect(() => symbolText([255])).toThrow("symbol 255");
});
