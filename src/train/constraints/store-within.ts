/**
 * Writes a float64 matrix as float32 with a spectral norm that is proven to be at most a limit.
 *
 * Theorem. With s >= |A|_2, c the limit and t = (c / s) (1 - q), A's entries times t, rounded to float32, have a
 * spectral norm of at most c if q >= 2^-22 sqrt(min(rows, columns)) + 2^-40 and c >= 2^-40.
 * Proof. Rounding moves an entry by at most 2^-23 of its size (2^-24 and float64's share of it), or by 2^-149 where it is
 * subnormal: the matrix by at most 2^-23 t |A|_F + 2^-149 sqrt(rows columns) in Frobenius' norm, which bounds the spectral one, and
 * |A|_F <= sqrt(min(rows, columns)) |A|_2. So the norm is at most c (1 - q) (1 + q / 2) and the second term, below c (1 - q / 2) + c q / 2.
 * For s stands the norm of what was written at first, from above, times 1 + 2 q: by the same reasoning |A|_2 (1 - q / 2) is at most that norm.
 */
import { UserError } from "../../failure.js";
import type { DenseMatrix } from "../../numeric/matrix.js";
import { spectralNormUp } from "../../numeric/norms.js";

/** Least limit that a constraint may have. */
export const LEAST_LIMIT = 2 ** -40;
/** Largest limit that a constraint may have. */
export const MOST_LIMIT = 2 ** 40;

/** @throws UserError if the limit isn't a number that a constraint can have. */
export function checkLimit(name: string, limit: number): void {
  if (!(limit >= LEAST_LIMIT && limit <= MOST_LIMIT))
    throw new UserError(`${name} has the limit ${limit}; allowed: from ${LEAST_LIMIT} to ${MOST_LIMIT}`, 2);
}

/** Writes the values into the weight: as they are if that is within the limit, else all made smaller by one factor. */
export function storeWithin(weight: Float32Array, values: DenseMatrix, limit: number): void {
  const { rows, columns, data } = values;
  weight.set(data);
  const written = spectralNormUp({ rows, columns, data: weight });
  if (written <= limit) return;
  const q = 2 ** -22 * Math.sqrt(Math.min(rows, columns)) + 2 ** -40;
  store(weight, data, (limit / (written * (1 + 2 * q))) * (1 - q));
}

/** The same, with as little lost as a few measurements more can find: for what is to be orthonormal. */
export function storeTightly(weight: Float32Array, values: DenseMatrix, limit: number): void {
  const { rows, columns, data } = values;
  weight.set(data);
  const written = spectralNormUp({ rows, columns, data: weight });
  if (written <= limit) return;
  for (let lower = 2 ** -24; lower < 2 ** -20; lower *= 4) {
    store(weight, data, (limit / written) * (1 - lower));
    if (spectralNormUp({ rows, columns, data: weight }) <= limit) return;
  }
  storeWithin(weight, values, limit);
}

function store(weight: Float32Array, data: Float64Array, factor: number): void {
  for (let i = 0; i < data.length; i++) weight[i] = data[i]! * factor;
}
