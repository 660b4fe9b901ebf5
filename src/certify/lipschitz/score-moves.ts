/**
 * How far the scores of one head can move when each token moves by at most its radius, for all three ways to compare (layers/similarity.ts).
 *
 * Let m be what is compared, q' - q = W_q x with |x| <= rho_i, k' - k = W_k y with |y| <= rho_j. The score is a monotone function f of m, so a
 * range of m' is a range of scores: with |m' - m| <= delta it moves within f(m +- delta).
 * - dot: delta = |W_k' q| rho_j + |W_q' k| rho_i + |W_q' W_k| rho_i rho_j.
 * - cosine: m = u.w, u = q / R, R = sqrt(|q|^2 + epsilon), w of the key likewise. u'.w' - u.w = (u' - u).w + u.(w' - w) + (u' - u).(w' - w), and
 *   |u' - u| <= chord(|W_q| rho_i / R): R is the length of (q, sqrt epsilon), before anything was shortened (norm.ts). In the direction of w,
 *   |(u' - u).w| <= |W_q' (w - u (u.w))| rho_i / R + |w| r^2 / (sqrt(3) R (R - r)), r = |W_q| rho_i < R: the gradient of u.w in q is (w - u (u.w)) / R, and
 *   is within |w| (2 / sqrt 3) t r / (R (R - t r)) of that at t x (norm.ts), of which the integral over t is at most half that at 1.
 * - distance: m = |D|^2, D = q - k, s = |W_q| rho_i + |W_k| rho_j: m' - m = 2 D.(W_q x - W_k y) + |W_q x - W_k y|^2 is at least
 *   -2 (|W_q' D| rho_i + |W_k' D| rho_j) and at most that with the other sign + s^2; and |D'| is within s of |D|.
 * Rounding: what is compared, and each of the lengths, errs by less than 2^-40 of the sizes of its terms, which is added; results are multiplied by OUT.
 */
import type { NullMassAttention } from "../../layers/attention.js";
import { linear } from "../../layers/linear.js";
import { chord } from "../../layers/norm.js";
import { compare, epsilonOf, scoreOf, similarityOf } from "../../layers/similarity.js";
import { type DenseMatrix, multiply, transpose } from "../../numeric/matrix.js";
import { spectralNormUp } from "../../numeric/norms.js";

const OUT = 1 + 2 ** -25;
const SLACK = 2 ** -40;

/** Of one head, [width, d] each. */
export interface ScoreHead {
  readonly query: DenseMatrix;
  readonly key: DenseMatrix;
  /** Spectral norms from above of these, and of W_q' W_k. */
  readonly queryNorm: number;
  readonly keyNorm: number;
  readonly pair: number;
}

export function scoreHead(query: DenseMatrix, key: DenseMatrix): ScoreHead {
  const queryNorm = spectralNormUp(query);
  const keyNorm = spectralNormUp(key);
  const pair = Math.min(spectralNormUp(multiply(transpose(query), key)) * OUT, queryNorm * keyNorm);
  return { query, key, queryNorm, keyNorm, pair };
}

/** [n * n] each, query by key. */
export interface ScoreMoves {
  /** exp(score) at the text itself */
  readonly weights: Float64Array;
  /** What a weight can be multiplied by at most, and at least. */
  readonly growth: Float64Array;
  readonly shrink: Float64Array;
}

/**
 * @param index of the head
 * @param h [n * d] the tokens
 * @param queries [n * heads * width] as `project` gives them, keys too
 */
export function scoreMoves(
  layer: NullMassAttention,
  head: ScoreHead,
  index: number,
  h: Float64Array,
  radii: Float64Array,
  queries: Float64Array,
  keys: Float64Array,
): ScoreMoves {
  const n = radii.length;
  const width = head.query.rows;
  const similarity = similarityOf(layer);
  const q = rowsOf(queries, n, index, width);
  const k = rowsOf(keys, n, index, width);
  const compared = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) compared[i * n + j] = compare(similarity, q, i * width, k, j * width, width);
  const weights = compared.map((m) => Math.exp(scoreOf(layer, m)));
  const growth = new Float64Array(n * n).fill(OUT);
  const shrink = new Float64Array(n * n).fill(1 / OUT);
  if (radii.some((r) => r > 0)) {
    const range = ranges(layer, head, index, h, radii, q, k, compared);
    const error = SLACK * (1 + layer.limit);
    for (let at = 0; at < n * n; at++) {
      const now = scoreOf(layer, compared[at]!);
      // Whether scores rise with what is compared is up to the sign of the scale.
      const ends = range(Math.floor(at / n), at % n).map((m) => scoreOf(layer, m));
      const least = Math.min(...ends);
      const most = Math.max(...ends);
      growth[at] = Math.exp(Math.max(0, most - now) * OUT + error) * OUT;
      shrink[at] = Math.exp(-Math.max(0, now - least) * OUT - error) / OUT;
    }
  }
  return { weights, growth, shrink };
}

type Range = (i: number, j: number) => readonly [low: number, high: number];

/** The range of what is compared. */
function ranges(
  layer: NullMassAttention,
  head: ScoreHead,
  index: number,
  h: Float64Array,
  radii: Float64Array,
  q: Float64Array,
  k: Float64Array,
  compared: Float64Array,
): Range {
  const n = radii.length;
  const width = head.query.rows;
  const d = head.query.columns;
  const lengthQ = lengths(q, width);
  const lengthK = lengths(k, width);
  const queryOfK = pulled(head.query, k);
  const keyOfQ = pulled(head.key, q);
  if (similarityOf(layer) === "dot") {
    const toward = lengths(keyOfQ, d);
    const from = lengths(queryOfK, d);
    return (i, j) => {
      const [a, b] = [radii[i]!, radii[j]!];
      const delta = toward[i]! * b + from[j]! * a + head.pair * a * b;
      const slack = SLACK * (lengthQ[i]! + head.queryNorm * a) * (lengthK[j]! + head.keyNorm * b);
      const m = compared[i * n + j]!;
      return [m - delta * OUT - slack, m + delta * OUT + slack];
    };
  }
  const queryOfQ = pulled(head.query, q);
  const keyOfK = pulled(head.key, k);
  if (similarityOf(layer) === "distance")
    return (i, j) => {
      const [a, b] = [radii[i]!, radii[j]!];
      const s = head.queryNorm * a + head.keyNorm * b;
      const sizes = lengthQ[i]! + lengthK[j]!;
      const along =
        apart(queryOfQ, i * d, 1, queryOfK, j * d, d, head.queryNorm * sizes) * a +
        apart(keyOfQ, i * d, 1, keyOfK, j * d, d, head.keyNorm * sizes) * b;
      const slack = SLACK * (sizes + s) ** 2;
      const m = compared[i * n + j]!;
      const length = Math.sqrt(m);
      const low = Math.max(m - 2 * along * OUT - slack, Math.max(0, length - s * OUT) ** 2 - slack);
      const high = Math.min(m + 2 * along * OUT + s * s * OUT, (length + s * OUT) ** 2) + slack;
      return [Math.max(0, low), high];
    };
  const turnQ = turns(linear(layer.query, h), n, index, width, epsilonOf(layer), radii, head.queryNorm);
  const turnK = turns(linear(layer.key, h), n, index, width, epsilonOf(layer), radii, head.keyNorm);
  return (i, j) => {
    const m = compared[i * n + j]!;
    const forQ = apart(queryOfK, j * d, m, queryOfQ, i * d, d, 2 * head.queryNorm);
    const forK = apart(keyOfQ, i * d, m, keyOfK, j * d, d, 2 * head.keyNorm);
    const delta =
      Math.min(lengthK[j]! * turnQ.chord[i]!, forQ * turnQ.steep[i]! + lengthK[j]! * turnQ.bend[i]!) +
      Math.min(lengthQ[i]! * turnK.chord[j]!, forK * turnK.steep[j]! + lengthQ[i]! * turnK.bend[j]!) +
      turnQ.chord[i]! * turnK.chord[j]!;
    return [Math.max(-1, m - delta * OUT - SLACK) - SLACK, Math.min(1, m + delta * OUT + SLACK) + SLACK];
  };
}

/** [n] each: how far shortened rows move, at most; what the linear part is multiplied by, and what is left of it. */
interface Turns {
  readonly chord: Float64Array;
  readonly steep: Float64Array;
  readonly bend: Float64Array;
}

/** @param all [n * heads * width] rows before they are shortened */
function turns(
  all: Float64Array,
  n: number,
  index: number,
  width: number,
  epsilon: number,
  radii: Float64Array,
  size: number,
): Turns {
  const own = lengths(rowsOf(all, n, index, width), width);
  // Rounding of the row may have made its length too large.
  const roots = own.map((length) => Math.sqrt(length * length + epsilon) / (OUT * OUT));
  const ratios = roots.map((root, i) => (size * radii[i]! * OUT) / root);
  return {
    chord: ratios.map((t) => chord(t)),
    steep: roots.map((root, i) => (radii[i]! / root) * OUT),
    // r^2 / (R (R - r)) = t^2 / (1 - t); 1 / sqrt 3 < 0.57736.
    bend: ratios.map((t) => (t < 1 ? ((0.57736 * t * t) / (1 - t)) * OUT : Number.POSITIVE_INFINITY)),
  };
}

/** [n * width] the rows of one head, side by side in `all`. */
function rowsOf(all: Float64Array, n: number, index: number, width: number): Float64Array {
  const stride = n === 0 ? 0 : all.length / n;
  const rows = new Float64Array(n * width);
  for (let i = 0; i < n; i++)
    rows.set(all.subarray(i * stride + index * width, i * stride + (index + 1) * width), i * width);
  return rows;
}

/** [n * d] W' x of rows x. */
function pulled({ rows: width, columns: d, data }: DenseMatrix, x: Float64Array): Float64Array {
  const n = x.length / width;
  const out = new Float64Array(n * d);
  for (let i = 0; i < n; i++)
    for (let s = 0; s < width; s++) {
      const factor = x[i * width + s]!;
      for (let e = 0; e < d; e++) out[i * d + e] = out[i * d + e]! + factor * data[s * d + e]!;
    }
  return out;
}

/** [n] lengths of rows, from above. */
function lengths(rows: Float64Array, width: number): Float64Array {
  return Float64Array.from({ length: rows.length / width }, (_, i) => {
    let square = 0;
    for (let c = 0; c < width; c++) square += rows[i * width + c]! ** 2;
    return Math.sqrt(square) * OUT;
  });
}

/** |a - factor b| from above; `size` is of the terms that both were summed from. */
function apart(
  a: Float64Array,
  from: number,
  factor: number,
  b: Float64Array,
  at: number,
  d: number,
  size: number,
): number {
  let square = 0;
  for (let e = 0; e < d; e++) square += (a[from + e]! - factor * b[at + e]!) ** 2;
  return Math.sqrt(square) * OUT + SLACK * size;
}
