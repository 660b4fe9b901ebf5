/**
 * Cholesky factors and what is solved with them, rounded to nearest: estimates, not bounds. What a completed
 * factorisation PROVES stands in semidefinite.ts.
 */
import { type DenseMatrix, matrix } from "./matrix.js";

/**
 * L with L L' = a, lower triangular; null where a pivot isn't a positive number. Only a's lower triangle is read.
 * `first[i]`, if given, is the first column of row i that isn't zero (<= i): rows are only read from there on, and L has
 * the same profile, since elimination fills nothing left of it.
 */
export function cholesky(a: DenseMatrix, first?: Int32Array): DenseMatrix | null {
  const n = a.rows;
  const factor = matrix(n, n);
  const l = factor.data;
  for (let i = 0; i < n; i++) {
    const from = first?.[i] ?? 0;
    for (let j = from; j < i; j++) {
      const start = Math.max(from, first?.[j] ?? 0);
      l[i * n + j] = (a.data[i * n + j]! - inner(l, i * n, j * n, start, j)) / l[j * n + j]!;
    }
    const pivot = a.data[i * n + i]! - inner(l, i * n, i * n, from, i);
    if (!(pivot > 0 && pivot < Infinity)) return null;
    l[i * n + i] = Math.sqrt(pivot);
  }
  return factor;
}

/** Sum of data[a + k] data[b + k], from <= k < to, in four strands. */
function inner(data: Float64Array, a: number, b: number, from: number, to: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = from;
  for (; k + 3 < to; k += 4) {
    s0 += data[a + k]! * data[b + k]!;
    s1 += data[a + k + 1]! * data[b + k + 1]!;
    s2 += data[a + k + 2]! * data[b + k + 2]!;
    s3 += data[a + k + 3]! * data[b + k + 3]!;
  }
  for (; k < to; k++) s0 += data[a + k]! * data[b + k]!;
  return s0 + s1 + (s2 + s3);
}

/** The rows of b, each solved for: X with X L' = b, that is X = b L'^-1, [b.rows, n]. */
export function solveRows(factor: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const n = factor.rows;
  const result = matrix(b.rows, n, b.data);
  const x = result.data;
  const l = factor.data;
  for (let r = 0; r < b.rows; r++)
    for (let i = 0, o = r * n; i < n; i++) {
      let sum = x[o + i]!;
      for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[o + k]!;
      x[o + i] = sum / l[i * n + i]!;
    }
  return result;
}

/** a^-1 = L'^-1 L^-1, exactly symmetric, from the factor. */
export function inverse(factor: DenseMatrix): DenseMatrix {
  const n = factor.rows;
  const l = factor.data;
  // Row j of `half` is column j of L^-1, zero before j.
  const half = matrix(n, n);
  const h = half.data;
  for (let j = 0; j < n; j++) {
    h[j * n + j] = 1 / l[j * n + j]!;
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= l[i * n + k]! * h[j * n + k]!;
      h[j * n + i] = sum / l[i * n + i]!;
    }
  }
  const result = matrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const value = inner(h, i * n, j * n, i, n);
      result.data[i * n + j] = value;
      result.data[j * n + i] = value;
    }
  return result;
}
