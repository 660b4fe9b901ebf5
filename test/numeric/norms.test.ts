/** Norms of matrices from above: never below an independent value, and close to it. */
import fc from "fast-check";
import { gramNormUp } from "../../src/numeric/gram-iteration.js";
import { largestEigenvalue } from "../../src/numeric/lanczos.js";
import { type DenseMatrix, fromRows, gram, matrix, multiply, transpose } from "../../src/numeric/matrix.js";
import {
  certifiedNormUp,
  frobeniusNormUp,
  l1OperatorNormUp,
  linfOperatorNormUp,
  spectralNormUp,
} from "../../src/numeric/norms.js";
import { normals } from "../oracle/normals.js";
import { compare, exact, type Rational, sum, times } from "../oracle/rational.js";
import { singularValues } from "../oracle/singular-values.js";

const shapes = [
  [1, 1],
  [1, 7],
  [7, 1],
  [2, 2],
  [4, 4],
  [5, 3],
  [3, 5],
  [8, 12],
  [17, 9],
  [30, 41],
] as const;

function random(rows: number, columns: number, seed: number): DenseMatrix {
  return matrix(rows, columns, normals(rows * columns, seed));
}

function rowsOf(a: DenseMatrix): number[][] {
  return Array.from({ length: a.rows }, (_, i) => [...a.data.subarray(i * a.columns, (i + 1) * a.columns)]);
}

/** The bounds of the spectral norm, and how far above the truth each may be on matrices of up to 64 rows. */
const bounds: readonly [string, (a: DenseMatrix) => number, number][] = [
  ["spectralNormUp", spectralNormUp, 1e-9],
  ["certifiedNormUp", (a) => certifiedNormUp(a)!, 1e-9],
  ["gramNormUp", (a) => gramNormUp(a), 4e-3],
  ["gramNormUp, 20 steps", (a) => gramNormUp(a, 20), 1e-5],
];

describe.each(bounds)("%s", (_, bound, loose) => {
  const check = (a: DenseMatrix) => {
    const truth = singularValues(rowsOf(a))[0]!;
    const value = bound(a);
    expect(value).toBeGreaterThanOrEqual(truth);
    expect(value).toBeLessThanOrEqual(truth * (1 + loose));
  };

  test.each(shapes)("random matrices of %d x %d", (rows, columns) => {
    for (let seed = 1; seed <= 5; seed++) check(random(rows, columns, seed));
  });

  test("matrices of low rank", () => {
    for (let seed = 1; seed <= 5; seed++) check(multiply(random(12, 2, seed), random(2, 15, seed + 9)));
    check(multiply(random(6, 1, 3), random(1, 6, 4)));
  });

  test.each([1e-300, 1e-160, 1e-30, 1e30, 1e150, 1e300])("scaled by %d", (scale) => {
    const a = random(6, 8, 2);
    const truth = singularValues(rowsOf(a))[0]! * scale;
    const value = bound({ ...a, data: a.data.map((x) => x * scale) });
    // The scaled numbers are rounded, hence a slack of rounding on both sides.
    expect(value).toBeGreaterThanOrEqual(truth * (1 - 1e-15));
    expect(value).toBeLessThanOrEqual(truth * (1 + loose));
  });

  test("rows of very different sizes", () => {
    const a = random(6, 6, 5);
    check({ ...a, data: a.data.map((x, i) => x * 10 ** (Math.floor(i / 6) * 8 - 20)) });
  });

  test("orthogonal matrices: Hadamard's, whose norm is the root of the order", () => {
    for (let n = 2; n <= 32; n *= 2) {
      const a = fromRows(hadamard(n));
      expect(bound(a) ** 2).toBeGreaterThanOrEqual(n);
      expect(bound(a)).toBeLessThanOrEqual(Math.sqrt(n) * (1 + loose));
    }
  });

  test("denormal numbers, and the largest", () => {
    expect(
      bound(
        fromRows([
          [2 ** -1074, 0],
          [0, 2 ** -1074],
        ]),
      ),
    ).toBeGreaterThanOrEqual(2 ** -1074);
    expect(
      bound(
        fromRows([
          [2 ** -1074, 2 ** -1074],
          [2 ** -1074, 2 ** -1074],
        ]),
      ),
    ).toBeGreaterThanOrEqual(2 ** -1073);
    expect(
      bound(
        fromRows([
          [Number.MAX_VALUE, 0],
          [0, 1],
        ]),
      ),
    ).toBeGreaterThanOrEqual(Number.MAX_VALUE);
    expect(
      bound(
        fromRows([
          [Number.MAX_VALUE, Number.MAX_VALUE],
          [1, 1],
        ]),
      ),
    ).toBe(Infinity);
    expect(
      bound(
        fromRows([
          [1e308, 1e-308],
          [1e-308, 1e-308],
        ]),
      ),
    ).toBeGreaterThanOrEqual(1e308);
  });

  test("what isn't finite has no finite norm", () => {
    for (const bad of [Number.NaN, Infinity, -Infinity])
      for (let at = 0; at < 6; at++) {
        const a = random(2, 3, 1);
        a.data[at] = bad;
        expect(bound(a)).toBe(Infinity);
      }
  });

  test("nothing and zeros", () => {
    expect(bound(matrix(0, 0))).toBe(0);
    expect(bound(matrix(0, 3))).toBe(0);
    expect(bound(matrix(3, 4))).toBe(0);
  });

  test("is at least |a x| / |x| for every x, in exact arithmetic", () => {
    const entry = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 6, maxLength: 6 }),
        fc.array(entry, { minLength: 3, maxLength: 3 }),
        (data, x) => {
          const value = exact(bound(matrix(2, 3, data)));
          const image = [0, 1].map((i) =>
            x.map((v, j) => times(exact(data[3 * i + j]!), exact(v))).reduce(sum),
          );
          expect(
            compare(times(times(value, value), squares(x.map(exact))), squares(image)),
          ).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function squares(values: readonly Rational[]): Rational {
  return values.map((v) => times(v, v)).reduce(sum);
}

function hadamard(n: number): number[][] {
  if (n === 1) return [[1]];
  const half = hadamard(n / 2);
  return [...half.map((r) => [...r, ...r]), ...half.map((r) => [...r, ...r.map((x) => -x)])];
}

test("power iteration would be below: the bound isn't a rounded estimate", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const a = random(20, 20, seed);
    expect(spectralNormUp(a)).toBeGreaterThan(Math.sqrt(largestEigenvalue(gram(a))));
  }
});

test("l1, linf and Frobenius: not below the exact value, and within a few roundings of it", () => {
  for (const [rows, columns] of shapes)
    for (let seed = 1; seed <= 4; seed++) {
      const a = random(rows, columns, seed);
      const sizes = rowsOf(a).map((r) => r.map((x) => exact(Math.abs(x))));
      const rowSums = sizes.map((r) => r.reduce(sum));
      const columnSums = sizes[0]!.map((_, j) => sizes.map((r) => r[j]!).reduce(sum));
      const within = (value: number, truth: Rational) => {
        expect(compare(exact(value), truth)).toBeGreaterThanOrEqual(0);
        expect(compare(exact(value * (1 - 1e-13)), truth)).toBeLessThanOrEqual(0);
      };
      const largest = (all: readonly Rational[]) => all.reduce((x, y) => (compare(x, y) >= 0 ? x : y));
      within(linfOperatorNormUp(a), largest(rowSums));
      within(l1OperatorNormUp(a), largest(columnSums));
      const frobenius = exact(frobeniusNormUp(a));
      const square = squares(sizes.flat());
      expect(compare(times(frobenius, frobenius), square)).toBeGreaterThanOrEqual(0);
      expect(frobeniusNormUp(a)).toBeCloseTo(Math.hypot(...a.data), 10);
      expect(linfOperatorNormUp(transpose(a))).toBeCloseTo(l1OperatorNormUp(a), 12);
    }
  for (const norm of [l1OperatorNormUp, linfOperatorNormUp, frobeniusNormUp]) {
    expect(norm(fromRows([[1, Number.NaN]]))).toBe(Infinity);
    expect(norm(fromRows([[Infinity], [-Infinity]]))).toBe(Infinity);
    expect(norm(matrix(0, 2))).toBe(0);
  }
});

test("float32 entries are taken as they stand", () => {
  const data = Float32Array.from([0.1, 0.2, 0.3, 0.4]);
  expect(spectralNormUp({ rows: 2, columns: 2, data })).toBe(spectralNormUp(matrix(2, 2, data)));
});
