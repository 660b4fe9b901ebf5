/** Sums, inner products and norms of vectors from above, against exact arithmetic. */
import fc from "fast-check";
import {
  dotDown,
  dotUp,
  l1NormUp,
  l2NormUp,
  linfNormUp,
  powerBelow,
  sumDown,
  sumUp,
} from "../../src/numeric/sums.js";
import { compare, exact, sum, times } from "../oracle/rational.js";

const entry = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1e20, max: 1e20, noNaN: true }),
  fc.constantFrom(0, 2 ** -1074, -(2 ** -1074), 1e-200, 1e-160, 1, -1),
);
const vector = fc.array(entry, { maxLength: 12 });
const zero = { n: 0n, d: 1n };

test("sums and inner products: on the right side of the exact value, and close", () => {
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      const n = Math.min(a.length, b.length);
      const [x, y] = [a.slice(0, n), b.slice(0, n)];
      const total = x.map(exact).reduce(sum, zero);
      expect(compare(exact(sumUp(x)), total)).toBeGreaterThanOrEqual(0);
      expect(compare(exact(sumDown(x)), total)).toBeLessThanOrEqual(0);
      const inner = x.map((v, i) => times(exact(v), exact(y[i]!))).reduce(sum, zero);
      expect(compare(exact(dotUp(x, y)), inner)).toBeGreaterThanOrEqual(0);
      expect(compare(exact(dotDown(x, y)), inner)).toBeLessThanOrEqual(0);
      const size = x.reduce((s, v, i) => s + Math.abs(v * y[i]!), 0);
      expect(dotUp(x, y) - dotDown(x, y)).toBeLessThanOrEqual(size * 1e-14 + 2 ** -1060);
    }),
    { numRuns: 2000 },
  );
});

test("norms: not below the exact value, and close", () => {
  fc.assert(
    fc.property(vector, fc.constantFrom(1, 2 ** 900, 2 ** -900, 2 ** -1040), (a, scale) => {
      const x = a.map((v) => v * scale);
      const sizes = x.map((v) => exact(Math.abs(v)));
      expect(compare(exact(l1NormUp(x)), sizes.reduce(sum, zero))).toBeGreaterThanOrEqual(0);
      const l2 = l2NormUp(x);
      const square = sizes.map((v) => times(v, v)).reduce(sum, zero);
      expect(compare(times(exact(l2), exact(l2)), square)).toBeGreaterThanOrEqual(0);
      const tighter = exact(l2 * (1 - 1e-13) - 2 ** -1073);
      if (l2 > 2 ** -1072) expect(compare(times(tighter, tighter), square)).toBeLessThanOrEqual(0);
      expect(linfNormUp(x)).toBe(Math.max(0, ...x.map(Math.abs)));
    }),
    { numRuns: 2000 },
  );
  expect(l2NormUp([3, 4])).toBeLessThanOrEqual(5 * (1 + 1e-14));
});

test("what isn't finite has no finite norm or sum from above", () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    for (const norm of [l1NormUp, l2NormUp, linfNormUp]) {
      expect(norm([1, bad])).toBe(Infinity);
      expect(norm([bad, 1])).toBe(Infinity);
    }
  }
  expect(sumUp([Number.NaN])).toBe(Infinity);
  expect(sumUp([Number.NaN, 1, 2])).toBe(Infinity);
  expect(sumDown([1, Number.NaN])).toBe(-Infinity);
  expect(dotDown([Number.NaN], [1])).toBe(-Infinity);
  expect(l2NormUp([Number.MAX_VALUE, Number.MAX_VALUE])).toBe(Infinity);
  for (const norm of [l1NormUp, l2NormUp, linfNormUp, sumUp]) expect(norm([])).toBe(0);
});

test("the power of two below", () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -1074, max: Number.MAX_VALUE, noNaN: true }), (x) => {
      const power = powerBelow(x);
      expect(power).toBeLessThanOrEqual(x);
      expect(x - power).toBeLessThan(power);
      expect(Number.isInteger(Math.log2(power))).toBe(true);
    }),
  );
});
