/** Directed rounding against exact rational arithmetic on BigInt. */
import fc from "fast-check";
import {
  addDown,
  addUp,
  divideDown,
  divideUp,
  down,
  gammaUp,
  multiplyDown,
  multiplyUp,
  sqrtDown,
  sqrtUp,
  subtractDown,
  subtractUp,
  up,
} from "../../src/numeric/rounding.js";
import { compare, exact, type Rational, times } from "../oracle/rational.js";

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: -4, max: 4 }),
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2 ** -1074,
    -(2 ** -1074),
    2 ** -1022,
    Number.MAX_VALUE,
    1 + 2 ** -52,
    0.1,
    3,
  ),
  fc.integer({ min: -1000, max: 1000 }),
);

/** value >= truth, and the float64 below it isn't (a neighbour more is allowed where the exact error can't be had). */
function isTightUpper(value: number, truth: Rational, slack: number): boolean {
  if (value === Infinity)
    return compare(truth, exact(slack > 0 ? down(Number.MAX_VALUE) : Number.MAX_VALUE)) > 0;
  if (compare(exact(value), truth) < 0) return false;
  let below = value;
  for (let i = 0; i <= slack; i++) below = down(below);
  return below === -Infinity || compare(exact(below), truth) < 0;
}

const inRange = (x: number) => Math.abs(x) > 2 ** -880 && Math.abs(x) < 2 ** 980;
const negative = (x: Rational): Rational => ({ n: -x.n, d: x.d });

test("up is the next float64", () => {
  const bits = new DataView(new ArrayBuffer(8));
  fc.assert(
    fc.property(finite, (x) => {
      const next = up(x);
      expect(next).toBeGreaterThan(x);
      if (x !== 0 && next !== 0 && next !== Infinity) {
        bits.setFloat64(0, x);
        const before = bits.getBigInt64(0);
        bits.setFloat64(0, next);
        expect(bits.getBigInt64(0) - before).toBe(x > 0 ? 1n : -1n);
      }
      if (Number.isFinite(next)) expect(down(next)).toBe(x === 0 ? 0 : x);
    }),
    { numRuns: 5000 },
  );
  expect(up(0)).toBe(2 ** -1074);
  expect(up(-0)).toBe(2 ** -1074);
  expect(up(Number.MAX_VALUE)).toBe(Infinity);
  expect(up(-Infinity)).toBe(-Number.MAX_VALUE);
  expect(up(-(2 ** -1074))).toBe(-0);
});

test("sums and differences", () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const [x, y] = [exact(a), exact(b)];
      const sum = { n: x.n * y.d + y.n * x.d, d: x.d * y.d };
      const difference = { n: x.n * y.d - y.n * x.d, d: x.d * y.d };
      const slack = Math.abs(a) < 2 ** 1022 && Math.abs(b) < 2 ** 1022 ? 0 : 1;
      expect(isTightUpper(addUp(a, b), sum, slack)).toBe(true);
      expect(isTightUpper(-addDown(a, b), negative(sum), slack)).toBe(true);
      expect(isTightUpper(subtractUp(a, b), difference, slack)).toBe(true);
      expect(isTightUpper(-subtractDown(a, b), negative(difference), slack)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("products and quotients", () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const product = times(exact(a), exact(b));
      const slack = inRange(a) && inRange(b) && inRange(a * b) ? 0 : 1;
      expect(isTightUpper(multiplyUp(a, b), product, slack)).toBe(true);
      expect(isTightUpper(-multiplyDown(a, b), negative(product), slack)).toBe(true);
      if (b === 0) return;
      const [x, y] = [exact(a), exact(b)];
      const sign = y.n < 0n ? -1n : 1n;
      const quotient = { n: x.n * y.d * sign, d: x.d * y.n * sign };
      const loose = inRange(a) && inRange(b) && inRange(a / b) ? 0 : 1;
      expect(isTightUpper(divideUp(a, b), quotient, loose)).toBe(true);
      expect(isTightUpper(-divideDown(a, b), negative(quotient), loose)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("square roots", () => {
  fc.assert(
    fc.property(finite, (a) => {
      const x = Math.abs(a);
      const [upper, lower] = [sqrtUp(x), sqrtDown(x)];
      expect(compare(times(exact(upper), exact(upper)), exact(x))).toBeGreaterThanOrEqual(0);
      expect(compare(times(exact(lower), exact(lower)), exact(x))).toBeLessThanOrEqual(0);
      expect(upper).toBeLessThanOrEqual(up(lower));
    }),
    { numRuns: 5000 },
  );
  expect(sqrtUp(9)).toBe(3);
  expect(sqrtDown(9)).toBe(3);
});

test("what isn't known is infinite, never a finite number", () => {
  for (const bad of [addUp, subtractUp, multiplyUp, divideUp]) {
    expect(bad(Number.NaN, 1)).toBe(Infinity);
    expect(bad(1, Number.NaN)).toBe(Infinity);
  }
  expect(addUp(Infinity, -Infinity)).toBe(Infinity);
  expect(addDown(Infinity, -Infinity)).toBe(-Infinity);
  expect(multiplyUp(0, Infinity)).toBe(Infinity);
  expect(multiplyDown(0, Infinity)).toBe(-Infinity);
  expect(divideUp(1, 0)).toBe(Infinity);
  expect(divideDown(1, 0)).toBe(-Infinity);
  expect(sqrtUp(Number.NaN)).toBe(Infinity);
  expect(sqrtDown(Number.NaN)).toBe(0);
  expect(gammaUp(2 ** 53)).toBe(Infinity);
  expect(gammaUp(Number.NaN)).toBe(Infinity);
});
