/**
 * The grid of weights: multiples of 2^-20, at most 2^20 in size.
 *
 * Theorem. Sums of up to 2^12 such numbers, in float64, are exact, in every order; so are sums of up to
 * 2^32 of them that are each at most 1 in size.
 * Proof. Every partial sum is a multiple of 2^-20 and at most 2^32 in size, hence an integer below 2^52 times
 * 2^-20, which float64 represents; an addition whose exact result is representable is exact.
 */
import { UserError } from "../failure.js";

export const GRID = 2 ** -20;
export const GRID_LIMIT = 2 ** 20;

/** The nearest point of the grid. */
export function toGrid(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** @throws UserError naming the first value that is off the grid or larger than `limit`. */
export function assertOnGrid(name: string, values: ArrayLike<number>, limit = GRID_LIMIT): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(Math.abs(value) <= limit) || value !== toGrid(value))
      throw new UserError(
        `${name}[${i}] is ${value}; weights must be multiples of 2^-20 of at most ${limit} in size`,
      );
  }
}
