/** Slopes of activations: every secant of the real function lies in the range given, and the range is no wider than it must be. */
import fc from "fast-check";
import type { ActivationName } from "../../src/layers/activation.js";
import { activationFunction } from "../../src/layers/activation.js";
import { slopeRange } from "../../src/layers/activation-bound.js";
import { globalSlopes, slopesOn } from "../../src/layers/slopes.js";
import { ACTIVATIONS } from "../oracle/layer-cases.js";

/** What a secant of the computed function may be off by: values are right to about 2^-44 of their size. */
const secant = (name: ActivationName, x: number, y: number) => {
  const f = activationFunction(name);
  const slack = (2 ** -44 * (1 + Math.abs(f(x)) + Math.abs(f(y)))) / Math.abs(y - x);
  return { slope: (f(y) - f(x)) / (y - x), slack };
};

test.each(ACTIVATIONS)("%s: no secant is outside of the range of its interval", (name) => {
  const number = fc.oneof(
    fc.double({ min: -6, max: 6, noNaN: true }),
    fc.double({ min: -40, max: 40, noNaN: true }),
    fc.constantFrom(
      0,
      -0,
      Math.SQRT2,
      -Math.SQRT2,
      2.3993572805154675,
      1.490571179485429,
      -2.256376396360793,
    ),
  );
  fc.assert(
    fc.property(
      number,
      fc.double({ min: 1e-4, max: 8, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (low, width, s, t) => {
        const [x, y] = [low + width * Math.min(s, t), low + width * Math.max(s, t)];
        if (y - x < 1e-5) return;
        const { least, most } = slopesOn(name, low, low + width);
        const { slope, slack } = secant(name, x, y);
        expect(slope).toBeLessThanOrEqual(most + slack);
        expect(slope).toBeGreaterThanOrEqual(least - slack);
      },
    ),
    { numRuns: 3000, seed: 5 },
  );
});

test.each(ACTIVATIONS)(
  "%s: the range everywhere is reached to five digits, and holds on a fine grid",
  (name) => {
    const { least, most } = globalSlopes(name);
    let [low, high] = [Infinity, -Infinity];
    for (let k = -20 * 512; k < 20 * 512; k++) {
      const { slope } = secant(name, k / 512, (k + 1) / 512);
      low = Math.min(low, slope);
      high = Math.max(high, slope);
    }
    expect(high).toBeLessThanOrEqual(most + 1e-10);
    expect(low).toBeGreaterThanOrEqual(least - 1e-10);
    expect(most - high).toBeLessThan(3e-5);
    expect(low - least).toBeLessThan(3e-5);
  },
);

test("trap 5: GELU and SiLU exceed slope 1 where they do, and below it elsewhere", () => {
  expect(globalSlopes("gelu")).toEqual({ least: -0.12891, most: 1.12891 });
  expect(globalSlopes("gelu-tanh")).toEqual({ least: -0.129, most: 1.129 });
  expect(globalSlopes("silu")).toEqual({ least: -0.09984, most: 1.09984 });
  expect(slopesOn("gelu", 1, 2).most).toBeGreaterThan(1.1289);
  expect(slopesOn("silu", 2, 3).most).toBeGreaterThan(1.09983);
  expect(slopesOn("gelu", -1, 0.1).most).toBeLessThan(0.6);
  expect(slopesOn("silu", 8, 9).most).toBeLessThan(1.01);
});

test("infinite and undefined ends give what holds everywhere", () => {
  for (const name of ACTIVATIONS) {
    for (const [low, high] of [
      [-Infinity, Infinity],
      [Number.NaN, 1],
      [0, Number.NaN],
    ] as const) {
      const { least, most } = slopesOn(name, low, high);
      const all = globalSlopes(name);
      expect(least).toBeLessThanOrEqual(all.least + 1e-4);
      expect(most).toBeGreaterThanOrEqual(all.most - 1e-4);
    }
    expect(slopesOn(name, 1e300, 1e308).most).toBeGreaterThanOrEqual(slopesOn(name, 1e300, 1e308).least);
  }
});

test("ReLU's secants from a point are sharper than its slopes, and none is outside", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (z, width, t) => {
        const { middle, spread } = slopeRange("relu", Float64Array.of(z), Float64Array.of(width), true);
        const step = width * t;
        if (Math.abs(step) < 1e-6) return;
        const slope = (Math.max(0, z + step) - Math.max(0, z)) / (z + step - z);
        expect(slope).toBeLessThanOrEqual(middle[0]! + spread[0]! + 1e-9);
        expect(slope).toBeGreaterThanOrEqual(middle[0]! - spread[0]! - 1e-9);
      },
    ),
    { numRuns: 2000 },
  );
  const { middle, spread } = slopeRange("relu", Float64Array.of(1), Float64Array.of(2), true);
  expect(middle[0]! - spread[0]!).toBeCloseTo(0.5, 6);
});
