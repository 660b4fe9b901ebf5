/**
 * A small semidefinite program by a logarithmic barrier and Newton's method:
 *
 *     maximise c   such that   S = F + sum_k l_k (a_k b_k' + b_k a_k') / 2 - c V'V  is positive semidefinite,  l_k >= 0.
 *
 * Promise: none about accuracy. What comes out is strictly feasible up to rounding, and whoever uses it proves what it is
 * worth (multipliers.ts). Steps: with Q = S^-1, the barrier's derivatives are a_k'Q b_k + 1 / l_k and -tr(V Q V'), and minus its second
 * derivatives ((AQA')(BQB') + (AQB')(BQA')) / 2 entry by entry (Boyd and Vandenberghe, Convex optimization, chapter 11).
 */
import { cholesky, inverse, solveRows } from "../numeric/cholesky.js";
import {
  type DenseMatrix,
  matrix,
  multiply,
  multiplyTransposed,
  plus,
  transpose,
} from "../numeric/matrix.js";

export interface Program {
  /** [n, n] */
  readonly f: DenseMatrix;
  /** [k, n] each: the rows a_k and b_k. */
  readonly a: DenseMatrix;
  readonly b: DenseMatrix;
  /** [r, n] */
  readonly v: DenseMatrix;
}

export interface Point {
  readonly l: Float64Array;
  readonly c: number;
}

/** Each round multiplies the weight of c by this. */
const SHARPEN = 10;
const NEWTON_STEPS = 50;

/**
 * A point whose c is within about `gap` (relative) of the best; null if `start` isn't strictly feasible.
 * @param start l_k > 0 and c > 0 with S positive definite
 */
export function maximise(program: Program, start: Point, gap = 1e-8): Point | null {
  const constraints = program.f.rows + program.a.rows;
  let point = start;
  if (cholesky(combination(program, start, 1)) === null) return null;
  // A light weight first, so that the path begins in the middle: from near the border Newton's steps are short.
  for (let weight = 1 / start.c; ; weight *= SHARPEN) {
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const next = newton(program, point, weight);
      // No way on at this weight: rounding hides what a step would gain, or the middle is reached.
      if (next === null) break;
      point = next.point;
      if (next.decrement < 0.1) break;
    }
    if (constraints / weight < gap * point.c) return point;
  }
}

/** `constant` f + sum_k l_k (a_k b_k' + b_k a_k') / 2 - c V'V. */
function combination({ f, a, b, v }: Program, { l, c }: Point, constant: number): DenseMatrix {
  const n = f.rows;
  const weighted = matrix(a.rows, n, a.data);
  for (let k = 0; k < a.rows; k++) for (let j = 0; j < n; j++) weighted.data[k * n + j]! *= l[k]! / 2;
  const half = multiply(transpose(weighted), b);
  const columns = transpose(v);
  const gram = multiplyTransposed(columns, columns);
  const s = matrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      s.data[i * n + j] =
        constant * f.data[i * n + j]! +
        (half.data[i * n + j]! + half.data[j * n + i]!) -
        c * gram.data[i * n + j]!;
  return s;
}

/** One damped step; null where there is none that gains anything. */
function newton(
  program: Program,
  point: Point,
  weight: number,
): { readonly point: Point; readonly decrement: number } | null {
  const slack = combination(program, point, 1);
  const factor = cholesky(slack);
  if (factor === null) return null;
  const { a, b, v } = program;
  const count = a.rows;
  const q = inverse(factor);
  const [aq, bq, vq] = [multiply(a, q), multiply(b, q), multiply(v, q)];
  const [aqa, bqb, aqb] = [multiplyTransposed(aq, a), multiplyTransposed(bq, b), multiplyTransposed(aq, b)];
  const [aqv, bqv, vqv] = [multiplyTransposed(aq, v), multiplyTransposed(bq, v), multiplyTransposed(vq, v)];
  const gradient = new Float64Array(count + 1);
  const h = matrix(count + 1, count + 1);
  const at = (x: DenseMatrix, i: number, j: number) => x.data[i * x.columns + j]!;
  for (let i = 0; i < count; i++) {
    const inverseL = 1 / point.l[i]!;
    gradient[i] = at(aqb, i, i) + inverseL;
    for (let j = 0; j <= i; j++)
      h.data[i * (count + 1) + j] = (at(aqa, i, j) * at(bqb, i, j) + at(aqb, i, j) * at(aqb, j, i)) / 2;
    h.data[i * (count + 1) + i]! += inverseL * inverseL;
    let cross = 0;
    for (let r = 0; r < v.rows; r++) cross += at(aqv, i, r) * at(bqv, i, r);
    h.data[count * (count + 1) + i] = -cross;
  }
  let [trace, square] = [0, 0];
  for (let r = 0; r < v.rows; r++) trace += at(vqv, r, r);
  for (const x of vqv.data) square += x * x;
  gradient[count] = weight - trace;
  h.data[count * (count + 1) + count] = square;
  const step = solve(h, gradient);
  if (step === null) return null;
  const decrement = Math.sqrt(
    Math.max(
      0,
      step.reduce((sum, x, i) => sum + x * gradient[i]!, 0),
    ),
  );
  const here = merit(point, weight, factor);
  const change = combination(program, { l: step.subarray(0, count), c: step[count]! }, 0);
  for (let size = 1; size > 1e-8; size /= 2) {
    const next = { l: point.l.map((x, k) => x + size * step[k]!), c: point.c + size * step[count]! };
    if (!(next.c > 0 && next.l.every((x) => x > 0))) continue;
    const nextFactor = cholesky(plus(slack, change, size));
    if (nextFactor === null) continue;
    const gain = merit(next, weight, nextFactor) - here;
    if (gain > 0.1 * size * decrement * decrement) return { point: next, decrement };
  }
  return null;
}

/** weight c + log det S + sum log l_k: what a step has to raise. */
function merit({ l, c }: Point, weight: number, factor: DenseMatrix): number {
  let sum = weight * c;
  for (let i = 0; i < factor.rows; i++) sum += 2 * Math.log(factor.data[i * factor.rows + i]!);
  for (const x of l) sum += Math.log(x);
  return sum;
}

/** h^-1 g, with h scaled to a unit diagonal first. */
function solve(h: DenseMatrix, g: Float64Array): Float64Array | null {
  const n = h.rows;
  const scale = Float64Array.from(g, (_, i) => 1 / Math.sqrt(h.data[i * n + i]!));
  const scaled = matrix(n, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) scaled.data[i * n + j] = h.data[i * n + j]! * scale[i]! * scale[j]!;
  const factor = cholesky(scaled);
  if (factor === null) return null;
  const half = solveRows(factor, { rows: 1, columns: n, data: g.map((x, i) => x * scale[i]!) }).data;
  const result = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = half[i]!;
    for (let k = i + 1; k < n; k++) sum -= factor.data[k * n + i]! * result[k]!;
    result[i] = sum / factor.data[i * n + i]!;
  }
  return result.map((x, i) => x * scale[i]!);
}
