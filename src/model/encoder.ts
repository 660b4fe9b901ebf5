/**
 * A Transformer encoder with a classification head, as plain readonly data. It covers BERT, DistilBERT, RoBERTa and
 * their like; model/reference.ts is its meaning, in float64.
 *
 * Shapes: n tokens, d = hidden size, h heads of d / h, f = inner size of the feed-forward block, c labels. Matrices are
 * rows by columns, row by row; a `Linear` maps x to W x + b with W of [out, in].
 *
 *     x = tokens[id] (projected, if there is a projection) + positions[offset + i] + segment
 *     x = norm(x)
 *     each block, post-norm:  a = norm1(x + attention(x));  x = norm2(a + feedForward(a))
 *     each block, pre-norm:   a = x + attention(norm1(x));  x = a + feedForward(norm2(a))
 *     (an orthogonal feed-forward has its skip path inside: post-norm only, x = norm2(feedForward(a)))
 *     x = finalNorm(x);  p = row 0 of x, their mean or their sum;  p = activation(W p + b) for each stage of the head
 */
import type { Attention } from "../layers/attention.js";
import type { FeedForward } from "../layers/feed-forward.js";
import type { HeadStage } from "../layers/head.js";
import type { Linear } from "../layers/linear.js";
import type { Norm } from "../layers/norm.js";
import type { Pooling } from "../layers/pooling.js";
import type { Matrix, Vector } from "../numeric/matrix.js";

export type { ActivationName } from "../layers/activation.js";
export type { Attention } from "../layers/attention.js";
export type { FeedForward } from "../layers/feed-forward.js";
export type { HeadStage } from "../layers/head.js";
export type { Linear } from "../layers/linear.js";
export type { Norm } from "../layers/norm.js";
export type { Pooling } from "../layers/pooling.js";
export type { Matrix, Vector } from "../numeric/matrix.js";

export interface Block {
  readonly normPlacement: "post" | "pre";
  readonly attention: Attention;
  readonly attentionNorm: Norm;
  readonly feedForward: FeedForward;
  readonly feedForwardNorm: Norm;
}

export type Positions =
  | { readonly kind: "none" }
  /** Token i gets row `offset + i` of the table. */
  | { readonly kind: "absolute"; readonly table: Matrix; readonly offset: number }
  /**
   * RoBERTa: the same in a sequence without the token `padding`; a token with that id, which a text can spell
   * ("<pad>"), gets row `offset - 1`, and those after it are counted as if it weren't there.
   */
  | { readonly kind: "counted"; readonly table: Matrix; readonly offset: number; readonly padding: number };

export interface Embedding {
  /** [vocabulary, width]; width is d unless there is a projection [d, width]. */
  readonly tokens: Matrix;
  readonly projection: Linear | null;
  readonly positions: Positions;
  /** [d] What every token gets: the row of segment 0. */
  readonly segment: Vector | null;
  readonly norm: Norm;
}

export interface Encoder {
  /** Where it comes from, for people: `bert`, `distilbert`, `roberta`, `deept-encoder`. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly embedding: Embedding;
  readonly blocks: readonly Block[];
  readonly finalNorm: Norm;
  readonly pooling: Pooling;
  /** The last stage gives the logits. */
  readonly head: readonly HeadStage[];
  readonly labels: readonly string[];
  /** Longest sequence that it can read, special tokens included; Infinity without absolute positions. */
  readonly mostTokens: number;
}
