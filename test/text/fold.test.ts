import fc from "fast-check";
import { levenshtein } from "../../src/edits/distance.js";
import { codePoints, fromCodePoints } from "../../src/text/code-points.js";
import { fold, foldCodePoint } from "../../src/text/fold.js";
import { NOTHING, symbolText } from "../../src/text/symbols.js";
import { character, text } from "./arbitraries.js";

/** The fold in printable form. */
const show = (s: string) => symbolText(fold(s).symbols);

describe("what folds to what", () => {
  test.each([
    ["plain text", "Hello, World! 42", "hello  world  42"],
    ["all other ASCII", "\0\t\n\r!\"#%&'()*+,-./:;<=>?@[\\]^_`{|}~\x7f", " ".repeat(36)],
    ["currency", "$£€¢₿＄", "\uFFFD".repeat(6)],
    ["Cyrillic for Latin", "раураl", "paypal"],
    ["Cyrillic capitals", "АВСЕНІЈКМОРЅТУХ", "abcehijkmopstyx"],
    ["more Cyrillic", "ԁһӏкмтвн", "dhlkmtbh"],
    ["Greek for Latin", "αονρτυικχ ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aovptuikx abezhikmnoptyx"],
    ["accents, composed", "Crème Brûlée Ångström", "creme brulee angstrom"],
    ["accents, decomposed", "cafe\u0301", "cafe"],
    ["full width", "ＦＲＥＥ　９９！", "free 99 "],
    ["mathematical bold", "𝐅𝐫𝐞𝐞 𝟗𝟗", "free 99"],
    ["circled, squared, super- and subscript", "Ⓕⓡ🄴🅴 ①²₃", "free 123"],
    ["flags and parenthesised letters", "🇫🇷⒠⒠", "free"],
    ["small capitals", "ꜰʀᴇᴇ", "free"],
    [
      "letters with strokes and ligature letters",
      "ßẞ æÆ œŒ øØ đĐ ħĦ łŁ þÞ ðÐ ŋŊ ſ",
      "ss aa oo oo dd hh ll pp dd nn s",
    ],
    ["dotted and dotless i, Kelvin sign", "İıIi K", "iiii k"],
    ["digits of other scripts keep their value", "٣٤٥ ৪ १२३ ௧", "345 4 123 1"],
    [
      "nothing to see",
      "f\u200Br\u00ADe\u034Fe\u2060\u202E\uFE0F\u3164\u115F\u1160\uFFA0\uFEFF\u{E0061}",
      "free",
    ],
    [
      "punctuation and spaces of all kinds",
      "“a”—b…c·d\u00A0e\u2003f\u3000g\u2028h«i»×",
      " a  b c d e f g h i x",
    ],
    ["apostrophes", "don't don’t don´t donʼt don`t", "don t don t don t don t don t"],
    ["mathematical operators", "a±b÷c≠d", "a b c d"],
    ["other letters, emoji, fractions", "日한ж👩💻½ﬁ㎏™", "\uFFFD".repeat(9)],
    [
      "surrogates, private use, unassigned, U+FFFD",
      "\uD800a\uDC00\uE000\u0378\u{10FFFF}\uFFFD",
      "\uFFFDa".padEnd(7, "\uFFFD"),
    ],
    ["the empty text", "", ""],
    ["a text of nothing", "\u200B\u0301", ""],
  ])("%s", (_, input, expected) => {
    expect(show(input)).toBe(expected);
  });
});

describe("laws", () => {
  test("one code point gives at most one symbol, and source says which", () => {
    fc.assert(
      fc.property(text(), (s) => {
        const { symbols, source, points } = fold(s);
        expect([...points]).toEqual([...codePoints(s)]);
        expect(source.length).toBe(symbols.length);
        const visible = [...points.keys()].filter((i) => foldCodePoint(points[i]!) !== NOTHING);
        expect([...source]).toEqual(visible);
        expect([...symbols]).toEqual(visible.map((i) => foldCodePoint(points[i]!)));
      }),
    );
  });

  test("no code point looks at its neighbours: the fold of a joined text is the joined fold", () => {
    fc.assert(
      fc.property(fc.array(character, { maxLength: 10 }), (parts) => {
        const points = Uint32Array.from(parts, (c) => c.codePointAt(0)!);
        expect([...fold(points).symbols]).toEqual(parts.flatMap((c) => [...fold(c).symbols]));
      }),
    );
  });

  test("contraction: the fold never makes two texts more different", () => {
    const edit = fc.record({ kind: fc.constantFrom(0, 1, 2), at: fc.nat(), by: character });
    fc.assert(
      fc.property(text(), fc.array(edit, { maxLength: 4 }), (s, edits) => {
        const points = [...codePoints(s)];
        for (const { kind, at, by } of edits) {
          const point = by.codePointAt(0)!;
          if (kind === 0) points.splice(at % (points.length + 1), 0, point);
          else if (points.length > 0) points.splice(at % points.length, 1, ...(kind === 1 ? [point] : []));
        }
        const t = fromCodePoints(points);
        const distance = levenshtein(s, t);
        expect(levenshtein(fold(s).symbols, fold(t).symbols)).toBeLessThanOrEqual(distance);
      }),
      { numRuns: 1000 },
    );
  });

  test("contraction on unrelated texts", () => {
    fc.assert(
      fc.property(text(6), text(6), (s, t) => {
        expect(levenshtein(fold(s).symbols, fold(t).symbols)).toBeLessThanOrEqual(levenshtein(s, t));
      }),
      { numRuns: 500 },
    );
  });

  test("idempotence: the printable form folds to itself", () => {
    fc.assert(
      fc.property(text(), (s) => {
        expect(show(show(s))).toBe(show(s));
      }),
    );
    const everySymbol = symbolText([...Array(38).keys()]);
    expect(show(everySymbol)).toBe(everySymbol);
  });
});

describe("traps", () => {
  test("trap 3: special tokens typed in the text are ordinary words", () => {
    expect(show("[SEP] <mask> </s> <|endoftext|> [UNK]")).toBe(" sep   mask    s    endoftext    unk ");
    // No spelling of the brackets reaches the tokenizer as anything but a separator.
    for (const typed of ["(sep)", "［ＳＥＰ］", "<SEP>", "❲sep❳"]) expect(show(typed)).toBe(show("[SEP]"));
  });

  test("trap 4: final sigma doesn't depend on what follows, as it does in toLowerCase", () => {
    expect("ΑΣ".toLowerCase().at(1)).not.toBe("ΑΣΑ".toLowerCase().at(1));
    expect(show("ΑΣΑ").slice(0, 2)).toBe(show("ΑΣ"));
  });

  test.each([
    ["U+0130, two code points in toLowerCase", "İ", (s: string) => s.toLowerCase()],
    ["a ligature, two letters in NFKD", "ﬁ", (s: string) => s.normalize("NFKD")],
    ["a Hangul syllable, three jamo in NFD", "각", (s: string) => s.normalize("NFD")],
    ["sharp s, two letters in toUpperCase", "ß", (s: string) => s.toUpperCase()],
    ["U+FDFA, eighteen letters in NFKD", "ﷺ", (s: string) => s.normalize("NFKD")],
  ])("trap 4: one code point stays one symbol: %s", (_, s, usual) => {
    expect([...usual(s)].length).toBeGreaterThan(1);
    expect(show(s)).toHaveLength(1);
  });

  test("trap 9: a hundred thousand characters", () => {
    const { symbols, source } = fold("É\u200B".repeat(50_000));
    expect(symbols.length).toBe(50_000);
    expect(symbols.every((symbol) => symbol === 4)).toBe(true);
    expect(source[49_999]).toBe(99_998);
  });
});
