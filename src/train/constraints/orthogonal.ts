/**
 * Orthonormal rows, W W' = I: the retraction to the Stiefel manifold that the orthogonal-Jacobian feed-forward block
 * x - 2 W' relu(W x) needs (Massucco et al., 2508.02882).
 *
 * The nearest matrix with orthonormal rows is the polar factor U V' of W = U S V'. Newton and Schulz's iteration X (3 I - X'X) / 2 moves every singular
 * value s to s (3 - s^2) / 2, which rises to 1 from anywhere in (0, sqrt(3)), quadratically in the end (Higham, Functions of Matrices, section
 * 8.3). Rows that depend on each other (or nearly) have no polar factor that it finds; then rows are made orthonormal one after another by Gram and
 * Schmidt, twice, and a row without a direction of its own takes a unit vector's.
 *
 * What is written is float32 with a spectral norm proven to be just below 1, so that the block's constant max(1, 2 |W|^2 - 1) is exactly 1
 * (layers/feed-forward-bound.ts), though W W' is I only to rounding.
 */
import { UserError } from "../../failure.js";
import {
  type DenseMatrix,
  gram,
  identity,
  mapEntries,
  matrix,
  multiply,
  plus,
} from "../../numeric/matrix.js";
import { linfOperatorNormUp } from "../../numeric/norms.js";
import { type Constraint, finiteMatrix } from "./constraint.js";
import { storeTightly } from "./store-within.js";

const NEWTON_STEPS = 24;
/** So far below 1 that 2 |W|^2 - 1, rounded outward by 2^-30 of its size, isn't above 1. */
const LIMIT = 1 - 2 ** -30;
/** Largest entry of W W' - I in float64. */
const ACCURACY = 1e-12;

export function orthogonal(): Constraint {
  return {
    name: "orthogonal",
    limit: 1,
    apply(weight, rows, columns) {
      storeTightly(weight, orthonormalRows(finiteMatrix(weight, rows, columns)), LIMIT);
    },
  };
}

/** A matrix with orthonormal rows: the polar factor, or one close by. @throws UserError if there are more rows than columns */
export function orthonormalRows(a: DenseMatrix): DenseMatrix {
  if (a.rows > a.columns)
    throw new UserError(
      `a weight of ${a.rows} x ${a.columns} can't have orthonormal rows: at most as many rows as columns`,
    );
  const atMost = Math.sqrt(linfOperatorNormUp(gram(a)));
  // Near the manifold nothing is scaled, so that the iteration stays short; sqrt(3) is where it ends to converge.
  const factor = atMost > 1.7 || atMost < 0.3 ? 1 / atMost : 1;
  if (!Number.isFinite(factor)) return gramSchmidt(a);
  let x = mapEntries(a, (value) => value * factor);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const square = gram(x);
    if (distanceFromIdentity(square) <= ACCURACY) return x;
    x = multiply(
      plus(
        mapEntries(identity(a.rows), (value) => 1.5 * value),
        square,
        -0.5,
      ),
      x,
    );
  }
  return gramSchmidt(a);
}

/** The largest entry of A - I, in size. */
function distanceFromIdentity({ rows, data }: DenseMatrix): number {
  let most = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++) most = Math.max(most, Math.abs(data[i * rows + j]! - (i === j ? 1 : 0)));
  return most;
}

function gramSchmidt(a: DenseMatrix): DenseMatrix {
  const { rows, columns } = a;
  const result = matrix(rows, columns);
  let spare = 0;
  for (let i = 0; i < rows; i++) {
    let row = a.data.slice(i * columns, (i + 1) * columns);
    while (!standUp(result, i, row)) {
      // Some unit vector isn't in the span of the rows before: there are fewer of them than columns.
      row = new Float64Array(columns);
      row[spare++] = 1;
    }
    result.data.set(row, i * columns);
  }
  return result;
}

/** Makes the row orthonormal to the first i; false if little of it is left. */
function standUp(rows: DenseMatrix, i: number, row: Float64Array): boolean {
  const { columns, data } = rows;
  const size = length(row);
  if (!(size > 0)) return false;
  scale(row, 1 / size);
  for (let pass = 0; pass < 2; pass++) {
    for (let k = 0; k < i; k++) {
      let along = 0;
      for (let c = 0; c < columns; c++) along += data[k * columns + c]! * row[c]!;
      for (let c = 0; c < columns; c++) row[c] = row[c]! - along * data[k * columns + c]!;
    }
    const left = length(row);
    // Of the unit vectors, one has at least 1 / sqrt(columns) outside of the span of fewer rows than columns.
    if (left < 0.1 / Math.sqrt(columns)) return false;
    scale(row, 1 / left);
  }
  return true;
}

function length(a: Float64Array): number {
  let squares = 0;
  for (const value of a) squares += value * value;
  return Math.sqrt(squares);
}

function scale(a: Float64Array, factor: number): void {
  for (let c = 0; c < a.length; c++) a[c] = a[c]! * factor;
}
