/**
 * Linear maps of tokens: y = W x + b for every token.
 *
 * Tokens are one Float64Array [n * d], row by row, here and in every layer. The sum of a row runs over the columns
 * from first to last, beginning with the bias, so that the order of the additions, and with it every rounding, is fixed.
 */
import type { Matrix, Vector } from "../numeric/matrix.js";

export interface Linear {
  /** [out, in] */
  readonly weight: Matrix;
  /** [out] */
  readonly bias: Vector | null;
}

/** W x + b of each of the n tokens: [n * in] gives [n * out]. */
export function linear({ weight, bias }: Linear, x: Float64Array): Float64Array {
  const { rows, columns, data } = weight;
  const n = columns === 0 ? 0 : x.length / columns;
  const y = new Float64Array(n * rows);
  let o = 0;
  // Four rows at a time: each token's numbers are read once for all four.
  for (; o + 4 <= rows; o += 4) {
    const r0 = o * columns;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    const r3 = r2 + columns;
    for (let i = 0; i < n; i++) {
      const from = i * columns;
      let s0 = bias === null ? 0 : bias[o]!;
      let s1 = bias === null ? 0 : bias[o + 1]!;
      let s2 = bias === null ? 0 : bias[o + 2]!;
      let s3 = bias === null ? 0 : bias[o + 3]!;
      for (let c = 0; c < columns; c++) {
        const value = x[from + c]!;
        s0 += data[r0 + c]! * value;
        s1 += data[r1 + c]! * value;
        s2 += data[r2 + c]! * value;
        s3 += data[r3 + c]! * value;
      }
      const to = i * rows + o;
      y[to] = s0;
      y[to + 1] = s1;
      y[to + 2] = s2;
      y[to + 3] = s3;
    }
  }
  for (; o < rows; o++)
    for (let i = 0; i < n; i++) {
      let sum = bias === null ? 0 : bias[o]!;
      for (let c = 0; c < columns; c++) sum += data[o * columns + c]! * x[i * columns + c]!;
      y[i * rows + o] = sum;
    }
  return y;
}
