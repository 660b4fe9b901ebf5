/** Proofs of semidefiniteness against exact elimination on fractions. */
import fc from "fast-check";
import { cholesky, inverse, solveRows } from "../../src/numeric/cholesky.js";
import {
  type DenseMatrix,
  fromRows,
  gram,
  identity,
  matrix,
  multiply,
  multiplyTransposed,
} from "../../src/numeric/matrix.js";
import { isProvenSemidefinite } from "../../src/numeric/semidefinite.js";
import { normals } from "../oracle/normals.js";
import { exact, type Rational } from "../oracle/rational.js";

/** Whether a symmetric matrix is positive definite, by Bareiss' elimination without fractions: all leading minors positive. */
function isDefinite(rows: readonly (readonly number[])[]): boolean {
  const common = rows
    .flat()
    .map(exact)
    .reduce((d, x) => (x.d > d ? x.d : d), 1n);
  const whole = (x: Rational) => x.n * (common / x.d);
  const a = rows.map((r) => r.map((x) => whole(exact(x))));
  let before = 1n;
  for (let k = 0; k < a.length; k++) {
    if (a[k]![k]! <= 0n) return false;
    for (let i = k + 1; i < a.length; i++)
      for (let j = k + 1; j < a.length; j++)
        a[i]![j] = (a[i]![j]! * a[k]![k]! - a[i]![k]! * a[k]![j]!) / before;
    before = a[k]![k]!;
  }
  return true;
}

function expectClose(a: DenseMatrix, b: DenseMatrix): void {
  expect([a.rows, a.columns]).toEqual([b.rows, b.columns]);
  for (let i = 0; i < a.data.length; i++) expect(a.data[i]).toBeCloseTo(b.data[i]!, 8);
}

const symmetric = (n: number, entry: fc.Arbitrary<number>) =>
  fc
    .array(entry, { minLength: n * n, maxLength: n * n })
    .map((x) =>
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => x[Math.min(i, j) * n + Math.max(i, j)]!),
      ),
    );

test("what is proven holds, and what holds with room to spare is proven", () => {
  let [proven, refused] = [0, 0];
  const entry = fc.oneof(
    fc.integer({ min: -3, max: 9 }),
    fc.double({ min: -1, max: 1, noNaN: true }).map((x) => Math.fround(x + 1) - 1),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }).chain((n) => symmetric(n, entry)),
      fc.integer({ min: 0, max: 9 }),
      (rows, lift) => {
        const lifted = rows.map((r, i) => r.map((x, j) => (i === j ? Math.abs(x) + lift + 2 ** -20 : x)));
        const says = isProvenSemidefinite(fromRows(lifted));
        if (says) proven++;
        else refused++;
        const roomier = lifted.map((r, i) => r.map((x, j) => (i === j ? x * (1 + 2 ** -30) : x)));
        const tighter = lifted.map((r, i) => r.map((x, j) => (i === j ? x * (1 - 2 ** -30) : x)));
        if (says) expect(isDefinite(roomier)).toBe(true);
        if (isDefinite(tighter)) expect(says).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
  expect(Math.min(proven, refused)).toBeGreaterThan(200);
});

test("a hair below semidefinite is never proven", () => {
  // [[1, 1 + e], [1 + e, 1]] has the eigenvalue -e.
  for (const e of [2 ** -52, 2 ** -40, 1e-3, 1])
    expect(
      isProvenSemidefinite(
        fromRows([
          [1, 1 + e],
          [1 + e, 1],
        ]),
      ),
    ).toBe(false);
  // An indefinite matrix that plain Cholesky completes: rounding hides the last pivot's sign.
  for (let seed = 1, hidden = 0; seed <= 300; seed++) {
    const n = 6;
    const b = gram(matrix(n, n - 1, normals(n * (n - 1), seed)));
    for (let i = 0; i < n; i++) b.data[i * n + i]! *= 1 - 1e-16;
    if (cholesky(b) !== null) hidden++;
    expect(isProvenSemidefinite(b)).toBe(false);
    if (seed === 300) expect(hidden).toBeGreaterThan(0);
  }
});

test("entries that carry rounding errors need more room", () => {
  // Margin 1e-13 is enough for exact entries, not for entries that are off by 1000 roundings.
  const a = fromRows([
    [1, 1 - 1e-13],
    [1 - 1e-13, 1],
  ]);
  expect(isProvenSemidefinite(a, 0)).toBe(true);
  expect(isProvenSemidefinite(a, 1000)).toBe(false);
});

test("scaling rows and columns doesn't matter; what isn't finite or has no positive diagonal isn't proven", () => {
  const a = fromRows([
    [2e100, 1e10],
    [1e10, 2e-80],
  ]);
  expect(isProvenSemidefinite(a)).toBe(true);
  expect(
    isProvenSemidefinite(
      fromRows([
        [2e100, 3e10],
        [3e10, 2e-80],
      ]),
    ),
  ).toBe(false);
  for (const bad of [Number.NaN, Infinity, -1, 0]) {
    expect(
      isProvenSemidefinite(
        fromRows([
          [bad, 0],
          [0, 1],
        ]),
      ),
    ).toBe(false);
    if (!Number.isFinite(bad))
      expect(
        isProvenSemidefinite(
          fromRows([
            [1, bad],
            [bad, 1],
          ]),
        ),
      ).toBe(false);
  }
});

test("a profile changes nothing", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const n = 9;
    const a = identity(n);
    const first = Int32Array.from({ length: n }, (_, i) => Math.max(0, i - 1 - (seed % 3)));
    const values = normals(n * n, seed);
    for (let i = 0; i < n; i++)
      for (let j = first[i]!; j < i; j++) a.data[i * n + j] = values[i * n + j]! * 0.4;
    expect(isProvenSemidefinite(a, 0, first)).toBe(isProvenSemidefinite(a));
    const [plain, skipping] = [cholesky(a), cholesky(a, first)];
    if (plain === null) expect(skipping).toBeNull();
    else expectClose(skipping!, plain);
  }
});

test("factors, inverses and solutions", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const a = gram(matrix(7, 11, normals(77, seed)));
    const l = cholesky(a)!;
    expectClose(multiplyTransposed(l, l), a);
    expectClose(multiply(a, inverse(l)), identity(7));
    const b = matrix(3, 7, normals(21, seed));
    expectClose(multiplyTransposed(solveRows(l, b), l), b);
  }
  expect(
    cholesky(
      fromRows([
        [1, 2],
        [2, 1],
      ]),
    ),
  ).toBeNull();
});
