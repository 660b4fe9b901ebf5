/**
 * The feed-forward branch: two linear maps with an activation between them, on every token by itself; or the
 * orthogonal-Jacobian form x - 2 W' relu(W x) with W W' = I (Massucco et al., 2508.02882), which already holds its skip path.
 */
import type { Matrix } from "../numeric/matrix.js";
import type { ActivationName } from "./activation.js";
import { activate } from "./activation.js";
import type { Linear } from "./linear.js";
import { linear } from "./linear.js";
import { residual } from "./residual.js";

/** outer(activation(inner(x))) */
export interface MlpFeedForward {
  readonly kind: "mlp";
  /** [f, d] */
  readonly inner: Linear;
  readonly activation: ActivationName;
  /** [d, f] */
  readonly outer: Linear;
}

/** x - 2 W' relu(W x); used without a residual connection around it. */
export interface OrthogonalFeedForward {
  readonly kind: "orthogonal";
  /** W: [f, d], f <= d, orthonormal rows. */
  readonly weight: Matrix;
}

export type FeedForward = MlpFeedForward | OrthogonalFeedForward;

/** [n * d] gives [n * d]. */
export function feedForward(layer: FeedForward, x: Float64Array): Float64Array {
  if (layer.kind === "orthogonal") return orthogonal(layer.weight, x);
  return linear(layer.outer, activate(layer.activation, linear(layer.inner, x)));
}

/** With its skip path: x + feedForward(x), or the orthogonal form alone, which has it inside. */
export function feedForwardStep(layer: FeedForward, x: Float64Array): Float64Array {
  const branch = feedForward(layer, x);
  return layer.kind === "orthogonal" ? branch : residual(x, branch);
}

function orthogonal(weight: Matrix, x: Float64Array): Float64Array {
  const { rows, columns, data } = weight;
  const inner = activate("relu", linear({ weight, bias: null }, x));
  const y = Float64Array.from(x);
  for (let i = 0; i * columns < x.length; i++)
    for (let r = 0; r < rows; r++) {
      const twice = 2 * inner[i * rows + r]!;
      if (twice !== 0)
        for (let c = 0; c < columns; c++)
          y[i * columns + c] = y[i * columns + c]! - twice * data[r * columns + c]!;
    }
  return y;
}
