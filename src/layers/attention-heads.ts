/**
 * The weights of one head of attention on balls: how far each can move, and what that does to the output.
 *
 * Theorem. Per query, p the weights at the centers, z_j = W_o v_j, o their mean under p (a null mass is one more key with z = 0). As
 * sum_j (p'_j - p_j) = 0, the weights' part of the change is sum_j (p'_j - p_j) (z_j - o). With e_j the moves of the scores less what is common to
 * all keys, Z = sum_j p_j e^{e_j}, p'_j = p_j e^{e_j} / Z, its length is at most each of
 * 1. (1/Z) | sum_j p_j (e^{e_j} - 1) (z_j - o) | <= (1/Z) [ |C| r_i + sum_j p_j (a_j + f(w_j)) |z_j - o| ], where the part of e_j due to the query's
 *    own change is linear in it, C = factor sum_j p_j (z_j - o) (W_q'(k_j - k*))', a_j bounds the rest of e_j, w_j all of it,
 *    f(w) = min(e^w - 1, w^2 e^w / 2) >= e^w - 1 - w, and Z >= exp(-sum_j p_j a_j) (Jensen; with k* the mean key the query's part has the mean zero);
 * 2. the largest form sum_j p'_j |z_j - o| (weight-box.ts);    3. sum_j shift_j |z_j - o|.
 * Its distance from sum_j p_j l_j (z_j - o), l_j the part of e_j that is linear in the tokens' changes and x_j a bound of the rest, is at most
 *    u [ |C| r_i + sum_j p_j a_j |z_j - o| ] + (1 + u) sum_j p_j (x_j + f(w_j)) |z_j - o|,    |1/Z - 1| <= u,
 * since e^{e_j} - 1 = l_j + (e_j - l_j) + (e^{e_j} - 1 - e_j); Z - 1 <= sum_j p_j (a_j + f(w_j)) and 1/Z - 1 <= exp(sum_j p_j a_j) - 1.
 * Sigmoid: weights move one by one, each by at most min(w_j / 4, its range on the interval), so only 3 with z_j itself.
 */
import { frobeniusNormUp, spectralNormUp } from "../numeric/norms.js";
import { sigmoid } from "./activation.js";
import type { Attention, Projected } from "./attention.js";
import { score, weigh } from "./attention.js";
import type { AttentionBound, HeadParts } from "./attention-parts.js";
import type { ScoreBox } from "./attention-scores.js";
import { rowWidths, scoreBox } from "./attention-scores.js";
import type { Balls } from "./balls.js";
import { lengthUp, outward, ROUNDING, sumRounding } from "./balls.js";
import { largestForm, weightShifts } from "./weight-box.js";

/** One head at the centers, and how far its weights can move; all [n * n], query by key. */
export interface HeadState {
  readonly weights: Float64Array;
  /** [n] Weights of the null, if there is one. */
  readonly nulls: Float64Array | null;
  /** Largest |p' - p| of each weight. */
  readonly shifts: Float64Array;
  readonly box: ScoreBox;
  /** [n] What sum_j (p'_j - p_j) z_j can be at most, per query. */
  readonly moves: Float64Array;
  /** z_j = W_o v_j, [n * d]. */
  readonly z: Float64Array;
  /** [n] What that sum is at most away from sum_j p_j (linear part of e_j) (z_j - o), per query. */
  readonly remainders: Float64Array;
}

/** Multiplications that the matrices C of a sequence may cost. */
const MATRIX_WORK = 2 ** 24;

/** One head's weights at the centers [n * n], and those of the null [n], whose value is zero. */
function centerWeights(
  layer: Attention,
  h: number,
  { queries, keys }: Projected,
  n: number,
): readonly [Float64Array, Float64Array | null] {
  const stride = layer.query.weight.rows;
  const width = stride / layer.heads;
  const weights = new Float64Array(n * n);
  const nulls = layer.kind === "null-mass" ? new Float64Array(n) : null;
  for (let i = 0; i < n; i++) {
    const row = weights.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < n; j++)
      row[j] = score(layer, queries, i * stride + h * width, keys, j * stride + h * width, width);
    if (layer.kind === "null-mass") {
      let mass = layer.nullMass;
      for (const s of row) mass += Math.exp(s);
      nulls![i] = layer.nullMass / mass;
    }
    weigh(layer, row);
  }
  return [weights, nulls];
}

/** A row with one entry more, if there is a null. */
export function andOne(row: Float64Array, last: number | null): Float64Array {
  if (last === null) return row;
  const longer = new Float64Array(row.length + 1);
  longer.set(row);
  longer[row.length] = last;
  return longer;
}

/** `needed`: of so many queries, the first, bounds may be dear. */
export function headState(
  bound: AttentionBound,
  h: number,
  projected: Projected,
  balls: Balls,
  needed = balls.radii.length,
): HeadState {
  const { layer } = bound;
  const n = balls.radii.length;
  const parts = bound.heads[h]!;
  const { d } = balls;
  const [weights, nulls] = centerWeights(layer, h, projected, n);
  const box = scoreBox(bound, h, projected, balls, weights);
  const shifts = new Float64Array(n * n);
  const moves = new Float64Array(n);
  const remainders = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const z = outputs(parts, projected.values, n, h, layer.value.weight.rows);
  const depth = parts.value.rows;
  let longest = 0;
  for (let j = 0; j < n; j++)
    longest = Math.max(
      longest,
      lengthUp(projected.values, j * layer.value.weight.rows, layer.value.weight.rows),
    );
  // |W_o|_F <= sqrt(depth) |W_o|.
  const error = outward(sumRounding(depth) * Math.sqrt(depth) * parts.outputNorm * longest);
  const work = needed * layer.heads * (n * d * d + 12 * d * d * d);
  for (let i = 0; i < n; i++) {
    const p = weights.subarray(i * n, (i + 1) * n);
    const widths = rowWidths(layer, box, i, n);
    if (layer.kind === "sigmoid") {
      const own = sigmoidShifts(layer, projected, h, i, n, widths, p);
      shifts.set(own, i * n);
      let sum = 0;
      for (let j = 0; j < n; j++) sum += own[j]! * (lengthUp(z, j * d, d) + error);
      moves[i] = outward(sum);
      continue;
    }
    const full = andOne(p, nulls && nulls[i]!);
    const wide = andOne(widths, nulls && ROUNDING);
    const own = weightShifts(full, wide);
    shifts.set(own.subarray(0, n), i * n);
    const [move, remainder] = weightMove(
      layer,
      box,
      balls,
      full,
      wide,
      own,
      z,
      error,
      i,
      i < needed && work <= MATRIX_WORK,
    );
    moves[i] = move;
    remainders[i] = remainder;
  }
  return { weights, nulls, shifts, box, moves, z, remainders };
}

/** z_j = W_o v_j: [n * d] */
function outputs(
  { output }: HeadParts,
  values: Float64Array,
  n: number,
  h: number,
  stride: number,
): Float64Array {
  const { rows, columns, data } = output;
  const z = new Float64Array(n * rows);
  for (let j = 0; j < n; j++)
    for (let o = 0; o < rows; o++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += data[o * columns + c]! * values[j * stride + h * columns + c]!;
      z[j * rows + o] = sum;
    }
  return z;
}

function weightMove(
  layer: Attention,
  box: ScoreBox,
  { d, radii }: Balls,
  p: Float64Array,
  widths: Float64Array,
  shifts: Float64Array,
  z: Float64Array,
  error: number,
  i: number,
  matrixToo: boolean,
): readonly [move: number, remainder: number] {
  const n = radii.length;
  const m = p.length;
  const mean = new Float64Array(d);
  for (let j = 0; j < n; j++) for (let c = 0; c < d; c++) mean[c] = mean[c]! + p[j]! * z[j * d + c]!;
  const apart = new Float64Array(m * d);
  const lengths = new Float64Array(m);
  let largest = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, lengthUp(z, j * d, d));
  largest = largest + error / ROUNDING;
  for (let j = 0; j < m; j++) {
    for (let c = 0; c < d; c++) apart[j * d + c] = (j < n ? z[j * d + c]! : 0) - mean[c]!;
    // The mean is computed: what it errs is added to every length.
    lengths[j] = outward(lengthUp(apart, j * d, d) + ROUNDING * largest);
  }
  let byShift = 0;
  let byQuery = 0;
  let byKeys = 0;
  let curved = 0;
  let lag = 0;
  let bend = 0;
  let flat = 0;
  for (let j = 0; j < m; j++) {
    const query = j < n ? box.queryPart[i * n + j]! : 0;
    const key = j < n ? box.keyPart[i * n + j]! : widths[j]!;
    const cross = j < n ? box.crossPart[i * n + j]! : widths[j]!;
    // Not `widths`: a box of bounded scores isn't one of moves less what is common.
    const w = outward(query + key);
    const f = Math.min(Math.expm1(w), (w * w * Math.exp(w)) / 2);
    byShift += shifts[j]! * lengths[j]!;
    byQuery += p[j]! * query * lengths[j]!;
    byKeys += p[j]! * key * lengths[j]!;
    curved += p[j]! * (cross + f) * lengths[j]!;
    flat += p[j]! * f * lengths[j]!;
    bend += p[j]! * f;
    lag += p[j]! * (layer.kind === "null-mass" ? w : key);
  }
  if (matrixToo && (layer.kind === "softmax" || layer.kind === "distance"))
    byQuery = Math.min(byQuery, queryMatrix(box, p, apart, lengths, n, d) * radii[i]!);
  // 1 / Z is within this of 1: Z >= e^-lag, and Z - 1 <= sum p (e_j + f) <= lag + bend.
  lag = outward(lag + ROUNDING);
  const uneven = outward(Math.max(Math.expm1(lag), lag + bend));
  const first = (byQuery + byKeys + flat) * Math.exp(lag);
  const remainder = uneven * (byQuery + byKeys) + (1 + uneven) * curved;
  return [
    outward(
      Math.min(first >= 0 ? first : Number.POSITIVE_INFINITY, largestForm(p, widths, lengths), byShift),
    ),
    outward(remainder),
  ];
}

/** |C|, C = factor sum_j p_j (z_j - o) (W_q' (k_j - k*))'; k* drops out since sum_j p_j (z_j - o) = 0. */
function queryMatrix(
  box: ScoreBox,
  p: Float64Array,
  apart: Float64Array,
  lengths: Float64Array,
  n: number,
  d: number,
): number {
  const data = new Float64Array(d * d);
  let size = 0;
  const mean = new Float64Array(d);
  for (let j = 0; j < n; j++)
    for (let c = 0; c < d; c++) mean[c] = mean[c]! + p[j]! * box.keysBack[j * d + c]!;
  const row = new Float64Array(d);
  for (let j = 0; j < n; j++) {
    for (let c = 0; c < d; c++) row[c] = box.factor * p[j]! * (box.keysBack[j * d + c]! - mean[c]!);
    size += lengths[j]! * (lengthUp(row) + box.factor * p[j]! * lengthUp(box.keysBack, j * d, d));
    for (let o = 0; o < d; o++) {
      const z = apart[j * d + o]!;
      for (let c = 0; c < d; c++) data[o * d + c]! += z * row[c]!;
    }
  }
  const c = { rows: d, columns: d, data };
  return outward(Math.min(frobeniusNormUp(c), spectralNormUp(c)) + (sumRounding(n) + ROUNDING) * size);
}

/** How far each sigmoid weight can move. */
function sigmoidShifts(
  layer: Extract<Attention, { kind: "sigmoid" }>,
  { queries, keys }: Projected,
  h: number,
  i: number,
  n: number,
  widths: Float64Array,
  p: Float64Array,
): Float64Array {
  const stride = layer.query.weight.rows;
  const width = stride / layer.heads;
  const divisor = layer.divisor === "tokens" ? n : Math.abs(layer.divisor);
  return widths.map((w, j) => {
    const s = score(layer, queries, i * stride + h * width, keys, j * stride + h * width, width);
    const center = sigmoid(s);
    const range = Math.max(sigmoid(s + w) - center, center - sigmoid(s - w));
    const shift = Math.min(w / 4, range * (1 + 2 ** -30) + 2 ** -45) / divisor;
    return outward((shift >= 0 ? shift : 1 / divisor) + ROUNDING * Math.abs(p[j]!));
  });
}
