/**
 * Layers of attention as data: what attention.ts computes with, in its five kinds.
 */
import type { Linear } from "./linear.js";
import type { Window } from "./windows.js";

interface Projections {
  readonly heads: number;
  /** [w, d], w a multiple of heads; head j is rows j * w / heads to (j + 1) * w / heads. */
  readonly query: Linear;
  /** [w, d] */
  readonly key: Linear;
  /** [v, d], v a multiple of heads. */
  readonly value: Linear;
  /** [d, v] */
  readonly output: Linear;
}

interface SoftmaxAttention extends Projections {
  readonly kind: "softmax";
  readonly scale: number;
}

export interface CosineAttention extends Projections {
  readonly kind: "cosine";
  readonly temperature: number;
  /** > 0 */
  readonly epsilon: number;
}

interface DistanceAttention extends Projections {
  readonly kind: "distance";
  /** >= 0 */
  readonly scale: number;
}

interface SigmoidAttention extends Projections {
  readonly kind: "sigmoid";
  readonly scale: number;
  readonly shift: number;
  /** A constant, or the number of tokens of the sequence. */
  readonly divisor: number | "tokens";
}

interface NullMass extends Projections {
  readonly kind: "null-mass";
  /** Largest size of a score, > 0. */
  readonly limit: number;
  /** > 0 */
  readonly nullMass: number;
  /** [heads] what each head's queries see; none: everything. */
  readonly windows?: readonly Window[];
}

export type NullMassAttention = NullMass &
  (
    | { readonly similarity?: "dot"; readonly scale: number }
    /** epsilon > 0 */
    | { readonly similarity: "cosine"; readonly epsilon: number }
    /** scale >= 0 */
    | { readonly similarity: "distance"; readonly scale: number }
  );

export type Attention =
  | SoftmaxAttention
  | CosineAttention
  | DistanceAttention
  | SigmoidAttention
  | NullMassAttention;
