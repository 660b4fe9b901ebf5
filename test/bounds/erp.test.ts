/** ERP against every alignment, written out by recursion. */
import fc from "fast-check";
import { erp } from "../../src/bounds/erp.js";
import { UserError } from "../../src/failure.js";

const norms = {
  l1: (x: readonly number[]) => x.reduce((sum, v) => sum + Math.abs(v), 0),
  l2: (x: readonly number[]) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)),
  linf: (x: readonly number[]) => Math.max(0, ...x.map(Math.abs)),
};

function plain(a: readonly number[][], b: readonly number[][], norm: keyof typeof norms): number {
  const size = norms[norm];
  const [x, y] = [a[0], b[0]];
  if (x === undefined) return b.reduce((sum, v) => sum + size(v), 0);
  if (y === undefined) return a.reduce((sum, v) => sum + size(v), 0);
  return Math.min(
    size(x.map((v, k) => v - y[k]!)) + plain(a.slice(1), b.slice(1), norm),
    size(x) + plain(a.slice(1), b, norm),
    size(y) + plain(a, b.slice(1), norm),
  );
}

const whole = fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 2 }), {
  maxLength: 4,
});
const real = fc.array(
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround), { minLength: 2, maxLength: 2 }),
  {
    maxLength: 4,
  },
);

test.each(["l1", "l2", "linf"] as const)("%s: the least over all alignments, from above", (norm) => {
  fc.assert(
    fc.property(fc.oneof(whole, real), fc.oneof(whole, real), (a, b) => {
      const [value, truth] = [erp(a, b, norm), plain(a, b, norm)];
      expect(value).toBeGreaterThanOrEqual(truth * (1 - 1e-15));
      expect(value).toBeLessThanOrEqual(truth * (1 + 1e-12));
    }),
    { numRuns: 300 },
  );
});

test("a metric: zero for equals, symmetric, triangle inequality; edits cost what they should", () => {
  fc.assert(
    fc.property(whole, whole, whole, (a, b, c) => {
      expect(erp(a, a, "l1")).toBeLessThanOrEqual(1e-300);
      expect(erp(a, b, "l2")).toBeCloseTo(erp(b, a, "l2"), 12);
      expect(erp(a, c, "l2")).toBeLessThanOrEqual(erp(a, b, "l2") + erp(b, c, "l2") + 1e-12);
      expect(erp(a, b, "linf")).toBeLessThanOrEqual(erp(a, b, "l2") * (1 + 1e-12));
    }),
    { numRuns: 200 },
  );
  expect(erp([[3, 4]], [], "l2")).toBeCloseTo(5, 12);
  expect(
    erp(
      [
        [3, 4],
        [1, 0],
      ],
      [[3, 4]],
      "l2",
    ),
  ).toBeCloseTo(1, 12);
  expect(erp([[0, 0]], [], "l1")).toBeLessThanOrEqual(1e-300);
  expect(erp([], [], "l1")).toBe(0);
});

test("hostile numbers and shapes", () => {
  for (const bad of [Number.NaN, Infinity, -Infinity])
    for (const norm of ["l1", "l2", "linf"] as const) {
      expect(erp([[bad]], [[1]], norm)).toBe(Infinity);
      expect(erp([[1]], [[2], [bad]], norm)).toBe(Infinity);
    }
  expect(() => erp([[1, 2]], [[1]], "l2")).toThrow(
    new UserError("vectors of 2 and of 1 numbers have no distance; all must be alike"),
  );
});
