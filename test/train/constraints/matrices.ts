/** Weights with singular values that are known because they were put there. */
import { normals } from "../../oracle/normals.js";
import { singularValues } from "../../oracle/singular-values.js";

/** Float32 weight [rows, columns], U S V' with random orthonormal U and V; as many values as min(rows, columns). */
export function weightWith(
  values: readonly number[],
  rows: number,
  columns: number,
  seed: number,
): Float32Array {
  const u = orthonormal(values.length, rows, seed);
  const v = orthonormal(values.length, columns, seed + 1000);
  const weight = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      weight[i * columns + j] = values.reduce((sum, s, k) => sum + s * u[k]![i]! * v[k]![j]!, 0);
  return weight;
}

/** The weight's singular values, largest first. */
export function valuesOf(weight: Float32Array, rows: number, columns: number): number[] {
  return singularValues(
    Array.from({ length: rows }, (_, i) => [...weight.subarray(i * columns, (i + 1) * columns)]),
  );
}

function orthonormal(count: number, length: number, seed: number): number[][] {
  const all = normals(count * length, seed);
  const vectors: number[][] = [];
  for (let k = 0; k < count; k++) {
    let vector = all.slice(k * length, (k + 1) * length);
    for (let pass = 0; pass < 2; pass++)
      for (const other of vectors) {
        const along = vector.reduce((sum, x, i) => sum + x * other[i]!, 0);
        vector = vector.map((x, i) => x - along * other[i]!);
      }
    const size = Math.hypot(...vector);
    vectors.push(vector.map((x) => x / size));
  }
  return vectors;
}
