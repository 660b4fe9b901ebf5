/**
 * The orthogonal-Jacobian feed-forward block as a graph: x - 2 W' relu(W x) with W W' = I (Massucco et al., 2508.02882), as in
 * layers/feed-forward.ts. W is kept orthonormal by the constraint `orthogonal` after every step.
 */
import { matmul, matrixTranspose, relu, scale, sub } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/**
 * With its skip path inside: use it without a residual connection around it.
 * @param weight [f, d], f <= d
 * @param x [..., d]
 */
export function orthogonalFeedForward(weight: Tensor, x: Tensor): Tensor {
  return sub(x, scale(matmul(relu(matmul(x, matrixTranspose(weight))), weight), 2));
}
