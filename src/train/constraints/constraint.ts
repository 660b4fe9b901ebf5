/**
 * A constraint on a weight matrix: what is done to it after every step of the optimiser, so that its singular values stay
 * where they are wanted (Newhouse et al., Training Transformers with Enforced Lipschitz Constants, 2507.13338).
 */
import { UserError } from "../../failure.js";
import { type DenseMatrix, matrix } from "../../numeric/matrix.js";

export interface Constraint {
  /** As it is written in options, its numbers included. */
  readonly name: string;
  /**
   * The most that the spectral norm of any matrix is once this was applied at the last step (`step` = `total` - 1): proven, not
   * measured, and for the float32 numbers that stand in the matrix then. Null: nothing is promised.
   */
  readonly limit: number | null;
  /**
   * Changes the weight in place.
   * @param weight [rows * columns], row by row
   * @param step from 0 to total - 1
   * @param total steps of the whole run
   * @throws UserError if an entry isn't finite, or the constraint doesn't fit the shape
   */
  apply(weight: Float32Array, rows: number, columns: number, step: number, total: number): void;
}

/** The weight in float64, which is exact. @throws UserError if an entry isn't finite. */
export function finiteMatrix(weight: Float32Array, rows: number, columns: number): DenseMatrix {
  const bad = weight.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new UserError(
      `training has diverged: a weight of ${rows} x ${columns} holds ${weight[bad]}; a lower learning rate may help`,
    );
  return matrix(rows, columns, weight);
}
