import fc from "fast-check";
import { foldedAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import { type FoldedEdit, replay } from "../../src/edits/replay.js";
import { codePoints, fromCodePoints, roundTrips } from "../../src/text/code-points.js";
import { fold } from "../../src/text/fold.js";
import { SYMBOL_COUNT, symbolOf, symbolText } from "../../src/text/symbols.js";
import { text } from "../text/arbitraries.js";

const alphabets = ["abc", "Zé1 $", "аО٣\u200B😀"]
  .map((s) => listAlphabet(s, codePoints(s)))
  .concat(unicodeAlphabet());

/** What stands between the symbols: insertions before each, and what becomes of it. */
const plan = fc.array(
  fc.record({
    skip: fc.nat({ max: 3 }),
    kind: fc.constantFrom("delete", "substitute", "insert"),
    pick: fc.nat(),
  }),
  { maxLength: 5 },
);

test("lifting: edits of symbols replay on the text with as many edits of the alphabet's code points", () => {
  fc.assert(
    fc.property(text(), fc.constantFrom(...alphabets), plan, (s, alphabet, steps) => {
      const folded = fold(s);
      const { allowed, representative } = foldedAlphabet(alphabet);
      const writable = [...Array(SYMBOL_COUNT).keys()].filter((symbol) => allowed[symbol] === 1);
      const target: number[] = [];
      const edits: FoldedEdit[] = [];
      let at = 0;
      const copy = (end: number) => {
        while (at < Math.min(end, folded.symbols.length)) target.push(folded.symbols[at++]!);
      };
      for (const { skip, kind, pick } of steps) {
        copy(at + skip);
        const symbol = writable[pick % writable.length]!;
        if (kind === "insert") edits.push({ kind, at, symbol });
        else if (at === folded.symbols.length) continue;
        else if (kind === "delete") edits.push({ kind, at });
        else edits.push({ kind: "substitute", at, symbol });
        if (kind !== "delete") target.push(symbol);
        if (kind !== "insert") at++;
      }
      copy(folded.symbols.length);

      const points = replay(folded, edits, representative);
      expect(symbolText(fold(points).symbols)).toBe(symbolText(target));
      expect(levenshtein(folded.points, points)).toBeLessThanOrEqual(edits.length);
      const own = new Set(folded.points);
      expect([...points].filter((p) => !own.has(p) && !alphabet.has(p))).toEqual([]);
      if (roundTrips(points)) {
        expect(symbolText(fold(fromCodePoints(points)).symbols)).toBe(symbolText(target));
      }
    }),
    { numRuns: 1000 },
  );
});

describe("where the edits go when code points give nothing", () => {
  const { representative } = foldedAlphabet(unicodeAlphabet());
  const x = symbolOf("x");
  const hidden = "\u200Ba\u0301\u200Bb\u200B";
  test.each<[string, FoldedEdit[], string]>([
    ["no edit", [], hidden],
    ["insert before the first symbol", [{ kind: "insert", at: 0, symbol: x }], "\u200Bxa\u0301\u200Bb\u200B"],
    ["insert before the second", [{ kind: "insert", at: 1, symbol: x }], "\u200Ba\u0301\u200Bxb\u200B"],
    ["insert at the end", [{ kind: "insert", at: 2, symbol: x }], `${hidden}x`],
    ["delete", [{ kind: "delete", at: 0 }], "\u200B\u0301\u200Bb\u200B"],
    ["substitute", [{ kind: "substitute", at: 1, symbol: x }], "\u200Ba\u0301\u200Bx\u200B"],
  ])("%s", (_, edits, expected) => {
    expect(fromCodePoints(replay(fold(hidden), edits, representative))).toBe(expected);
  });

  test("into the empty text", () => {
    const edits: FoldedEdit[] = [..."hi"].map((c) => ({ kind: "insert", at: 0, symbol: symbolOf(c) }));
    expect(fromCodePoints(replay(fold(""), edits, representative))).toBe("hi");
  });
});

test("edits out of order, out of range or beyond the alphabet are refused", () => {
  const folded = fold("ab");
  const { representative } = foldedAlphabet(listAlphabet("x", [0x61]));
  const twice: FoldedEdit[] = [
    { kind: "delete", at: 1 },
    { kind: "delete", at: 1 },
  ];
  expect(() => replay(folded, twice, representative)).toThrow("delete at symbol 1: allowed are 2..1");
  expect(() => replay(folded, [{ kind: "delete", at: 2 }], representative)).toThrow("allowed are 0..1");
  expect(() => replay(folded, [{ kind: "insert", at: 0, symbol: 1 }], representative)).toThrow(
    "can't write it",
  );
});
