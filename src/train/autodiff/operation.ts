/**
 * The operations that a tape records: all that has to be evaluated or written as ONNX. What else there is (means,
 * GELU, gradients) is composed of them.
 *
 * Shapes are static and row-major; the shape of a result stands in its node. Masks are floats, 0 or 1.
 */

export const UNARY = [
  "neg",
  "exp",
  "log",
  "tanh",
  "sqrt",
  "abs",
  "sign",
  "relu",
  "sigmoid",
  "softplus",
  "erf",
] as const;
export type UnaryKind = (typeof UNARY)[number];

/** Operands are broadcast as numpy does. `greater` gives 1 where the first is greater, else 0. */
export const BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "greater"] as const;
export type BinaryKind = (typeof BINARY)[number];

export type Operation =
  /** Fed at every run. */
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "constant"; readonly data: Float64Array }
  | { readonly kind: UnaryKind | BinaryKind }
  /** The same values, through which no gradient flows. */
  | { readonly kind: "stop" }
  /** (mask, a, b), broadcast: a where the mask isn't 0. */
  | { readonly kind: "where" }
  /** To the node's shape: the same values in their order, or repeated as numpy's broadcast_to does. */
  | { readonly kind: "reshape" | "broadcast" }
  /** Axis i of the result is axis permutation[i]. */
  | { readonly kind: "transpose"; readonly permutation: readonly number[] }
  | { readonly kind: "sum"; readonly axes: readonly number[]; readonly keep: boolean }
  | { readonly kind: "max" | "logSumExp"; readonly axis: number; readonly keep: boolean }
  | { readonly kind: "softmax"; readonly axis: number }
  /** [..., m, n] [..., n, p] to [..., m, p]; leading axes are broadcast. */
  | { readonly kind: "matmul" }
  | { readonly kind: "slice"; readonly axis: number; readonly begin: number; readonly end: number }
  /** Zeros before and after along an axis. */
  | { readonly kind: "pad"; readonly axis: number; readonly before: number; readonly after: number }
  | { readonly kind: "concat"; readonly axis: number }
  /** (table [n, ...row], ids [...]) to [...ids, ...row]. */
  | { readonly kind: "gather" }
  /** (values [...ids, ...row], ids [...]) to [n, ...row]: row i is the sum of the values with id i. */
  | { readonly kind: "scatter" }
  /** ids [...] to [..., depth]. */
  | { readonly kind: "oneHot" }
  /** 1 for the k largest along an axis, the earlier ones where they are equal. */
  | { readonly kind: "topMask"; readonly axis: number; readonly k: number };

export type Kind = Operation["kind"];
