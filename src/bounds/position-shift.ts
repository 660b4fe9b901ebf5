/**
 * What moving tokens along does to absolute positions.
 *
 * Token i of a sequence gets row `offset + i` of the table p. If `delta` tokens more stand before it, it gets
 * row offset + i + delta. For every first token, over it and all behind it:
 *
 *     sums[first]:   sum of |p_{offset+i+delta} - p_{offset+i}|
 *     largest[first]: the largest of them
 *
 * Only tokens whose rows are both in the table count: one that is pushed beyond the end isn't read any more, and is a
 * token that vanishes. Promise: never below the real numbers; differences and sums are rounded up (token-costs.ts).
 */
import type { Matrix } from "../numeric/matrix.js";
import { addUp, multiplyUp, UNIT_ROUNDOFF } from "../numeric/rounding.js";
import { NORMS_UP, type NormName } from "./token-costs.js";

export interface PositionShift {
  readonly delta: number;
  /** [tokens + 1] each, the last 0. */
  readonly sums: Float64Array;
  readonly largest: Float64Array;
}

/**
 * @param table [positions, d]
 * @param offset row of token 0
 * @param tokens length of the sequence
 * @param delta tokens more (or less: below 0) in front
 */
export function positionShift(
  { rows, columns, data }: Matrix,
  norm: NormName,
  offset: number,
  tokens: number,
  delta: number,
): PositionShift {
  const sums = new Float64Array(tokens + 1);
  const largest = new Float64Array(tokens + 1);
  const difference = new Float64Array(columns);
  for (let i = tokens - 1; i >= 0; i--) {
    const from = offset + i;
    const to = from + delta;
    let moved = 0;
    if (from >= 0 && from < rows && to >= 0 && to < rows) {
      for (let c = 0; c < columns; c++) difference[c] = data[to * columns + c]! - data[from * columns + c]!;
      moved = multiplyUp(NORMS_UP[norm](difference), 1 + 4 * UNIT_ROUNDOFF);
    }
    sums[i] = addUp(sums[i + 1]!, moved);
    largest[i] = Math.max(largest[i + 1]!, moved);
  }
  return { delta, sums, largest };
}
