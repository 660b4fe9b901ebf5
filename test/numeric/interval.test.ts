/** Interval arithmetic: the results of numbers in the arguments lie in the result, in exact arithmetic. */
import fc from "fast-check";
import * as iv from "../../src/numeric/interval.js";
import { compare, exact, type Rational, sum, times } from "../oracle/rational.js";

const finite = fc.oneof(
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
/** An interval and a number in it. */
const case_ = fc.tuple(finite, finite, finite).map((values) => {
  const [lo, x, hi] = values.sort((a, b) => a - b) as [number, number, number];
  return { interval: { lo, hi }, x };
});

function holds(interval: iv.Interval, truth: Rational): boolean {
  return (
    (interval.lo === -Infinity || compare(exact(interval.lo), truth) <= 0) &&
    (interval.hi === Infinity || compare(truth, exact(interval.hi)) <= 0)
  );
}

test("sums, differences, products, quotients, squares", () => {
  fc.assert(
    fc.property(case_, case_, (a, b) => {
      const [x, y] = [exact(a.x), exact(b.x)];
      const minus = (v: Rational) => ({ n: -v.n, d: v.d });
      expect(holds(iv.add(a.interval, b.interval), sum(x, y))).toBe(true);
      expect(holds(iv.subtract(a.interval, b.interval), sum(x, minus(y)))).toBe(true);
      expect(holds(iv.multiply(a.interval, b.interval), times(x, y))).toBe(true);
      expect(holds(iv.negate(a.interval), minus(x))).toBe(true);
      expect(holds(iv.square(a.interval), times(x, x))).toBe(true);
      expect(iv.square(a.interval).lo).toBeGreaterThanOrEqual(0);
      expect(holds(iv.absolute(a.interval), x.n < 0n ? minus(x) : x)).toBe(true);
      expect(iv.contains(iv.hull(a.interval, b.interval), a.x)).toBe(true);
      if (y.n !== 0n) {
        const quotient = y.n > 0n ? { n: x.n * y.d, d: x.d * y.n } : { n: -x.n * y.d, d: -x.d * y.n };
        expect(holds(iv.divide(a.interval, b.interval), quotient)).toBe(true);
      }
      if (x.n >= 0n) {
        const roots = iv.sqrt(a.interval);
        expect(compare(times(exact(roots.lo), exact(roots.lo)), x)).toBeLessThanOrEqual(0);
        if (roots.hi < Infinity)
          expect(compare(times(exact(roots.hi), exact(roots.hi)), x)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 2000 },
  );
});

test("numbers stay numbers, and what isn't known is the whole line", () => {
  const two = iv.interval(2);
  expect(iv.add(two, two)).toEqual({ lo: 4, hi: 4 });
  expect(iv.multiply(two, iv.interval(-3, 1))).toEqual({ lo: -6, hi: 2 });
  expect(iv.divide(two, iv.interval(-1, 1))).toEqual(iv.WHOLE);
  expect(iv.interval(Number.NaN)).toEqual(iv.WHOLE);
  expect(iv.interval(1, Number.NaN)).toEqual(iv.WHOLE);
  expect(iv.multiply(iv.interval(0), iv.WHOLE)).toEqual(iv.WHOLE);
  expect(iv.subtract(iv.WHOLE, iv.WHOLE)).toEqual(iv.WHOLE);
  expect(iv.sqrt(iv.interval(-1, 4))).toEqual({ lo: 0, hi: 2 });
});
