/**
 * Jacobian regularisation: loss + lambda |J|_F^2 (l2) or + lambda sum |J_ij| (l1,1), J the Jacobian of the outputs by the embeddings of
 * a text's tokens (Wu and Li, Adversarially robust generalization theory via Jacobian regularization, 2412.12449).
 *
 * A row of J is the gradient of one output, so a batch costs one backward pass for each output. Texts of a batch must not influence each
 * other: then the gradient of an output summed over the batch holds each text's own.
 */
import { gradients } from "../autodiff/gradient.js";
import { abs, add, mean, mul, reshape, scale, slice, square, sum } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/**
 * The rows of every text's Jacobian, one tensor of x's shape for each output.
 * @param outputs [B, C] logits or margins
 * @param x [B, ...] what they were computed from
 */
export function jacobianRows(outputs: Tensor, x: Tensor): Tensor[] {
  const classes = outputs.shape[1]!;
  return Array.from({ length: classes }, (_, c) => gradients(sum(slice(outputs, 1, c, c + 1)), [x])[0]!);
}

/** The mean over texts of |J|_F^2, one number. */
export function jacobianSquares(outputs: Tensor, x: Tensor): Tensor {
  return meanOf(jacobianRows(outputs, x), square);
}

/** The mean over texts of sum |J_ij|, one number. */
export function jacobianSizes(outputs: Tensor, x: Tensor): Tensor {
  return meanOf(jacobianRows(outputs, x), abs);
}

function meanOf(rows: readonly Tensor[], size: (row: Tensor) => Tensor): Tensor {
  const texts = rows[0]!.shape[0]!;
  return scale(
    rows.map((row) => sum(size(row))).reduce((a, b) => add(a, b)),
    1 / texts,
  );
}

/** The mean over texts of the sum of squares where the mask is 1. @param mask [B, T] for values [B, T, d] */
export function maskedSquares(values: Tensor, mask: Tensor): Tensor {
  const perToken = mul(square(values), reshape(mask, [...mask.shape, 1]));
  return mean(sum(perToken, [1, 2]));
}
