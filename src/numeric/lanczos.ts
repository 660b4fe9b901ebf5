/**
 * The largest eigenvalue of a symmetric matrix by Lanczos' method, from below and not certified: a guess for others to
 * prove, never a bound. The start vector is fixed, so the same matrix gives the same number.
 */
import { apply, type DenseMatrix } from "./matrix.js";

const ACCURACY = 1e-13;

/** An estimate, usually to 1e-10 of the size; NaN if the matrix isn't finite. */
export function largestEigenvalue(a: DenseMatrix, steps = 120): number {
  const n = a.rows;
  if (n === 0) return 0;
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const off: number[] = [];
  let next = normalised(start(n)).vector;
  let estimate = -Infinity;
  for (let step = 0; step < Math.min(n, steps); step++) {
    basis.push(next);
    const image = apply(a, next);
    diagonal.push(dot(image, next));
    // Twice is enough: what rounding leaves of the old directions would grow.
    for (let pass = 0; pass < 2; pass++)
      for (const vector of basis) subtract(image, vector, dot(image, vector));
    const { length, vector } = normalised(image);
    if (step % 8 === 7 || step === Math.min(n, steps) - 1 || length === 0) {
      const before = estimate;
      estimate = largestOfTridiagonal(diagonal, off);
      const size = Math.max(Math.abs(estimate), Number.MIN_VALUE);
      if (Math.abs(estimate - before) <= ACCURACY * size || length <= 1e-14 * size) break;
    }
    off.push(length);
    next = vector;
  }
  return estimate;
}

/** Entries between 0.5 and 1.5 by a multiplicative sequence: no matrix met in practice is orthogonal to it. */
function start(n: number): Float64Array {
  let state = 12345;
  return Float64Array.from({ length: n }, () => {
    state = (state * 48271) % 2147483647;
    return 0.5 + state / 2147483647;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i]! -= factor * b[i]!;
}

function normalised(a: Float64Array): { readonly length: number; readonly vector: Float64Array } {
  const length = Math.sqrt(dot(a, a));
  return { length, vector: length > 0 ? a.map((value) => value / length) : a };
}

/** By bisection on the number of eigenvalues below (Sturm's sequence). */
function largestOfTridiagonal(diagonal: readonly number[], off: readonly number[]): number {
  const n = diagonal.length;
  let lo = Math.max(...diagonal);
  let hi = -Infinity;
  for (let i = 0; i < n; i++)
    hi = Math.max(hi, diagonal[i]! + Math.abs(off[i - 1] ?? 0) + (i + 1 < n ? Math.abs(off[i] ?? 0) : 0));
  if (!(lo <= hi)) return Number.NaN;
  for (let round = 0; round < 60 && hi - lo > 1e-16 * Math.max(Math.abs(lo), Math.abs(hi)); round++) {
    const middle = (lo + hi) / 2;
    if (allBelow(diagonal, off, middle)) hi = middle;
    else lo = middle;
  }
  return hi;
}

/** Whether every eigenvalue of the tridiagonal matrix is below x: all pivots of x I - T are positive. */
function allBelow(diagonal: readonly number[], off: readonly number[], x: number): boolean {
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    const beside = i === 0 ? 0 : off[i - 1]!;
    pivot = x - diagonal[i]! - (beside * beside) / pivot;
    if (!(pivot > 0)) return false;
  }
  return true;
}
