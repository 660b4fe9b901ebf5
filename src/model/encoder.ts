/**
 * A Transformer encoder with a classification head, as plain readonly data. It covers BERT, DistilBERT, RoBERTa and
 * their like; model/reference.ts is its meaning, in float64.
 *
 * Shapes: n tokens, d = hidden size, h heads of d / h, f = inner size of the feed-forward block, c labels. Matrices are
 * rows by columns, row by row; a `Linear` maps x to W x + b with W of [out, in].
 *
 *     x = tokens[id] (projected, if there is a projection) + positions[offset + i] + segments
 *     x = norm(x)
 *     each block, post-norm:  a = norm1(x + attention(x));  x = norm2(a + feedForward(a))
 *     each block, pre-norm:   a = x + attention(norm1(x));  x = a + feedForward(norm2(a))
 *     x = finalNorm(x);  p = row 0 of x, or their mean;  p = activation(W p + b) for each stage of the head
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows * columns] */
  readonly data: Float32Array | Float64Array;
}

export type Vector = Float32Array | Float64Array;

export interface Linear {
  /** [out, in] */
  readonly weight: Matrix;
  /** [out] */
  readonly bias: Vector | null;
}

export type ActivationName =
  | "identity"
  | "relu"
  | "gelu" // x Phi(x), by the error function
  | "gelu-tanh"
  | "silu"
  | "quick-gelu" // x sigmoid(1.702 x)
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "elu"
  | "mish";

export type Norm =
  /** (x - mean) / sqrt(var + epsilon) * weight + bias; var divides by d. */
  | {
      readonly kind: "layer";
      readonly weight: Vector;
      readonly bias: Vector | null;
      readonly epsilon: number;
    }
  /** x / sqrt(mean of squares + epsilon) * weight + bias */
  | { readonly kind: "rms"; readonly weight: Vector; readonly bias: Vector | null; readonly epsilon: number }
  /** (x - mean) * weight + bias */
  | { readonly kind: "center"; readonly weight: Vector; readonly bias: Vector | null }
  | { readonly kind: "none" };

export interface Attention {
  readonly heads: number;
  /** Scores are scale * (q . k); softmax over the keys. */
  readonly scale: number;
  /** [d, d] each; head j is rows j * d / h to (j + 1) * d / h. */
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
}

export interface FeedForward {
  /** [f, d] */
  readonly inner: Linear;
  readonly activation: ActivationName;
  /** [d, f] */
  readonly outer: Linear;
}

export interface Block {
  readonly normPlacement: "post" | "pre";
  readonly attention: Attention;
  readonly attentionNorm: Norm;
  readonly feedForward: FeedForward;
  readonly feedForwardNorm: Norm;
}

export type Positions =
  | { readonly kind: "none" }
  /** Token i gets row `offset + i` of the table: 0 for BERT, padding id + 1 for RoBERTa. */
  | { readonly kind: "absolute"; readonly table: Matrix; readonly offset: number };

export interface Embedding {
  /** [vocabulary, width]; width is d unless there is a projection [d, width]. */
  readonly tokens: Matrix;
  readonly projection: Linear | null;
  readonly positions: Positions;
  /** [d] What every token gets: the row of segment 0. */
  readonly segment: Vector | null;
  readonly norm: Norm;
}

/** One stage of the head: activation(W p + b). */
export interface HeadStage {
  readonly linear: Linear;
  readonly activation: ActivationName;
}

export interface Encoder {
  /** Where it comes from, for people: `bert`, `distilbert`, `roberta`, `deept-encoder`. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly embedding: Embedding;
  readonly blocks: readonly Block[];
  readonly finalNorm: Norm;
  readonly pooling: "first" | "mean";
  /** The last stage gives the logits. */
  readonly head: readonly HeadStage[];
  readonly labels: readonly string[];
  /** Longest sequence that it can read, special tokens included; Infinity without absolute positions. */
  readonly mostTokens: number;
}
