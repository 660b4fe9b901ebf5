/** The other constraints: what each does to singular values, and which limits it proves. */
import { UserError } from "../../../src/failure.js";
import { matrix } from "../../../src/numeric/matrix.js";
import { spectralNormUp } from "../../../src/numeric/norms.js";
import type { Constraint } from "../../../src/train/constraints/constraint.js";
import { hammer } from "../../../src/train/constraints/hammer.js";
import { HARD_CAP_REACH, hardCap, hardCapped } from "../../../src/train/constraints/hard-cap.js";
import { normalise } from "../../../src/train/constraints/normalise.js";
import { CONSTRAINT_FORMS, parseConstraint } from "../../../src/train/constraints/parse.js";
import { risingMargin, softNormalise } from "../../../src/train/constraints/rising-margin.js";
import { spectralDecay } from "../../../src/train/constraints/spectral-decay.js";
import { storeWithin } from "../../../src/train/constraints/store-within.js";
import { normals } from "../../oracle/normals.js";
import { valuesOf, weightWith } from "./matrices.js";

const SHAPES = [
  [4, 4],
  [3, 7],
  [7, 3],
] as const;

function applied(constraint: Constraint, values: readonly number[], rows: number, columns: number): number[] {
  const weight = weightWith(values, rows, columns, 5);
  constraint.apply(weight, rows, columns, 0, 1);
  return valuesOf(weight, rows, columns);
}

function expectNear(actual: readonly number[], expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
}

test("hard cap: the polynomial is near min(x, 1) and never above 1", () => {
  let [most, away] = [0, 0];
  for (let i = 0; i <= 100_000; i++) {
    const x = (HARD_CAP_REACH * i) / 100_000;
    const y = hardCapped(x);
    most = Math.max(most, Math.abs(y));
    away = Math.max(away, Math.abs(y - Math.min(x, 1)));
  }
  expect(most).toBeLessThanOrEqual(1);
  expect(away).toBeLessThan(0.0133);
});

test.each(SHAPES)("hard cap: %d x %d", (rows, columns) => {
  const after = applied(hardCap(2), [3.5, 2.5, 0.8], rows, columns);
  [2, 2, 0.8].forEach((value, i) => {
    expect(Math.abs(after[i]! - value)).toBeLessThan(0.03);
  });
});

test.each(SHAPES)("normalise: %d x %d, all by one factor", (rows, columns) => {
  expectNear(applied(normalise(0.5), [2, 1, 0.5], rows, columns).slice(0, 3), [0.5, 0.25, 0.125]);
});

test("normalise leaves what is within the limit, bit for bit", () => {
  const weight = weightWith([0.49, 0.2], 2, 6, 1);
  const before = weight.slice();
  normalise(0.5).apply(weight, 2, 6, 0, 1);
  expect(weight).toEqual(before);
});

test.each(SHAPES)("hammer: %d x %d, the largest alone", (rows, columns) => {
  expectNear(applied(hammer(1), [3, 0.5, 0.2], rows, columns).slice(0, 3), [1, 0.5, 0.2]);
  // A second one above the limit stays, so nothing is claimed.
  expectNear(applied(hammer(1), [3, 2, 0.2], rows, columns).slice(0, 3), [2, 1, 0.2]);
  expectNear(applied(hammer(1), [0.9, 0.8, 0.2], rows, columns).slice(0, 3), [0.9, 0.8, 0.2]);
  expect(hammer(1).limit).toBeNull();
});

test.each(SHAPES)("spectral decay: %d x %d, the largest alone", (rows, columns) => {
  expectNear(applied(spectralDecay(0.1), [3, 0.5, 0.2], rows, columns).slice(0, 3), [2.7, 0.5, 0.2]);
  expect(spectralDecay(0.1).limit).toBeNull();
});

test("the soft margin rises by a sigmoid from 0.90 to 1.10", () => {
  const margins = Array.from({ length: 101 }, (_, step) => risingMargin(0.9, 1.1, step, 101));
  expect(margins[0]).toBeCloseTo(0.9, 3);
  expect(margins[50]).toBeCloseTo(1, 12);
  expect(margins[100]).toBeCloseTo(1.1, 3);
  for (let i = 1; i < 101; i++) expect(margins[i]).toBeGreaterThan(margins[i - 1]!);
  expect(margins[100]).toBeLessThan(1.1);
  // Slow at the ends, quick in the middle.
  expect(margins[51]! - margins[50]!).toBeGreaterThan(5 * (margins[1]! - margins[0]!));
});

test("soft normalisation follows its margin", () => {
  for (const step of [0, 5, 9]) {
    const weight = weightWith([2, 1], 4, 5, 8);
    softNormalise().apply(weight, 4, 5, step, 10);
    expect(valuesOf(weight, 4, 5)[0]).toBeCloseTo(risingMargin(0.9, 1.1, step, 10), 5);
  }
});

test.each([
  "hard-cap:1",
  "hard-cap:0.3",
  "normalise:1",
  "normalise:7",
  "soft-normalise",
  "soft-normalise:0.5:2",
  "soft-cap:1",
])("%s proves its limit through a run of steps", (text) => {
  const constraint = parseConstraint(text)!;
  const [rows, columns, steps] = [12, 9, 12];
  const weight = Float32Array.from(normals(rows * columns, 4));
  for (let step = 0; step < steps; step++) {
    const update = normals(rows * columns, 50 + step);
    for (let i = 0; i < weight.length; i++) weight[i] = weight[i]! + 0.3 * update[i]!;
    constraint.apply(weight, rows, columns, step, steps);
    expect(spectralNormUp(matrix(rows, columns, weight))).toBeLessThanOrEqual(constraint.limit!);
  }
  // Nothing was lost for nothing.
  expect(valuesOf(weight, rows, columns)[0]).toBeGreaterThan(0.95 * constraint.limit!);
});

test("storing within a limit: rounding to float32 is paid for, whatever the scale", () => {
  for (const limit of [2 ** -40, 1e-3, 1, 1 / 3, 2 ** 40])
    for (let seed = 1; seed <= 20; seed++) {
      const a = matrix(7, 5, normals(35, seed));
      const weight = new Float32Array(35);
      storeWithin(
        weight,
        matrix(
          7,
          5,
          a.data.map((x) => x * 2 ** 50),
        ),
        limit,
      );
      const norm = spectralNormUp(matrix(7, 5, weight));
      expect(norm).toBeLessThanOrEqual(limit);
      expect(norm).toBeGreaterThan(limit * (1 - 1e-5));
    }
});

test("option strings", () => {
  expect(parseConstraint("none")).toBeNull();
  expect(CONSTRAINT_FORMS.length).toBeGreaterThan(7);
  for (const text of [
    "soft-cap:1",
    "hard-cap:0.5",
    "normalise:2",
    "hammer:1",
    "spectral-decay:0.01",
    "soft-normalise:0.9:1.1",
    "orthogonal",
  ])
    expect(parseConstraint(text)!.name).toBe(text);
  expect(parseConstraint("soft-normalise")!.name).toBe("soft-normalise:0.9:1.1");
  expect(parseConstraint("soft-cap:1e-2")!.limit).toBe(0.01);
  for (const text of [
    "",
    "cap",
    "soft-cap",
    "soft-cap:",
    "soft-cap:x",
    "soft-cap:0",
    "soft-cap:-1",
    "soft-cap:1:2",
    "soft-cap: 1",
    "soft-cap:Infinity",
    "none:1",
    "orthogonal:1",
    "spectral-decay:1.5",
    "soft-normalise:2:1",
    "toString",
    "__proto__",
  ])
    expect(() => parseConstraint(text)).toThrow(UserError);
  expect(() => parseConstraint("cap:1")).toThrow('the constraint is "cap:1"; allowed: none, soft-cap:LIMIT');
});
