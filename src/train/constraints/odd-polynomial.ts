/**
 * Odd polynomials of a matrix: p(W) = U p(S) V' for W = U S V', by products alone, without the singular value
 * decomposition (2507.13338, weight constraints). With G = W W', c1 W + c3 G W + c5 G G W.
 */
import { type DenseMatrix, gram, matrix, multiply, transpose } from "../../numeric/matrix.js";

/**
 * @param a [rows, columns]
 * @param coefficients of x, x^3, x^5, ...; at least one
 */
export function oddPolynomial(a: DenseMatrix, coefficients: readonly number[]): DenseMatrix {
  // The smaller Gram matrix is the cheaper one.
  if (a.rows > a.columns) return transpose(oddPolynomial(transpose(a), coefficients));
  const n = a.rows;
  const square = gram(a);
  // Horner: (.. (c5 G + c3) G + c1) W.
  let factor = matrix(n, n);
  for (let i = coefficients.length - 1; i >= 0; i--) {
    if (i < coefficients.length - 1) factor = multiply(factor, square);
    for (let k = 0; k < n; k++) factor.data[k * n + k] = factor.data[k * n + k]! + coefficients[i]!;
  }
  return multiply(factor, a);
}

/** The same polynomial of a number. */
export function oddPolynomialOf(x: number, coefficients: readonly number[]): number {
  return x * coefficients.reduceRight((sum, c) => sum * x * x + c, 0);
}
