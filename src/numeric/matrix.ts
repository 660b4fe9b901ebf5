/**
 * Dense matrices as plain data, and the products, transposes and factors that bounds are made of.
 *
 * Promise: every result is the float64 evaluation of its formula in SOME order of summation, with one rounding for each
 * product and each sum and no other operation. That is all that the error bounds built on it assume:
 * an inner product of n terms is within n u / (1 - n u) times the sum of the terms' sizes (u = 2^-53; Higham,
 * Accuracy and Stability, 2nd edition, section 3.1), but for underflow, at most 2^-1074 for each product.
 */
import { UserError } from "../failure.js";

/** Rows by columns, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows * columns] */
  readonly data: Float32Array | Float64Array;
}

export type Vector = Float32Array | Float64Array;

/** A matrix in float64: what every function here returns. */
export interface DenseMatrix extends Matrix {
  readonly data: Float64Array;
}

/** @throws UserError if the data doesn't have rows * columns numbers. */
export function matrix(rows: number, columns: number, data?: ArrayLike<number>): DenseMatrix {
  if (data !== undefined && data.length !== rows * columns)
    throw new UserError(
      `a matrix of ${rows} x ${columns} needs ${rows * columns} numbers, not ${data.length}`,
    );
  return {
    rows,
    columns,
    data: data === undefined ? new Float64Array(rows * columns) : Float64Array.from(data),
  };
}

/** @throws UserError if the rows differ in length. */
export function fromRows(rows: readonly ArrayLike<number>[], columns = rows[0]?.length ?? 0): DenseMatrix {
  const result = matrix(rows.length, columns);
  rows.forEach((row, i) => {
    if (row.length !== columns)
      throw new UserError(`row ${i} of a matrix has ${row.length} numbers, the others ${columns}`);
    result.data.set(row, i * columns);
  });
  return result;
}

export function identity(n: number): DenseMatrix {
  const result = matrix(n, n);
  for (let i = 0; i < n; i++) result.data[i * n + i] = 1;
  return result;
}

/** The same numbers in float64, which is exact; `a` itself if it is float64. */
export function dense(a: Matrix): DenseMatrix {
  return a.data instanceof Float64Array
    ? (a as DenseMatrix)
    : { rows: a.rows, columns: a.columns, data: Float64Array.from(a.data) };
}

/** Row i, not copied. */
export function row(a: DenseMatrix, i: number): Float64Array {
  return a.data.subarray(i * a.columns, (i + 1) * a.columns);
}

export function transpose(a: Matrix): DenseMatrix {
  const { rows, columns, data } = a;
  const result = matrix(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
}

/** Entry by entry. */
export function mapEntries(a: Matrix, f: (value: number) => number): DenseMatrix {
  return { rows: a.rows, columns: a.columns, data: Float64Array.from(a.data, f) };
}

/** a + b * factor. */
export function plus(a: Matrix, b: Matrix, factor = 1): DenseMatrix {
  if (a.rows !== b.rows || a.columns !== b.columns) throw mismatch("add", a, b);
  const result = matrix(a.rows, a.columns);
  for (let i = 0; i < result.data.length; i++) result.data[i] = a.data[i]! + b.data[i]! * factor;
  return result;
}

/** Whether no entry is NaN or infinite. */
export function allFinite(a: { readonly data: ArrayLike<number> }): boolean {
  for (let i = 0; i < a.data.length; i++) if (!Number.isFinite(a.data[i]!)) return false;
  return true;
}

/** a b, [a.rows, b.columns]. @throws UserError if the shapes don't fit. */
export function multiply(a: Matrix, b: Matrix): DenseMatrix {
  if (a.columns !== b.rows) throw mismatch("multiply", a, b);
  return multiplyTransposed(a, transpose(b));
}

/** a b', [a.rows, b.rows]. @throws UserError if the shapes don't fit. */
export function multiplyTransposed(a: Matrix, b: Matrix): DenseMatrix {
  if (a.columns !== b.columns) throw mismatch("multiply transposed", a, b);
  const result = matrix(a.rows, b.rows);
  tiles(dense(a), dense(b), result, false);
  return result;
}

/** a a', [a.rows, a.rows], exactly symmetric. */
export function gram(a: Matrix): DenseMatrix {
  const result = matrix(a.rows, a.rows);
  const values = dense(a);
  tiles(values, values, result, true);
  const n = a.rows;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) result.data[i * n + j] = result.data[j * n + i]!;
  return result;
}

/** a x, [a.rows]. */
export function apply(a: Matrix, x: ArrayLike<number>): Float64Array {
  const { rows, columns, data } = a;
  if (x.length !== columns)
    throw new UserError(`a matrix of ${rows} x ${columns} can't be applied to ${x.length} numbers`);
  const result = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0, k = i * columns; j < columns; j++, k++) sum += data[k]! * x[j]!;
    result[i] = sum;
  }
  return result;
}

/** a' x, [a.columns]. */
export function applyTransposed(a: Matrix, x: ArrayLike<number>): Float64Array {
  const { rows, columns, data } = a;
  if (x.length !== rows)
    throw new UserError(`the transpose of ${rows} x ${columns} can't be applied to ${x.length} numbers`);
  const result = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const xi = x[i]!;
    for (let j = 0, k = i * columns; j < columns; j++, k++) result[j]! += data[k]! * xi;
  }
  return result;
}

function mismatch(what: string, a: Matrix, b: Matrix): UserError {
  return new UserError(`can't ${what} matrices of ${a.rows} x ${a.columns} and ${b.rows} x ${b.columns}`);
}

/**
 * result = a b', four rows by four rows at a time, so that each number loaded serves four products, and in
 * blocks of b that stay in the cache. `lower`: only what lies on or below the diagonal's tiles.
 */
function tiles(a: DenseMatrix, b: DenseMatrix, result: DenseMatrix, lower: boolean): void {
  const block = Math.max(4, Math.floor(65_536 / Math.max(1, a.columns)) & ~3);
  for (let from = 0; from < b.rows; from += block) {
    const to = Math.min(b.rows, from + block);
    for (let i = lower ? from : 0; i < a.rows; i += 4) {
      const end = lower ? Math.min(to, i + 4) : to;
      for (let j = from; j < end; j += 4)
        if (i + 4 <= a.rows && j + 4 <= b.rows) tile(a.data, b.data, result.data, i, j, a.columns, b.rows);
        else edge(a, b, result.data, i, j);
    }
  }
}

function tile(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  i: number,
  j: number,
  n: number,
  stride: number,
): void {
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  const [i0, i1, i2, i3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
  const [j0, j1, j2, j3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
  for (let k = 0; k < n; k++) {
    // No array patterns here: they cost more than the products.
    const a0 = a[i0 + k]!;
    const a1 = a[i1 + k]!;
    const a2 = a[i2 + k]!;
    const a3 = a[i3 + k]!;
    const b0 = b[j0 + k]!;
    const b1 = b[j1 + k]!;
    const b2 = b[j2 + k]!;
    const b3 = b[j3 + k]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  let o = i * stride + j;
  out[o] = s00;
  out[o + 1] = s01;
  out[o + 2] = s02;
  out[o + 3] = s03;
  o += stride;
  out[o] = s10;
  out[o + 1] = s11;
  out[o + 2] = s12;
  out[o + 3] = s13;
  o += stride;
  out[o] = s20;
  out[o + 1] = s21;
  out[o + 2] = s22;
  out[o + 3] = s23;
  o += stride;
  out[o] = s30;
  out[o + 1] = s31;
  out[o + 2] = s32;
  out[o + 3] = s33;
}

/** A tile that doesn't fill four by four. */
function edge(a: DenseMatrix, b: DenseMatrix, out: Float64Array, i0: number, j0: number): void {
  const n = a.columns;
  for (let i = i0; i < Math.min(a.rows, i0 + 4); i++)
    for (let j = j0; j < Math.min(b.rows, j0 + 4); j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a.data[i * n + k]! * b.data[j * n + k]!;
      out[i * b.rows + j] = sum;
    }
}
