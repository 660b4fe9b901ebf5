/** The soft cap: its strength, the reach of its guarantee on both sides, and its limit on matrices. */
import { UserError } from "../../../src/failure.js";
import { matrix } from "../../../src/numeric/matrix.js";
import { spectralNormUp } from "../../../src/numeric/norms.js";
import {
  mostAfterStep,
  SOFT_CAP_REACH,
  softCap,
  softCapped,
  softCapStrength,
} from "../../../src/train/constraints/soft-cap.js";
import { Muon } from "../../../src/train/optimisers/muon.js";
import { normals } from "../../oracle/normals.js";
import { valuesOf, weightWith } from "./matrices.js";

test("k 1.1 and limit 1 give the published strength", () => {
  expect(softCapStrength(1.1, 1)).toBeCloseTo(0.15886442, 8);
});

test("the strength is the smallest root of the published polynomial, and the image of k is the limit", () => {
  for (const limit of [0.3, 1, 4])
    for (const ratio of [1 + 1e-9, 1.01, 1.1, 1.3, 1.306, 2, 5]) {
      const k = ratio * limit;
      const a = softCapStrength(k, limit);
      const polynomial = (x: number) =>
        -(k ** 9) * x ** 4 + 3 * k ** 7 * x ** 3 - 3 * k ** 5 * x ** 2 + (k - limit);
      expect(Math.abs(polynomial(a))).toBeLessThan(1e-12 * k);
      const below = Array.from({ length: 1000 }, (_, i) => polynomial((a * i) / 1000));
      expect(Math.min(...below)).toBeGreaterThan(0);
      expect(softCapped(k, a)).toBeCloseTo(limit, 12);
    }
  expect(softCapStrength(1, 1)).toBe(0);
  expect(softCapStrength(0.5, 1)).toBe(0);
});

test("up to 81/62 of the limit nothing below k gets above the limit; beyond it something does", () => {
  const highest = (k: number) => {
    const a = softCapStrength(k, 1);
    return Math.max(...Array.from({ length: 20_001 }, (_, i) => softCapped((k * i) / 20_000, a)));
  };
  for (const k of [1.001, 1.1, 1.2, 1.3, 1.306, SOFT_CAP_REACH])
    expect(highest(k)).toBeLessThanOrEqual(1 + 1e-12);
  for (const k of [1.307, 1.31, 1.4, 2]) expect(highest(k)).toBeGreaterThan(1 + 1e-7);
  expect(highest(2)).toBeGreaterThan(1.04);
});

test("small singular values hardly move", () => {
  const a = softCapStrength(1.1, 1);
  expect(softCapped(0.1, a)).toBeCloseTo(0.1, 5);
  expect(softCapped(0.5, a)).toBeGreaterThan(0.49);
});

test("a step's bound: the decayed limit and the update", () => {
  expect(mostAfterStep(1, 0.1, 0.2)).toBeCloseTo(1.1, 12);
});

test.each([
  [5, 5],
  [4, 9],
  [9, 4],
  [1, 6],
  [6, 1],
])("singular values of %d x %d go where the polynomial sends them", (rows, columns) => {
  const count = Math.min(rows, columns);
  for (const k of [1.05, 1.2, 1.3]) {
    const before = Array.from({ length: count }, (_, i) => k / (1 + i));
    const weight = weightWith(before, rows, columns, rows + columns);
    softCap(1).apply(weight, rows, columns, 0, 1);
    const a = softCapStrength(k, 1);
    const expected = before.map((s) => softCapped(s, a)).sort((x, y) => y - x);
    valuesOf(weight, rows, columns).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  }
});

test("the limit is proven for whatever the step left: small and huge steps, every shape", () => {
  for (const limit of [0.25, 1, 3])
    for (const scale of [0.01, 0.3, 1, 10, 1e6])
      for (const [rows, columns] of [
        [6, 6],
        [3, 11],
        [16, 8],
      ] as const) {
        const weight = Float32Array.from(normals(rows * columns, rows + columns), (x) => x * scale);
        softCap(limit).apply(weight, rows, columns, 0, 1);
        expect(spectralNormUp(matrix(rows, columns, weight))).toBeLessThanOrEqual(limit);
        // All but the small ones end near the limit, so nothing was lost for nothing.
        if (scale === 10) expect(valuesOf(weight, rows, columns)[0]).toBeGreaterThan(0.9 * limit);
      }
});

test("what is within the limit stays as it is, bit for bit", () => {
  const weight = weightWith([0.99, 0.5, 0.1], 3, 5, 3);
  const before = weight.slice();
  softCap(1).apply(weight, 3, 5, 0, 1);
  expect(weight).toEqual(before);
  const zeros = new Float32Array(6);
  softCap(1).apply(zeros, 2, 3, 0, 1);
  expect(zeros).toEqual(new Float32Array(6));
});

test("with Muon, whose updates have a known norm, the published k holds and the soft cap keeps the limit", () => {
  const [rows, columns, limit, rate, weightDecay] = [10, 14, 1, 0.1, 0.1];
  const muon = new Muon({ weightDecay });
  const weight = Float32Array.from(normals(rows * columns, 1), (x) => 0.3 * x);
  softCap(limit).apply(weight, rows, columns, 0, 1);
  // A gradient that always pulls the same way, beside noise: without the cap the norm would grow to 1 / decay.
  const pull = normals(rows * columns, 2);
  for (let step = 0; step < 20; step++) {
    const gradient = Float32Array.from(normals(rows * columns, 10 + step), (x, i) => pull[i]! + 0.3 * x);
    muon.step("w", weight, gradient, rate, [rows, columns]);
    const k = valuesOf(weight, rows, columns)[0]!;
    // Muon's polynomial has no value above 1.21.
    expect(k).toBeLessThanOrEqual(mostAfterStep(limit, rate * weightDecay, 1.21 * rate) + 1e-6);
    expect(k).toBeLessThanOrEqual(SOFT_CAP_REACH * limit);
    softCap(limit).apply(weight, rows, columns, step, 20);
    expect(spectralNormUp(matrix(rows, columns, weight))).toBeLessThanOrEqual(limit);
  }
  expect(valuesOf(weight, rows, columns)[0]).toBeGreaterThan(0.9);
});

test("weights that aren't finite and limits out of range are refused", () => {
  expect(() => softCap(1).apply(Float32Array.of(1, Number.NaN), 1, 2, 0, 1)).toThrow(UserError);
  expect(() => softCap(1).apply(Float32Array.of(1, Infinity), 1, 2, 0, 1)).toThrow("diverged");
  for (const limit of [0, -1, Number.NaN, Infinity]) expect(() => softCap(limit)).toThrow(UserError);
});
