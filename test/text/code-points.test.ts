import fc from "fast-check";
import { codePoints, fromCodePoints, roundTrips } from "../../src/text/code-points.js";
import { text } from "./arbitraries.js";

test("codePoints is what iterating over the string gives", () => {
  fc.assert(
    fc.property(text(), (s) => {
      expect([...codePoints(s)]).toEqual([...s].map((c) => c.codePointAt(0)));
    }),
  );
});

test("every string survives the round trip", () => {
  fc.assert(
    fc.property(text(), (s) => {
      expect(fromCodePoints(codePoints(s))).toBe(s);
      expect(roundTrips(codePoints(s))).toBe(true);
    }),
  );
});

test("roundTrips says of any sequence whether it survives as a string", () => {
  const point = fc.constantFrom(0x61, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0x1f600);
  fc.assert(
    fc.property(fc.array(point, { maxLength: 6 }), (points) => {
      const back = [...codePoints(fromCodePoints(points))];
      expect(roundTrips(points)).toBe(back.length === points.length && back.every((p, i) => p === points[i]));
    }),
  );
});

test("a million code points, astral ones across every chunk border", () => {
  const long = "a😀".repeat(500_000);
  const points = codePoints(long);
  expect(points.length).toBe(1_000_000);
  expect(fromCodePoints(points) === long).toBe(true);
});

test("what is no code point is refused", () => {
  expect(() => fromCodePoints([0x110000])).toThrow(RangeError);
});
