/** Orthonormal rows: near the weight given, whatever it was, and honest in float32. */
import { UserError } from "../../../src/failure.js";
import { feedForwardStep } from "../../../src/layers/feed-forward.js";
import { feedForwardBound } from "../../../src/layers/feed-forward-bound.js";
import { matrix } from "../../../src/numeric/matrix.js";
import { spectralNormUp } from "../../../src/numeric/norms.js";
import { orthogonal, orthonormalRows } from "../../../src/train/constraints/orthogonal.js";
import { normals } from "../../oracle/normals.js";
import { singularValues } from "../../oracle/singular-values.js";
import { weightWith } from "./matrices.js";

const SHAPES = [
  [1, 1],
  [1, 5],
  [4, 4],
  [6, 10],
  [40, 64],
  [96, 96],
] as const;

/** |W W' - I| entry by entry, from the definition. */
function offBy(weight: ArrayLike<number>, rows: number, columns: number): number {
  let most = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) {
      let sum = i === j ? -1 : 0;
      for (let c = 0; c < columns; c++) sum += weight[i * columns + c]! * weight[j * columns + c]!;
      most = Math.max(most, Math.abs(sum));
    }
  return most;
}

test.each(SHAPES)("%d x %d: W W' = I to 1e-6, and the block's constant is exactly 1", (rows, columns) => {
  for (const scale of [1e-20, 0.1, 1, 1e20]) {
    const weight = Float32Array.from(normals(rows * columns, rows + 7), (x) => x * scale);
    orthogonal().apply(weight, rows, columns, 0, 1);
    expect(offBy(weight, rows, columns)).toBeLessThanOrEqual(1e-6);
    expect(spectralNormUp(matrix(rows, columns, weight))).toBeLessThanOrEqual(1);
    const bound = feedForwardBound({ kind: "orthogonal", weight: matrix(rows, columns, weight) });
    expect(bound.step).toBe(1);
  }
});

test("the result is the polar factor: no matrix with orthonormal rows is nearer", () => {
  const [rows, columns] = [4, 6];
  const weight = weightWith([1.2, 1, 0.9, 0.7], rows, columns, 3);
  const polar = weightWith([1, 1, 1, 1], rows, columns, 3);
  orthogonal().apply(weight, rows, columns, 0, 1);
  weight.forEach((value, i) => {
    expect(value).toBeCloseTo(polar[i]!, 5);
  });
});

test("a step away from the manifold and back: what was orthonormal stays as it is", () => {
  const [rows, columns] = [5, 8];
  const weight = Float32Array.from(normals(rows * columns, 2));
  orthogonal().apply(weight, rows, columns, 0, 1);
  const before = weight.slice();
  orthogonal().apply(weight, rows, columns, 0, 1);
  weight.forEach((value, i) => {
    expect(value).toBeCloseTo(before[i]!, 6);
  });
});

test.each([
  ["zeros", () => new Float32Array(12)],
  ["equal rows", () => Float32Array.from([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])],
  ["a row of zeros", () => Float32Array.from([1, 2, 3, 4, 0, 0, 0, 0, 4, 3, 2, 1])],
  ["nearly dependent rows", () => Float32Array.from([1, 0, 0, 0, 1, 1e-9, 0, 0, 1, 0, 1e-9, 0])],
])("no polar factor: %s", (_, make) => {
  const weight = make();
  orthogonal().apply(weight, 3, 4, 0, 1);
  expect(offBy(weight, 3, 4)).toBeLessThanOrEqual(1e-6);
  expect(spectralNormUp(matrix(3, 4, weight))).toBeLessThanOrEqual(1);
});

test("in float64 the rows are orthonormal to 1e-12", () => {
  const result = orthonormalRows(matrix(30, 50, normals(1500, 9)));
  expect(offBy(result.data, 30, 50)).toBeLessThanOrEqual(1e-12);
});

test("all singular values of the block's Jacobian are 1, and 0 maps to 0", () => {
  const [rows, columns] = [4, 6];
  const weight = Float32Array.from(normals(rows * columns, 11));
  orthogonal().apply(weight, rows, columns, 0, 1);
  const layer = { kind: "orthogonal", weight: matrix(rows, columns, weight) } as const;
  expect([...feedForwardStep(layer, new Float64Array(columns))]).toEqual(new Array(columns).fill(0));
  for (let seed = 1; seed <= 10; seed++) {
    const x = Float64Array.from(normals(columns, seed));
    const h = 1e-6;
    const jacobian = Array.from({ length: columns }, (_, j) => {
      const moved = (by: number) =>
        feedForwardStep(
          layer,
          x.map((value, i) => (i === j ? value + by : value)),
        );
      const [high, low] = [moved(h), moved(-h)];
      return Array.from(high, (value, i) => (value - low[i]!) / (2 * h));
    });
    for (const value of singularValues(jacobian)) expect(value).toBeCloseTo(1, 5);
  }
});

test("more rows than columns are refused", () => {
  expect(() => orthogonal().apply(new Float32Array(6), 3, 2, 0, 1)).toThrow(UserError);
});
