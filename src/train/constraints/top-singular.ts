/**
 * The largest singular value with its two vectors, by power iteration: from below and not certified. For steps that change the
 * direction in question and claim nothing.
 */
import { apply, applyTransposed, type DenseMatrix } from "../../numeric/matrix.js";

export interface TopSingular {
  readonly value: number;
  /** [rows], length 1 */
  readonly left: Float64Array;
  /** [columns], length 1 */
  readonly right: Float64Array;
}

const ITERATIONS = 200;
const ACCURACY = 1e-10;

/** Null for a matrix of zeros. */
export function topSingular(a: DenseMatrix): TopSingular | null {
  // The row that is longest isn't at right angles to all top directions, unless rows tie by accident; a little of all rows is added.
  let right = unit(applyTransposed(a, startWeights(a)));
  if (right === null) return null;
  let value = 0;
  for (let i = 0; i < ITERATIONS; i++) {
    const left = unit(apply(a, right));
    if (left === null) return null;
    const image = applyTransposed(a, left);
    const next = length(image);
    right = unit(image)!;
    const done = Math.abs(next - value) <= ACCURACY * next;
    value = next;
    if (done) break;
  }
  const image = apply(a, right);
  const left = unit(image);
  return left === null ? null : { value: length(image), left, right };
}

function startWeights({ rows, columns, data }: DenseMatrix): Float64Array {
  const lengths = Float64Array.from({ length: rows }, (_, i) =>
    length(data.subarray(i * columns, (i + 1) * columns)),
  );
  const longest = lengths.indexOf(Math.max(...lengths));
  return lengths.map((_, i) => (i === longest ? 1 : 0.1 + ((i * 0.618) % 1) / 10));
}

function length(a: Float64Array): number {
  let squares = 0;
  for (const value of a) squares += value * value;
  return Math.sqrt(squares);
}

function unit(a: Float64Array): Float64Array | null {
  const size = length(a);
  return size > 0 ? a.map((value) => value / size) : null;
}

/** a + factor left right', rounded to float32 into `weight`. */
export function addOuter(
  weight: Float32Array,
  a: DenseMatrix,
  factor: number,
  { left, right }: TopSingular,
): void {
  for (let i = 0, k = 0; i < a.rows; i++)
    for (let j = 0; j < a.columns; j++, k++) weight[k] = a.data[k]! + factor * left[i]! * right[j]!;
}
