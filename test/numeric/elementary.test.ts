/** Enclosures of exp, log, tanh, erf and the logistic function against 200-digit evaluation in whole numbers. */
import fc from "fast-check";
import {
  chordUp,
  erf,
  erfOf,
  exp,
  expOf,
  logisticOf,
  logOf,
  tanh,
  tanhOf,
} from "../../src/numeric/elementary.js";
import type { Interval } from "../../src/numeric/interval.js";
import { up } from "../../src/numeric/rounding.js";
import * as high from "../oracle/high-precision.js";

const usual = fc.oneof(
  fc.double({ min: -30, max: 30, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -6.5, max: 6.5, noNaN: true }),
  fc.integer({ min: -40, max: 40 }),
  fc.constantFrom(
    0.25,
    -0.25,
    0.5,
    -0.5,
    1e-8,
    -1e-8,
    1e-17,
    2 ** -200,
    19.999,
    5.999,
    Math.log(2) / 2,
    Math.log(2),
  ),
);

function holds(value: Interval, truth: bigint): boolean {
  return high.fixed(value.lo) <= truth && truth <= high.fixed(value.hi);
}

/** How many float64 numbers wide. */
function units(value: Interval): number {
  let at = value.lo;
  let count = 0;
  while (at < value.hi && count < 10_000) {
    at = up(at);
    count++;
  }
  return count;
}

test.each([
  ["exp", expOf, high.exp, 16],
  ["tanh", tanhOf, high.tanh, 16],
  ["logistic", logisticOf, high.logistic, 16],
] as const)("%s holds the real value and is narrow", (_, enclosure, truth, widest) => {
  fc.assert(
    fc.property(usual, (x) => {
      const value = enclosure(x);
      expect(holds(value, truth(high.fixed(x)))).toBe(true);
      expect(units(value)).toBeLessThanOrEqual(widest);
    }),
    { numRuns: 400 },
  );
});

test("erf holds the real value and is narrow", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: -6.9, max: 6.9, noNaN: true }),
        fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
      ),
      (x) => {
        const value = erfOf(x);
        expect(holds(value, high.erf(high.fixed(x)))).toBe(true);
        expect(units(value)).toBeLessThanOrEqual(400);
      },
    ),
    { numRuns: 300 },
  );
});

test("exp over its whole range", () => {
  fc.assert(
    fc.property(fc.double({ min: -744, max: 709, noNaN: true }), (x) => {
      expect(holds(expOf(x), high.exp(high.fixed(x)))).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(expOf(0)).toEqual({ lo: 1, hi: 1 });
  expect(expOf(1000)).toEqual({ lo: Number.MAX_VALUE, hi: Infinity });
  expect(expOf(-1000)).toEqual({ lo: 0, hi: 2 ** -1074 });
  expect(expOf(Infinity).hi).toBe(Infinity);
  expect(expOf(-Infinity)).toEqual({ lo: 0, hi: 0 });
});

test("log is where exp says", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: 2 ** -1074, max: 1.7e308, noNaN: true }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
      ),
      (x) => {
        const value = logOf(x);
        const scaled = high.fixed(x);
        expect(high.exp(high.fixed(value.lo)) <= scaled).toBe(true);
        expect(high.exp(high.fixed(value.hi)) >= scaled).toBe(true);
        if (Math.abs(Math.log(x)) > 0.25 && x > 2 ** -900) expect(units(value)).toBeLessThanOrEqual(16);
      },
    ),
    { numRuns: 300 },
  );
  expect(logOf(1)).toEqual({ lo: 0, hi: 0 });
  expect(logOf(0)).toEqual({ lo: -Infinity, hi: -Infinity });
  expect(logOf(Number.NaN)).toEqual({ lo: -Infinity, hi: Infinity });
});

test("the constants of the file are what it says", () => {
  const [low, high2] = [1.9082149292705877e-10, 0.6931471803691238];
  const rest = high.log2() - high.fixed(high2);
  expect(high.fixed(low) - high.fixed(2 ** -84) < rest && rest < high.fixed(low) + high.fixed(2 ** -84)).toBe(
    true,
  );
  expect(Number.isInteger(high2 * 2 ** 32)).toBe(true);
  const near = 1.1283791670955126;
  expect(high.fixed(near) - high.fixed(2 ** -53) < high.twoOverRootPi).toBe(true);
  expect(high.twoOverRootPi < high.fixed(near) + high.fixed(2 ** -53)).toBe(true);
});

test("intervals of arguments", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (lo, width, t) => {
        const x = { lo, hi: lo + width };
        const inside = Math.min(x.hi, Math.max(x.lo, lo + width * t));
        expect(holds(exp(x), high.exp(high.fixed(inside)))).toBe(true);
        expect(holds(tanh(x), high.tanh(high.fixed(inside)))).toBe(true);
        expect(holds(erf(x), high.erf(high.fixed(inside)))).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test("what isn't a number gives the function's whole range", () => {
  expect(expOf(Number.NaN)).toEqual({ lo: 0, hi: Infinity });
  for (const f of [tanhOf, erfOf]) {
    expect(f(Number.NaN)).toEqual({ lo: -1, hi: 1 });
    expect(f(Infinity)).toEqual({ lo: 1 - 2 ** -53, hi: 1 });
    expect(f(-Infinity)).toEqual({ lo: -1, hi: 2 ** -53 - 1 });
    expect(f(1e-320).hi).toBeGreaterThanOrEqual(1e-320);
  }
  expect(logisticOf(Number.NaN)).toEqual({ lo: 0, hi: 1 });
});

test("Math.exp, tanh and log of this engine are within two units of the enclosures' ends", () => {
  // What the float64 forward uses; its own error is charged by whoever certifies it.
  fc.assert(
    fc.property(usual, (x) => {
      for (const [value, own] of [
        [expOf(x), Math.exp(x)],
        [tanhOf(x), Math.tanh(x)],
      ] as const) {
        const room = Math.abs(own) * 2 ** -51;
        expect(own).toBeGreaterThanOrEqual(value.lo - room);
        expect(own).toBeLessThanOrEqual(value.hi + room);
      }
    }),
    { numRuns: 1000 },
  );
});

test("the chord: 2 sin(asin(t) / 2) from above", () => {
  for (let i = 0; i < 1000; i++) {
    const t = i / 1000;
    const truth = 2 * Math.sin(Math.asin(t) / 2);
    expect(chordUp(t)).toBeGreaterThanOrEqual(truth * (1 - 2 ** -51));
    expect(chordUp(t)).toBeLessThanOrEqual(truth * (1 + 1e-14));
    // Exactly: chord^2 (4 - chord^2) >= 4 t^2, an identity that needs no sine.
    const [c, f] = [high.fixed(chordUp(t)), high.fixed(t)];
    expect(high.times(high.times(c, c), high.fixed(4) - high.times(c, c)) >= 4n * high.times(f, f)).toBe(
      true,
    );
  }
  expect(chordUp(1)).toBe(2);
  expect(chordUp(Number.NaN)).toBe(2);
});
