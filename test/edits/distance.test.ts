import fc from "fast-check";
import { levenshtein, levenshteinWithin } from "../../src/edits/distance.js";
import { codePoints } from "../../src/text/code-points.js";
import { slowLevenshtein } from "../oracle/levenshtein.js";
import { text } from "../text/arbitraries.js";

const tiny = (maxLength: number) => fc.string({ unit: fc.constantFrom("a", "b", "😀", "\uD83D"), maxLength });

test.each([
  ["kitten", "sitting", 3],
  ["", "", 0],
  ["", "abc", 3],
  ["ab", "ba", 2],
  ["aaa", "aa", 1],
  ["😀", "😁", 1],
  ["😀", "\uD83D", 1],
  ["\uD83D", "\uDE00", 1],
  ["\uD83Da\uDE00", "😀", 3],
  ["é", "e\u0301", 2],
])("distance of %j and %j is %i", (a, b, expected) => {
  expect(levenshtein(a, b)).toBe(expected);
  expect(levenshteinWithin(a, b, expected)).toBe(expected);
});

test("equals the definition", () => {
  fc.assert(
    fc.property(tiny(6), tiny(6), (a, b) => {
      expect(levenshtein(a, b)).toBe(slowLevenshtein([...codePoints(a)], [...codePoints(b)]));
    }),
    { numRuns: 300 },
  );
});

test("within a limit: the distance up to the limit, null beyond", () => {
  const pair = fc.oneof(fc.tuple(tiny(25), tiny(25)), fc.tuple(text(15), text(15)));
  fc.assert(
    fc.property(pair, fc.nat({ max: 12 }), ([a, b], limit) => {
      const distance = levenshtein(a, b);
      expect(levenshteinWithin(a, b, limit)).toBe(distance <= limit ? distance : null);
      expect(levenshteinWithin(a, b, Number.POSITIVE_INFINITY)).toBe(distance);
    }),
    { numRuns: 2000 },
  );
});

test("strings, code points and plain numbers are the same to it", () => {
  expect(levenshtein(codePoints("a😀c"), "a😁c")).toBe(1);
  expect(levenshtein(Uint8Array.of(1, 2, 3), [1, 3])).toBe(1);
  expect(levenshteinWithin(Uint8Array.of(1, 2, 3), [1, 3], 1)).toBe(1);
});

test("a limit that is no number is refused", () => {
  expect(() => levenshteinWithin("a", "b", Number.NaN)).toThrow("limit NaN");
  expect(() => levenshteinWithin("a", "b", -1)).toThrow("limit -1");
});

test("a million characters with edits at both ends and in the middle", () => {
  const half = "lorem ipsum dolor ".repeat(27_778);
  const a = half + half;
  const b = `x${half}y${half.slice(0, -1)}`;
  expect(levenshteinWithin(a, b, 5)).toBe(3);
  expect(levenshteinWithin(a, b, 2)).toBeNull();
  expect(levenshtein(a, a)).toBe(0);
});
