/**
 * J-SIGR's selective input gradient regularisation: |(1 - mask) . grad|^2, the loss's gradient by the embeddings of tokens that don't
 * matter to the text, so that its answer hangs on those that do (Liu et al., Pattern Recognition 2024; the exact form of the mask is a
 * reconstruction, from images to words: saliency.ts). The full J-SIGR adds Jacobian regularisation (jacobian.ts).
 */
import { gradients } from "../autodiff/gradient.js";
import { mul, sub, sum } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";
import { maskedSquares } from "./jacobian.js";

/**
 * The mean over texts, one number.
 * @param losses [B] of each text, without the batch's averaging
 * @param x [B, T, d] embeddings
 * @param salient [B, T] 1 for tokens whose gradient is left alone
 * @param mask [B, T] 1 where there is a token
 */
export function selectiveGradients(losses: Tensor, x: Tensor, salient: Tensor, mask: Tensor): Tensor {
  const gradient = gradients(sum(losses), [x])[0]!;
  return maskedSquares(gradient, mul(sub(x.tape.scalar(1), salient), mask));
}
