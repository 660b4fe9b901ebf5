import fc from "fast-check";
import { codePointName, explicit, shorten, visible } from "../../src/report/visible.js";

test.each([
  ["plain text, ünïcode, 日本語, 🙂", "plain text, ünïcode, 日本語, 🙂"],
  ["a\nb\tc\r\nd", "a b c d"],
  ["zero\u200bwidth", "zero<U+200B>width"],
  ["\u001b[31mred\u0007", "<U+001B>[31mred<U+0007>"],
  ["\ud800x", "<U+D800>x"],
  ["right\u202eto left", "right<U+202E>to left"],
  ["", ""],
])("running text %j", (text, shown) => expect(visible(text)).toBe(shown));

test.each([
  ["x", "x"],
  [" ", " "],
  ["\n", "<U+000A>"],
  ["\u00a0", "<U+00A0>"],
  ["\u0301", "<U+0301>"],
  ["а", "а<U+0430>"],
  ["🙂", "🙂<U+1F642>"],
  ["\udfff", "<U+DFFF>"],
])("changed characters %j", (text, shown) => expect(explicit(text)).toBe(shown));

test("names of code points", () => {
  expect(["\0", "A", "\u200b", "\u{10ffff}"].map(codePointName)).toEqual([
    "U+0000",
    "U+0041",
    "U+200B",
    "U+10FFFF",
  ]);
});

test("shortening counts code points", () => {
  expect(shorten("abcdef", 6)).toBe("abcdef");
  expect(shorten("abcdef", 5)).toBe("abcd…");
  expect(shorten("🙂🙂🙂", 3)).toBe("🙂🙂🙂");
  expect(shorten("🙂🙂🙂", 2)).toBe("🙂…");
  expect(shorten("", 1)).toBe("");
});

test("nothing that steers a terminal gets through", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(explicit(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect([...shorten(text, 5)].length).toBeLessThanOrEqual(5);
    }),
  );
});
