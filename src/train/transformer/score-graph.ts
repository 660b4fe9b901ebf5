/**
 * The scores of attention as a graph, by the three ways to compare a query with a key, and the layer that is exported for them.
 *
 * Promise: the graph computes what the layer does (layers/similarity.ts); rows of zeros, where there is no word, compare to finite numbers.
 */
import type { Similarity } from "../../layers/similarity.js";
import { add, div, matmul, scale, sqrt, square, sub, sum, tanh, transpose } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/**
 * Of cosines: fresh queries have a length of about 0.3, so this leaves them nearly of length 1, and a row that is much shorter counts for less
 * instead of turning at a touch.
 */
const EPSILON = 0.01;

/** The part of a layer that says how it compares; `perHead`: numbers per query. */
export function comparison(similarity: Similarity, perHead: number) {
  if (similarity === "cosine") return { similarity, epsilon: EPSILON } as const;
  if (similarity === "distance") return { similarity, scale: distanceScale(perHead) } as const;
  return { scale: 1 / Math.sqrt(perHead) };
}

/** Of distances, times what products of this width have. */
const DISTANCE_SCALE = 1;

const distanceScale = (perHead: number): number => DISTANCE_SCALE / Math.sqrt(perHead);

/** [B, H, T, T] from queries and keys [B, H, T, w]. */
export function scores(queries: Tensor, keys: Tensor, similarity: Similarity, limit: number): Tensor {
  const perHead = queries.shape[3]!;
  if (similarity === "cosine") return scale(product(shortened(queries), shortened(keys)), limit);
  const bounded = (raw: Tensor) => scale(tanh(raw), limit);
  if (similarity === "dot") return bounded(scale(product(queries, keys), 1 / Math.sqrt(perHead) / limit));
  // -|q - k|^2 = 2 q.k - |q|^2 - |k|^2
  const ofKeys = transpose(squares(keys), [0, 1, 3, 2]);
  const nearness = sub(sub(scale(product(queries, keys), 2), squares(queries)), ofKeys);
  return bounded(scale(nearness, distanceScale(perHead) / limit));
}

/** The largest weight that there can be. */
export function heaviest(similarity: Similarity, limit: number): number {
  return similarity === "distance" ? 1 : Math.exp(limit);
}

const product = (a: Tensor, b: Tensor): Tensor => matmul(a, transpose(b, [0, 1, 3, 2]));

/** [B, H, T, 1] */
const squares = (x: Tensor): Tensor => sum(square(x), [3], true);

const shortened = (x: Tensor): Tensor => div(x, sqrt(add(squares(x), x.tape.scalar(EPSILON))));
