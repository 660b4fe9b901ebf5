/**
 * What a value of the graph is, in the words of layers: a sum of table rows, a linear map of something, a norm of
 * something, ... Two uses of one value are one object, so "of the same x" is `===`. Made by onnx/algebra.ts.
 */
import type { ActivationName } from "../../layers/activation.js";
import type { Known } from "./known.js";

/** A weight as the graph holds it: rows `from` to `to` of it, or columns if it maps from the left. */
export interface Stored {
  readonly value: Known;
  /** [in, out] rather than [out, in]. */
  readonly transposed: boolean;
  /** Outputs that are used. */
  readonly from: number;
  readonly to: number;
}

/** A vector, of which the numbers `from` to `to` are used; a single number counts for all. */
export interface StoredVector {
  readonly value: Known;
  readonly from: number;
  readonly to: number;
}

export type AttentionWeights =
  | { readonly kind: "softmax"; readonly scale: number }
  | { readonly kind: "cosine"; readonly temperature: number; readonly epsilon: number }
  | { readonly kind: "distance"; readonly scale: number }
  | {
      readonly kind: "sigmoid";
      readonly scale: number;
      readonly shift: number;
      readonly divisor: number;
    }
  | {
      readonly kind: "null-mass";
      readonly similarity: "dot" | "distance";
      readonly scale: number;
      readonly limit: number;
      readonly nullMass: number;
    }
  | {
      readonly kind: "null-mass";
      readonly similarity: "cosine";
      readonly epsilon: number;
      readonly limit: number;
      readonly nullMass: number;
    };

/** Functions that are part of formulas only. */
export type FunctionName = "erf" | "exp" | "sqrt" | "is-nan";

export type Expr =
  /** Rows of a table, by the token ids or by place. */
  | { readonly op: "lookup"; readonly table: Known; readonly rows: Known }
  | {
      readonly op: "linear";
      readonly x: Expr;
      readonly weight: Stored;
      readonly bias: StoredVector | null;
    }
  | {
      readonly op: "norm";
      readonly kind: "layer" | "rms" | "center";
      readonly x: Expr;
      readonly epsilon: number;
      readonly weight: Known | null;
      readonly bias: Known | null;
    }
  | { readonly op: "activation"; readonly name: ActivationName; readonly x: Expr }
  | { readonly op: "sum"; readonly a: Expr; readonly b: Expr }
  /** x + a number or a vector. */
  | { readonly op: "shift"; readonly x: Expr; readonly by: Known }
  /** x times a number. */
  | { readonly op: "scale"; readonly x: Expr; readonly by: number }
  /** x times a vector. */
  | { readonly op: "weigh"; readonly x: Expr; readonly by: Known }
  | { readonly op: "product"; readonly a: Expr; readonly b: Expr }
  | { readonly op: "quotient"; readonly a: Expr; readonly b: Expr }
  | { readonly op: "reciprocal"; readonly x: Expr }
  | { readonly op: "power"; readonly x: Expr; readonly exponent: number }
  | { readonly op: "function"; readonly name: FunctionName; readonly x: Expr }
  /** Over the last axis. */
  | { readonly op: "mean"; readonly x: Expr }
  | { readonly op: "total"; readonly x: Expr }
  /** 1 + erf(x / sqrt 2), or 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)): twice the factor of GELU. */
  | { readonly op: "gate"; readonly name: "gelu" | "gelu-tanh"; readonly x: Expr }
  /** x + 0.044715 x^3 */
  | { readonly op: "cubic"; readonly x: Expr }
  /** [batch, tokens, w] as [batch, tokens, heads, w / heads]. */
  | { readonly op: "split"; readonly x: Expr; readonly heads: number }
  /** ... as [batch, heads, tokens, w / heads] */
  | { readonly op: "heads"; readonly x: Expr; readonly heads: number }
  /** ... as [batch, heads, w / heads, tokens] */
  | { readonly op: "keys"; readonly x: Expr; readonly heads: number }
  /** Squares of the rows' lengths, of [batch, tokens, heads, w / heads] or, turned, as [batch, heads, 1, tokens] (keys) or [batch, heads, tokens, 1]. */
  | {
      readonly op: "lengths";
      readonly x: Expr;
      readonly heads: number;
      readonly turned: "keys" | "heads" | null;
    }
  /** u / sqrt(|u|^2 + epsilon) of each head's u. */
  | { readonly op: "unit"; readonly x: Expr; readonly epsilon: number }
  /** Products of queries and keys: [batch, heads, queries, tokens]. */
  | { readonly op: "scores"; readonly q: Expr; readonly k: Expr; readonly heads: number }
  /** Over the last axis. */
  | { readonly op: "softmax"; readonly x: Expr }
  /** Weights times values, in three shapes on the way back to [batch, tokens, w]. */
  | {
      readonly op: "mixed";
      readonly stage: "heads" | "tokens" | "merged";
      readonly q: Expr;
      readonly k: Expr;
      readonly v: Expr;
      readonly heads: number;
      readonly by: AttentionWeights;
    }
  /** The first token of x. */
  | { readonly op: "first"; readonly x: Expr }
  | { readonly op: "pool"; readonly kind: "mean" | "sum"; readonly x: Expr };

/** A value of the graph that depends on a table of tokens. */
export interface Symbolic {
  readonly kind: "symbolic";
  readonly shape: readonly number[];
  readonly expr: Expr;
}

/** A value of the graph; null for an optional input that is left out. */
export type Value = Known | Symbolic | null;
