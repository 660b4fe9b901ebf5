import fc from "fast-check";
import {
  type Alphabet,
  alphabetDigestInput,
  asciiAlphabet,
  foldedAlphabet,
  listAlphabet,
  parseAlphabetFile,
  symbolAlphabet,
  unicodeAlphabet,
} from "../../src/edits/alphabet.js";
import { UserError } from "../../src/failure.js";
import { fold, foldCodePoint } from "../../src/text/fold.js";
import { NOTHING, OTHER, SEPARATOR, SYMBOL_COUNT, symbolOf } from "../../src/text/symbols.js";

const point = (s: string) => s.codePointAt(0)!;

describe.each<[string, Alphabet]>([
  ["unicode", unicodeAlphabet()],
  ["ascii", asciiAlphabet()],
  ["file:0", listAlphabet("file:0", [0x1f600, 0x61, 0x20, 0x61])],
])("%s", (name, alphabet) => {
  test("size, has and codePoints agree; ascending, no repeats, no surrogates", () => {
    let count = 0;
    let last = -1;
    let members = 0;
    for (const p of alphabet.codePoints()) {
      if (p <= last || !alphabet.has(p) || (p >= 0xd800 && p <= 0xdfff))
        throw new Error(`U+${p.toString(16)}`);
      last = p;
      count++;
    }
    for (let p = -1; p <= 0x110000; p++) if (alphabet.has(p)) members++;
    expect({ name: alphabet.name, count, members }).toEqual({
      name,
      count: alphabet.size,
      members: alphabet.size,
    });
    expect(alphabet.has(97.5)).toBe(false);
  });
});

test("the sizes that neighbour counts rest on", () => {
  expect(unicodeAlphabet().size).toBe(1_112_064);
  expect(asciiAlphabet().size).toBe(95);
  expect([..."\x1F\x7F"].some((c) => asciiAlphabet().has(point(c)))).toBe(false);
});

test.each([
  [[], "alphabet x: 0 code points; at least 1 is needed"],
  [[0xd800], "alphabet x: U+D800 is not allowed; allowed are U+0000..U+D7FF and U+E000..U+10FFFF"],
  [[0x110000], "U+110000 is not allowed"],
  [[-1], "-1 is not allowed"],
  [[1.5], "1.5 is not allowed"],
])("listAlphabet refuses %j", (points, message) => {
  expect(() => listAlphabet("x", points)).toThrow(UserError);
  expect(() => listAlphabet("x", points)).toThrow(message);
});

describe("alphabet files", () => {
  test.each([
    ["LF", "b\na\n", "ab"],
    ["CRLF, no end of line at the end", "b\r\n\r\na", "ab"],
    ["a byte order mark", "\uFEFFa\n", "a"],
    ["a line that holds just a space", "a\n \n", " a"],
    ["a space before CRLF", " \r\na", " a"],
    ["blank lines and repetitions", "\n\na\n\na\n", "a"],
    ["astral and combining characters", "😀\n\u0301\n", "\u0301😀"],
    ["a tab, a second byte order mark", "\t\n\uFEFF", "\t\uFEFF"],
  ])("%s", (_, file, expected) => {
    expect(parseAlphabetFile(file)).toEqual([...expected].map(point));
  });

  test.each([
    [
      "two characters",
      "a\nbc\n",
      'alphabet file, line 2: "bc" is 2 code points; allowed is exactly one Unicode char',
    ],
    ["two spaces", "  ", 'line 1: "  " is 2 code points'],
    ["a decomposed letter", "e\u0301", "is 2 code points"],
    ["a long line", `\n${"x".repeat(5000)}`, `line 2: "${"x".repeat(20)}"... is 5000 code points`],
    ["a lone surrogate", "a\r\n\uD800", "line 2: U+D800 is a lone surrogate; allowed is exactly one"],
    ["the empty file", "", "alphabet file: 0 characters in 1 lines; at least one line must hold a character"],
    ["only blank lines", "\r\n\n", "0 characters in 3 lines"],
  ])("%s is an error", (_, file, message) => {
    expect(() => parseAlphabetFile(file)).toThrow(UserError);
    expect(() => parseAlphabetFile(file)).toThrow(message);
  });

  test("what is hashed depends on the set alone", () => {
    expect(alphabetDigestInput(parseAlphabetFile("b\na\nb"))).toBe("[97,98]");
    expect(alphabetDigestInput([98, 97, 98])).toBe("[97,98]");
    expect(alphabetDigestInput([9, 10, 100])).toBe("[9,10,100]");
  });
});

test("the alphabet of a vocabulary is the printable characters of its symbols", () => {
  const mask = new Uint8Array(SYMBOL_COUNT);
  for (const symbol of [symbolOf("b"), symbolOf("0"), OTHER, SEPARATOR]) mask[symbol] = 1;
  const alphabet = symbolAlphabet(mask);
  expect(alphabet.name).toBe("model");
  expect([...alphabet.codePoints()]).toEqual([0x20, 0x30, 0x62, 0xfffd]);
  expect([...foldedAlphabet(alphabet).allowed]).toEqual([...mask]);
  expect(() => symbolAlphabet(new Uint8Array(3))).toThrow("mask of 3 symbols; allowed is 38");
});

describe("folded alphabets", () => {
  test.each([unicodeAlphabet(), asciiAlphabet()])(
    "$name has every symbol, shown in its plainest form",
    (alphabet) => {
      const { allowed, representative } = foldedAlphabet(alphabet);
      expect([...allowed]).toEqual(Array(SYMBOL_COUNT).fill(1));
      expect(String.fromCodePoint(...representative)).toBe("abcdefghijklmnopqrstuvwxyz0123456789$ ");
      expect(foldedAlphabet(alphabet)).toBe(foldedAlphabet(alphabet));
    },
  );

  test("allowed is the image of the alphabet, and representatives are its members and preimages", () => {
    const some = fc.oneof(
      fc.constantFrom(..."aA0$£ \n-éа\u200B😀".split("").map(point)),
      fc.integer({ min: 0, max: 0xd7ff }),
    );
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 8 }), (points) => {
        const alphabet = listAlphabet("x", points.filter((p) => p < 0xd800).concat(0x1f600));
        const image = new Set([...alphabet.codePoints()].map(foldCodePoint));
        const { allowed, representative } = foldedAlphabet(alphabet);
        for (let symbol = 0; symbol < SYMBOL_COUNT; symbol++) {
          const shown = representative[symbol]!;
          expect(allowed[symbol]).toBe(image.has(symbol) ? 1 : 0);
          expect(shown >= 0).toBe(image.has(symbol));
          if (shown >= 0) {
            expect(alphabet.has(shown)).toBe(true);
            expect([...fold(Uint32Array.of(shown)).symbols]).toEqual([symbol]);
          }
        }
      }),
    );
  });

  test.each([
    ["aAá", "a", "a"],
    ["áA", "a", "A"],
    ["\n-", " ", "-"],
    ["\n\t", " ", "\t"],
    ["😀£", "\uFFFD", "£"],
    ["日😀", "\uFFFD", "日"],
  ])("of %j, %j is shown as %j", (members, symbol, expected) => {
    const { representative } = foldedAlphabet(listAlphabet("x", [...members].map(point)));
    expect(String.fromCodePoint(representative[symbolOf(symbol)]!)).toBe(expected);
  });

  test("an alphabet of invisible characters allows nothing", () => {
    expect(foldCodePoint(0x200b)).toBe(NOTHING);
    expect(foldedAlphabet(listAlphabet("x", [0x200b])).allowed.some((a) => a !== 0)).toBe(false);
  });
});
