/**
 * How far the scores of attention can move when every token stays in its ball.
 *
 * Theorem. Let dq = W_q delta_i (|delta_i| <= r_i), dk = W_k delta_j, and k* any vector. For dot products
 *     q'.k' - q.k = dq.k* + dq.(k_j - k*) + q.dk + dq.dk:
 * the first term is the same for all keys, which softmax ignores; the others are at most |W_q'(k_j - k*)| r_i, |W_k' q_i| r_j and |W_q' W_k| r_i r_j.
 * - cosine: the same in the heads' own space with |dq| <= chord(|W_q| r_i / sqrt(|q|^2 + epsilon)) as for norms (norm.ts).
 * - distance: -|q'-k'|^2 + |q-k|^2 = [terms of i alone] + 2 dq.(k_j - k*) + 2 (q - k_j).dk + 2 dq.dk - |dk|^2.
 * - null-mass: tanh has slope at most 1, and scores stay within the limit; nothing is common to all keys, since the null's score stands still:
 *   k* = 0, and for distances k* = q_i, which leaves -|dq|^2 as another term.
 * - sigmoid: as for dot products with k* = 0.
 * Every width contains the rounding of the score and of its exponential, at both ends: relative errors of weights are differences of scores.
 */
import type { DenseMatrix } from "../numeric/matrix.js";
import type { Attention, Projected } from "./attention.js";
import type { AttentionBound, HeadParts } from "./attention-parts.js";
import { pulledBack } from "./attention-parts.js";
import type { Balls } from "./balls.js";
import { lengthUp, outward, ROUNDING, sumRounding } from "./balls.js";
import type { LinearBound } from "./linear.js";
import { linear, linearRounding } from "./linear.js";
import { chord } from "./norm.js";
import { epsilonOf, factorOf, similarityOf } from "./similarity.js";

/** Scores of one head, [n * n], query by key. */
export interface ScoreBox {
  /** The part of the width that is due to the query's own change, and the rest. */
  readonly queryPart: Float64Array;
  readonly keyPart: Float64Array;
  /** What of keyPart isn't linear in the key's own change. */
  readonly crossPart: Float64Array;
  /** W_q' k_j, [n * d], times `factor` the gradient of a score in x_i; W_k' q_i likewise. */
  readonly keysBack: Float64Array;
  readonly queriesBack: Float64Array;
  readonly factor: number;
  /** [n] What the forward's own rounding can do to the scores of a query, part of keyPart. */
  readonly rounding: Float64Array;
}

/** Weights [n * n] of one head at the centers are given for the choice of k* (the mean key). */
export function scoreBox(
  bound: AttentionBound,
  h: number,
  projected: Projected,
  { d, centers, radii }: Balls,
  weights: Float64Array,
): ScoreBox {
  const { layer } = bound;
  const parts = bound.heads[h]!;
  const n = radii.length;
  const width = parts.query.rows;
  const stride = layer.query.weight.rows;
  const at = h * width;
  const { queries, keys } = projected;
  const factor = scoreFactor(layer);
  const keysBack = pulledBack(parts.query, keys, n, stride, at);
  const queriesBack = pulledBack(parts.key, queries, n, stride, at);
  const similarity = similarityOf(layer);
  const cosine = similarity === "cosine";
  const aboutQuery = similarity === "distance" && layer.kind === "null-mass";
  const ownBack = aboutQuery ? pulledBack(parts.query, queries, n, stride, at) : keysBack;
  const q = ends(layer, bound.query, parts.query, parts.queryNorm, h, queries, { d, centers, radii });
  const k = ends(layer, bound.key, parts.key, parts.keyNorm, h, keys, { d, centers, radii });
  const back = cosine ? width : d;
  const keyRows = cosine ? cut(keys, n, stride, at, width) : keysBack;
  const queryPart = new Float64Array(n * n);
  const keyPart = new Float64Array(n * n);
  const crossPart = new Float64Array(n * n);
  const rounding = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const star = aboutQuery
      ? ownBack.subarray(i * d, (i + 1) * d)
      : meanRow(layer, keyRows, weights, i, n, back);
    const toward = cosine ? 1 : lengthUp(queriesBack, i * d, d);
    for (let j = 0; j < n; j++) {
      const farthest = k.reach[j]! + (aboutQuery ? q.reach[i]! : 0);
      const own = apart(keyRows, j * back, star, back) + ROUNDING * width * parts.queryNorm * farthest;
      let cross = (cosine ? 1 : parts.cross) * q.moves[i]! * k.moves[j]!;
      let linearly = toward;
      if (similarity === "distance") {
        linearly = differenceBack(parts, queries, i * stride + at, keys, j * stride + at);
        cross += (parts.keyNorm * k.moves[j]!) ** 2 / 2;
        if (aboutQuery) cross += (parts.queryNorm * q.moves[i]!) ** 2 / 2;
      }
      // What the forward's own rounding does to queries, keys, their product and its exponential.
      const reach = q.reach[i]! + k.reach[j]!;
      const slack = ROUNDING * width * parts.keyNorm * q.reach[i]! * k.moves[j]!;
      const errors =
        reach * (q.rounding[i]! + k.rounding[j]!) + (sumRounding(width) + ROUNDING) * reach * reach;
      const error = outward(
        factor * errors + ROUNDING * (1 + (layer.kind === "sigmoid" ? Math.abs(layer.shift) : 0)),
      );
      if (!(error <= rounding[i]!)) rounding[i] = error;
      queryPart[i * n + j] = outward(factor * own * q.moves[i]!);
      crossPart[i * n + j] = outward(factor * (cross + slack) + error);
      keyPart[i * n + j] = outward(factor * linearly * k.moves[j]! + crossPart[i * n + j]!);
    }
  }
  return { queryPart, keyPart, crossPart, keysBack, queriesBack, factor, rounding };
}

/** Half-widths of the scores of query i: the sum of both parts, or what scores that are bounded by themselves allow. */
export function rowWidths(layer: Attention, box: ScoreBox, i: number, n: number): Float64Array {
  const widths = new Float64Array(n);
  let most = 0;
  for (let j = 0; j < n; j++) {
    widths[j] = outward(box.queryPart[i * n + j]! + box.keyPart[i * n + j]!);
    if (!(widths[j]! <= most)) most = widths[j]!;
  }
  // Either box is right as a whole; they can't be mixed, since the first leaves out what is common to all keys.
  const limit = largestMove(layer);
  return most <= limit ? widths : widths.fill(outward(limit * (1 + 2 ** -30)));
}

/** How far a score can move at all. */
function largestMove(layer: Attention): number {
  if (layer.kind === "cosine") return 2 * Math.abs(layer.temperature);
  if (layer.kind !== "null-mass") return Number.POSITIVE_INFINITY;
  return layer.similarity === "distance" ? layer.limit : 2 * layer.limit;
}

/** Queries or keys of one head: how far tokens (cosine: the shortened rows) move, how long rows can be, and how the forward errs. */
interface Ends {
  readonly moves: Float64Array;
  readonly reach: Float64Array;
  readonly rounding: Float64Array;
}

/** `shown`: the rows as `project` gives them, of all heads; for `cosine` those are shortened, and their own length is what counts here. */
function ends(
  layer: Attention,
  map: LinearBound,
  part: DenseMatrix,
  norm: number,
  h: number,
  shown: Float64Array,
  balls: Balls,
): Ends {
  const { d, centers, radii } = balls;
  const cosine = similarityOf(layer) === "cosine";
  const values = cosine ? linear(map.layer, centers) : shown;
  const { rows } = part;
  const stride = map.layer.weight.rows;
  const rounding = radii.map((r, i) => linearRounding(map, lengthUp(centers, i * d, d) + r));
  if (!cosine)
    return {
      moves: radii,
      reach: radii.map((r, i) => outward(lengthUp(values, i * stride + h * rows, rows) + norm * r)),
      rounding,
    };
  const roots = radii.map((_, i) => {
    const squares = lengthUp(values, i * stride + h * rows, rows) ** 2 + epsilonOf(layer);
    return Math.sqrt(squares) * (1 - 2 ** -28) - rounding[i]!;
  });
  return {
    moves: radii.map((r, i) => chord(roots[i]! > 0 ? outward((norm * r) / roots[i]!) : 1)),
    reach: radii.map(() => 1),
    // A row at least `root - norm r` long that errs by `rounding` turns by their quotient at most.
    rounding: radii.map((r, i) => {
      const least = (roots[i]! - norm * r) * (1 - 2 ** -30);
      return outward((least > 0 ? Math.min(2, rounding[i]! / least) : 2) + ROUNDING);
    }),
  };
}

/** Scores are this times a product of queries and keys. */
function scoreFactor(layer: Attention): number {
  return Math.abs(factorOf(layer)) * (similarityOf(layer) === "distance" ? 2 : 1);
}

/** k* pulled back: the mean under the query's weights where softmax ignores a common term, else zero. */
function meanRow(
  layer: Attention,
  rows: Float64Array,
  weights: Float64Array,
  i: number,
  n: number,
  d: number,
): Float64Array {
  const mean = new Float64Array(d);
  if (layer.kind === "sigmoid" || layer.kind === "null-mass") return mean;
  for (let j = 0; j < n; j++)
    for (let c = 0; c < d; c++) mean[c] = mean[c]! + weights[i * n + j]! * rows[j * d + c]!;
  return mean;
}

function apart(rows: Float64Array, from: number, star: Float64Array, d: number): number {
  let squares = 0;
  for (let c = 0; c < d; c++) squares += (rows[from + c]! - star[c]!) ** 2;
  return outward(Math.sqrt(squares));
}

function cut(rows: Float64Array, n: number, stride: number, at: number, width: number): Float64Array {
  const out = new Float64Array(n * width);
  for (let i = 0; i < n; i++) out.set(rows.subarray(i * stride + at, i * stride + at + width), i * width);
  return out;
}

/** |W_k' (q - k)| */
function differenceBack(
  { key }: HeadParts,
  q: Float64Array,
  qi: number,
  k: Float64Array,
  kj: number,
): number {
  const difference = new Float64Array(key.rows);
  for (let c = 0; c < key.rows; c++) difference[c] = q[qi + c]! - k[kj + c]!;
  return lengthUp(pulledBack(key, difference, 1, key.rows, 0));
}
