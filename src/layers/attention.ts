/**
 * Attention over a sequence of tokens, in five kinds that share their projections and differ in how a query weighs the keys.
 *
 *     q = W_q x + b_q, k = W_k x + b_k, v = W_v x + b_v, cut into heads;   per head and query i
 *     o_i = sum_j p_ij v_j;   out_i = W_o (o_i of all heads) + b_o
 *
 * - `softmax`: s_ij = scale q_i . k_j; p_ij = exp(s_ij) / sum_j exp(s_ij) (BERT)
 * - `cosine`: the same with s_ij = temperature u_i . w_j, u = q / sqrt(|q|^2 + epsilon), w likewise: |s| <= temperature
 * - `distance`: the same with s_ij = -scale |q_i - k_j|^2 (Kim et al., ICML 2021)
 * - `sigmoid`: p_ij = sigmoid(scale q_i . k_j + shift) / divisor; the weights of one key don't touch those of others
 * - `null-mass`: s_ij = limit tanh(scale q_i . k_j / limit), or bounded likewise by cosine or distance (similarity.ts);
 *   p_ij = exp(s_ij) / (nullMass + sum_j exp(s_ij)); the null has the value 0, so no keys at all give o_i = 0: an absent token is
 *   exactly nothing. With windows the sums of a head are over the keys that its query sees (windows.ts)
 */

import { sigmoid } from "./activation.js";
import type { Attention } from "./attention-kinds.js";
import { linear } from "./linear.js";
import { compare, epsilonOf, scoreOf, shorten, similarityOf } from "./similarity.js";
import { seenBy } from "./windows.js";

export type { Attention, CosineAttention, NullMassAttention } from "./attention-kinds.js";

/** Queries, keys and values of n tokens. */
export interface Projected {
  /** [n * w] */
  readonly queries: Float64Array;
  /** [n * w] */
  readonly keys: Float64Array;
  /** [n * v] */
  readonly values: Float64Array;
}

/** Tokens [n * d]. For `cosine`, queries and keys are the shortened ones. */
export function project(layer: Attention, x: Float64Array): Projected {
  const queries = linear(layer.query, x);
  const keys = linear(layer.key, x);
  if (similarityOf(layer) === "cosine") {
    const width = layer.query.weight.rows / layer.heads;
    shorten(queries, width, epsilonOf(layer));
    shorten(keys, width, epsilonOf(layer));
  }
  return { queries, keys, values: linear(layer.value, x) };
}

/** The score of the query that begins at q[qi] for the key that begins at k[kj], `width` numbers each. */
export function score(
  layer: Attention,
  q: Float64Array,
  qi: number,
  k: Float64Array,
  kj: number,
  width: number,
): number {
  return scoreOf(layer, compare(similarityOf(layer), q, qi, k, kj, width));
}

/** Turns the scores of one query into its weights, in place. */
export function weigh(layer: Attention, scores: Float64Array): void {
  const n = scores.length;
  if (layer.kind === "sigmoid") {
    const divisor = layer.divisor === "tokens" ? n : layer.divisor;
    for (let j = 0; j < n; j++) scores[j] = sigmoid(scores[j]!) / divisor;
    return;
  }
  // Scores are bounded with a null mass, whose own score is log(nullMass): nothing has to be subtracted.
  let most = 0;
  let sum = 0;
  if (layer.kind === "null-mass") sum = layer.nullMass;
  else {
    most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < n; j++) if (scores[j]! > most) most = scores[j]!;
  }
  for (let j = 0; j < n; j++) {
    scores[j] = Math.exp(scores[j]! - most);
    sum += scores[j]!;
  }
  for (let j = 0; j < n; j++) scores[j] = scores[j]! / sum;
}

/** [n * d] gives [n * d]. */
export function attention(layer: Attention, x: Float64Array): Float64Array {
  const { queries, keys, values } = project(layer, x);
  return linear(layer.output, attend(layer, queries, keys, values));
}

/**
 * What queries [m * w] get from keys [n * w] and values [n * v]: [m * v], heads side by side, before the output map. Where there
 * are windows, query i is that of token i.
 */
export function attend(
  layer: Attention,
  queries: Float64Array,
  keys: Float64Array,
  values: Float64Array,
): Float64Array {
  const { heads } = layer;
  const inner = layer.query.weight.rows;
  const outer = layer.value.weight.rows;
  const width = inner / heads;
  const depth = outer / heads;
  const m = queries.length / inner;
  const n = keys.length / inner;
  const mixed = new Float64Array(m * outer);
  const weights = new Float64Array(n);
  const windows = layer.kind === "null-mass" ? layer.windows : undefined;
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < m; i++) {
      const { first, last } = seenBy(windows?.[h], i, n);
      for (let j = first; j <= last; j++)
        weights[j] = score(layer, queries, i * inner + h * width, keys, j * inner + h * width, width);
      weigh(layer, weights.subarray(first, last + 1));
      const to = i * outer + h * depth;
      for (let j = first; j <= last; j++) {
        const weight = weights[j]!;
        const from = j * outer + h * depth;
        for (let c = 0; c < depth; c++) mixed[to + c] = mixed[to + c]! + weight * values[from + c]!;
      }
    }
  return mixed;
}
