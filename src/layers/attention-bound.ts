/**
 * Attention on balls.
 *
 * Theorem. Per query i and head, p the weights and v the values at the centers, z_j = W_o v_j, o their mean under p. Exactly
 *     out' - out = sum_heads sum_j p'_j M delta_j + sum_heads sum_j (p'_j - p_j) (z_j - o),     M = W_o W_v of the head,
 * since sum_j (p'_j - p_j) = 0 (the null mass counts as one more key with z = 0). p' lies in a box of scores (weight-box.ts, attention-scores.ts).
 * Values: |sum_h p'^h_j M_h| <= m |sum_h M_h| + sum_h (|p^h_j - m| + shift^h_j) |M_h| for any m (the mean over heads is taken), or
 *     sum_h max p'^h_j |M_h|, or |W_o| |W_v| max_h max p'^h_j; each times r_j; or, all j at once, sum_h |M_h| max sum_j p'_j r_j.
 * Weights, with e_j the moves of the scores less what is common to all keys, Z = sum_j p_j e^{e_j}, p'_j = p_j e^{e_j} / Z: the least of
 * 1. (1/Z) | sum_j p_j (e^{e_j} - 1) (z_j - o) | <= (1/Z) [ |C| r_i + sum_j p_j (a_j + f(w_j)) |z_j - o| ], where the part of e_j due to the query's
 *    own change is linear in it, C = factor sum_j p_j (z_j - o) (W_q'(k_j - k*))', a_j bounds the rest of e_j, w_j all of it,
 *    f(w) = min(e^w - 1, w^2 e^w / 2) >= e^w - 1 - w, and Z >= exp(-sum_j p_j a_j) (Jensen; with k* the mean key the query's part has the mean zero);
 * 2. the largest form sum_j p'_j |z_j - o|;    3. sum_j shift_j |z_j - o|.
 * Sigmoid: weights move one by one, each by at most min(w_j / 4, its range on the interval), so only 3 with z_j itself.
 *
 * Tokens that were removed or added (MATHS: o' - o = (sum_A w (v - o) - sum_R w (v - o)) / D') are exact here: the centers' forward is
 * that of the changed sequence, so only what isn't known about its tokens is bounded.
 */

import { frobeniusNormUp, spectralNormUp } from "../numeric/norms.js";
import { sigmoid } from "./activation.js";
import type { Attention, Projected } from "./attention.js";
import { attention, project, score, weigh } from "./attention.js";
import type { AttentionBound, HeadParts } from "./attention-parts.js";
import type { ScoreBox } from "./attention-scores.js";
import { rowWidths, scoreBox } from "./attention-scores.js";
import type { Balls, Image } from "./balls.js";
import { lengthUp, outward, ROUNDING, sumRounding } from "./balls.js";
import { linearRounding } from "./linear.js";
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
}

export interface AttentionState {
  readonly projected: Projected;
  readonly heads: readonly HeadState[];
  /** [n * n] Bound of |sum_h p'^h_ij M_h|. */
  readonly through: Float64Array;
}

/** Multiplications that the matrices C of a sequence may cost. */
const MATRIX_WORK = 2 ** 24;

export function attentionBalls(bound: AttentionBound, balls: Balls): { balls: Image; state: AttentionState } {
  const { layer } = bound;
  const { d, centers, radii } = balls;
  const n = radii.length;
  const projected = project(layer, centers);
  const heads = bound.heads.map((_, h) => headState(bound, h, projected, balls));
  const through = throughNorms(bound, heads, n);
  const out = attention(layer, centers);
  let longest = 0;
  for (let i = 0; i < n; i++) longest = Math.max(longest, lengthUp(centers, i * d, d) + radii[i]!);
  const longestValue = outward(bound.value.l2 * longest + bound.value.bias);
  const mass = layer.kind === "sigmoid" ? n / (layer.divisor === "tokens" ? n : Math.abs(layer.divisor)) : 1;
  const mixed = outward(mass * longestValue * (1 + 2 ** -30));
  const ofValues =
    linearRounding(bound.output, mixed * layer.heads) +
    bound.output.l2 *
      (mass * linearRounding(bound.value, longest) + (sumRounding(n) + 2 * ROUNDING) * mixed) *
      layer.heads;
  const rounding = radii.map((_, i) => {
    // Scores that err by e make weights that differ by e^2e - 1 <= 4e of each, for small e, and by 2 in any case.
    let error = ofValues;
    for (const { box } of heads) error += Math.min(2, 4 * box.rounding[i]!) * bound.output.l2 * mixed;
    return outward(error);
  });
  return {
    balls: {
      d,
      centers: out,
      radii: radii.map((_, i) => {
        let total = valueMove(bound, heads, through, radii, i) + rounding[i]!;
        for (const { moves } of heads) total += moves[i]!;
        return outward(total);
      }),
      rounding,
    },
    state: { projected, heads, through },
  };
}

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
function andOne(row: Float64Array, last: number | null): Float64Array {
  if (last === null) return row;
  const longer = new Float64Array(row.length + 1);
  longer.set(row);
  longer[row.length] = last;
  return longer;
}

function headState(bound: AttentionBound, h: number, projected: Projected, balls: Balls): HeadState {
  const { layer } = bound;
  const n = balls.radii.length;
  const parts = bound.heads[h]!;
  const { d } = balls;
  const [weights, nulls] = centerWeights(layer, h, projected, n);
  const box = scoreBox(bound, h, projected, balls, weights);
  const shifts = new Float64Array(n * n);
  const moves = new Float64Array(n);
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
  const work = n * layer.heads * (n * d * d + 12 * d * d * d);
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
    moves[i] = weightMove(layer, box, balls, full, wide, own, z, error, i, work <= MATRIX_WORK);
  }
  return { weights, nulls, shifts, box, moves };
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
): number {
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
  let queryBound = 0;
  let rest = 0;
  let lag = 0;
  const linearQuery = layer.kind === "softmax" || layer.kind === "distance";
  for (let j = 0; j < m; j++) {
    const query = j < n ? box.queryPart[i * n + j]! : 0;
    const key = j < n ? box.keyPart[i * n + j]! : widths[j]!;
    // Not `widths`: a box of bounded scores isn't one of moves less what is common.
    const w = outward(query + key);
    byShift += shifts[j]! * lengths[j]!;
    queryBound += p[j]! * query * lengths[j]!;
    rest += p[j]! * (key + Math.min(Math.expm1(w), (w * w * Math.exp(w)) / 2)) * lengths[j]!;
    lag += p[j]! * (layer.kind === "null-mass" ? w : key);
  }
  if (linearQuery && matrixToo)
    queryBound = Math.min(queryBound, queryMatrix(box, p, apart, lengths, n, d) * radii[i]!);
  const first = (queryBound + rest) * Math.exp(lag * (1 + 2 ** -30) + ROUNDING);
  return outward(
    Math.min(first >= 0 ? first : Number.POSITIVE_INFINITY, largestForm(p, widths, lengths), byShift),
  );
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

/** [n * n] Bounds of |sum_h p'^h_ij M_h|. */
function throughNorms(
  { heads, through, output, value }: AttentionBound,
  states: readonly HeadState[],
  n: number,
): Float64Array {
  const norms = new Float64Array(n * n);
  for (let ij = 0; ij < n * n; ij++) {
    let mean = 0;
    for (const { weights } of states) mean += weights[ij]! / states.length;
    let together = Math.abs(mean) * through;
    let apart = 0;
    let most = 0;
    states.forEach(({ weights, shifts }, h) => {
      const p = weights[ij]!;
      const shift = shifts[ij]!;
      together += (Math.abs(p - mean) + shift) * heads[h]!.through;
      apart += (Math.abs(p) + shift) * heads[h]!.through;
      most = Math.max(most, Math.abs(p) + shift);
    });
    norms[ij] = outward(Math.min(together, apart, most * output.l2 * value.l2) * (1 + 2 ** -40));
  }
  return norms;
}

function valueMove(
  { layer, heads }: AttentionBound,
  states: readonly HeadState[],
  through: Float64Array,
  radii: Float64Array,
  i: number,
): number {
  const n = radii.length;
  let sum = 0;
  for (let j = 0; j < n; j++) if (radii[j]! > 0) sum += through[i * n + j]! * radii[j]!;
  if (layer.kind === "sigmoid") return outward(sum);
  let forms = 0;
  states.forEach(({ weights, nulls, box }, h) => {
    const own = weights.subarray(i * n, (i + 1) * n);
    const widths = rowWidths(layer, box, i, n);
    const full = andOne(own, nulls && nulls[i]!);
    forms +=
      heads[h]!.through * largestForm(full, andOne(widths, nulls && ROUNDING), andOne(radii, nulls && 0));
  });
  return outward(Math.min(sum, forms));
}
