/**
 * Lipschitz constants of attention, for tokens of at most a given length.
 *
 * On all of R^d dot-product attention has none (Kim, Papamakarios and Mnih, ICML 2021), nor have the other kinds here: values are unbounded while weights
 * move. Behind a norm tokens are bounded: |x| <= B.
 *
 * Theorem. Per head, |q| <= |W_q| B + |b_q|, k and v likewise, z = W_o v. The derivative of output i in token j has a length of at most
 *     p_ij |M| + f p_ij |z_j - o_i| |W_k| |q|  and, for j = i, f sum_k p_ik |z_k - o_i| |W_q| |k|.
 * As sum_j p_ij <= 1 and |z_j - o_i| <= 2 |z|, in the largest move of a token the constant is sum_h [ |M| + 2 f |z| (|W_k| |q| + |W_q| |k|) ], and
 * in the sum of the tokens' moves at most n times that, since every weight of a column may be near 1. Cosine: with |u| <= 1, whose own
 * derivative in q is at most 1 / sqrt(epsilon). Distance: f = 2 scale, and k* = 0 leaves (q - k_j) for q: |q| + |k| in the place of |q|. Null-mass: tanh has
 * slope at most 1; z = 0 of the null is another z, whose score stands still, so that (q - k_j) is in the place of k too. Sigmoid: each weight is at most 1 / divisor and has slope at most 1 / (4 divisor), and there is
 * no o: sum_h (n / divisor) [ |M| + (f / 4) |z| (|W_k| |q| + |W_q| |k|) ].
 */
import type { AttentionBound } from "./attention-parts.js";
import { outward } from "./balls.js";
import { epsilonOf, factorOf, similarityOf } from "./similarity.js";

export interface AttentionLipschitz {
  /** In the largest length over tokens. */
  readonly largest: number;
  /** In the sum of lengths over tokens. */
  readonly total: number;
}

/** For sequences of n tokens of at most this length each. */
export function attentionLipschitz(bound: AttentionBound, length: number, n: number): AttentionLipschitz {
  const { layer, query, key, value } = bound;
  const sigmoid = layer.kind === "sigmoid";
  const similarity = similarityOf(layer);
  const factor = Math.abs(factorOf(layer)) * (similarity === "distance" ? 2 : 1);
  const divisor = sigmoid ? (layer.divisor === "tokens" ? n : Math.abs(layer.divisor)) : 1;
  const mass = sigmoid ? n / divisor : 1;
  let largest = 0;
  for (const { queryNorm, keyNorm, valueNorm, outputNorm, through } of bound.heads) {
    let q = queryNorm * length + query.bias;
    let k = keyNorm * length + key.bias;
    let steep = 1;
    if (similarity === "cosine") {
      q = 1;
      k = 1;
      steep = 1 / Math.sqrt(epsilonOf(layer));
    }
    const distance = similarity === "distance";
    const towardKeys = distance ? q + k : q;
    const towardQueries = distance && layer.kind === "null-mass" ? q + k : k;
    const z = outputNorm * (valueNorm * length + value.bias);
    const scores = steep * (keyNorm * towardKeys + queryNorm * towardQueries);
    largest += mass * (through + (sigmoid ? 1 / 4 : 2) * factor * z * scores);
  }
  return { largest: outward(largest), total: outward(n * largest) };
}
