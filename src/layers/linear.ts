/**
 * Linear maps of tokens: y = W x + b for every token.
 *
 * Tokens are one Float64Array [n * d], row by row, here and in every layer. The sum of a row runs over the columns
 * from first to last, beginning with the bias, so that the order of the additions, and with it every rounding, is fixed.
 *
 * Theorem (definition of the operator norm). |W x' - W x|_p <= |W|_p |x' - x|_p, with equality for some x'; the bias has no part in a
 * change, but makes the image of the zero vector b and not zero. The forward's error is at most (k + 2) u (|W|_F |x| + |b|), k = columns:
 * each row errs by at most (k + 2) u times the sum of its terms' sizes (Higham, section 3.1), and Cauchy-Schwarz.
 */
import type { Matrix, Vector } from "../numeric/matrix.js";
import { applyTransposed, dense } from "../numeric/matrix.js";
import { frobeniusNormUp, l1OperatorNormUp, linfOperatorNormUp, spectralNormUp } from "../numeric/norms.js";
import type { Balls, Image } from "./balls.js";
import { centerLengths, lengthUp, outward, sumRounding } from "./balls.js";

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
  // Four rows and two tokens at a time: each number that is read is used more than once.
  for (; o + 4 <= rows; o += 4) {
    const r0 = o * columns;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    const r3 = r2 + columns;
    const b0 = bias === null ? 0 : bias[o]!;
    const b1 = bias === null ? 0 : bias[o + 1]!;
    const b2 = bias === null ? 0 : bias[o + 2]!;
    const b3 = bias === null ? 0 : bias[o + 3]!;
    let i = 0;
    for (; i + 2 <= n; i += 2) {
      const a = i * columns;
      const b = a + columns;
      let s0 = b0;
      let s1 = b1;
      let s2 = b2;
      let s3 = b3;
      let t0 = b0;
      let t1 = b1;
      let t2 = b2;
      let t3 = b3;
      for (let c = 0; c < columns; c++) {
        const u = x[a + c]!;
        const v = x[b + c]!;
        const w0 = data[r0 + c]!;
        const w1 = data[r1 + c]!;
        const w2 = data[r2 + c]!;
        const w3 = data[r3 + c]!;
        s0 += w0 * u;
        s1 += w1 * u;
        s2 += w2 * u;
        s3 += w3 * u;
        t0 += w0 * v;
        t1 += w1 * v;
        t2 += w2 * v;
        t3 += w3 * v;
      }
      const s = i * rows + o;
      y[s] = s0;
      y[s + 1] = s1;
      y[s + 2] = s2;
      y[s + 3] = s3;
      const t = s + rows;
      y[t] = t0;
      y[t + 1] = t1;
      y[t + 2] = t2;
      y[t + 3] = t3;
    }
    if (i < n) {
      const a = i * columns;
      let s0 = b0;
      let s1 = b1;
      let s2 = b2;
      let s3 = b3;
      for (let c = 0; c < columns; c++) {
        const u = x[a + c]!;
        s0 += data[r0 + c]! * u;
        s1 += data[r1 + c]! * u;
        s2 += data[r2 + c]! * u;
        s3 += data[r3 + c]! * u;
      }
      const s = i * rows + o;
      y[s] = s0;
      y[s + 1] = s1;
      y[s + 2] = s2;
      y[s + 3] = s3;
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

/** What bounds need of a linear map; all from above. */
export interface LinearBound {
  readonly layer: Linear;
  /** |W|_2, largest column sum, largest row sum. */
  readonly l2: number;
  readonly l1: number;
  readonly linf: number;
  readonly frobenius: number;
  readonly bias: number;
}

export function linearBound(layer: Linear): LinearBound {
  const { weight, bias } = layer;
  return {
    layer,
    l2: spectralNormUp(weight),
    l1: l1OperatorNormUp(weight),
    linf: linfOperatorNormUp(weight),
    frobenius: frobeniusNormUp(weight),
    bias: bias === null ? 0 : lengthUp(bias),
  };
}

/** Error of the forward at two inputs of at most this length. */
export function linearRounding({ layer, frobenius, bias }: LinearBound, length: number): number {
  return outward(sumRounding(layer.weight.columns) * (frobenius * length + bias) + 2 ** -900);
}

export function linearBalls(bound: LinearBound, balls: Balls): Image {
  const { layer, l2 } = bound;
  const lengths = centerLengths(balls);
  const rounding = balls.radii.map((r, i) => linearRounding(bound, lengths[i]! + r));
  return {
    d: layer.weight.rows,
    centers: linear(layer, balls.centers),
    radii: balls.radii.map((r, i) => outward(l2 * r + rounding[i]!)),
    rounding,
  };
}

/** Gradients at the input from gradients at the output, both as balls that hold for every input. */
export function linearGradient({ layer, l2, frobenius }: LinearBound, gradient: Balls): Balls {
  const { rows, columns } = layer.weight;
  const weight = dense(layer.weight);
  const centers = new Float64Array(gradient.radii.length * columns);
  const radii = gradient.radii.map((rho, i) => {
    const g = gradient.centers.subarray(i * rows, (i + 1) * rows);
    centers.set(applyTransposed(weight, g), i * columns);
    return outward(l2 * rho + sumRounding(rows) * frobenius * lengthUp(g) + 2 ** -900);
  });
  return { d: columns, centers, radii };
}
