/**
 * The tokens that matter to a text: those whose removal moves the margin of its label most. They are found with the weights of the
 * moment and are no part of what is differentiated.
 */
import {
  abs,
  broadcastTo,
  mul,
  reshape,
  stopGradient,
  sub,
  sum,
  topMask,
  where,
} from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/** Margins [N, R] of N texts from their embeddings [N, T, d] and what of them is there [N, T]. */
export type Forward = (x: Tensor, mask: Tensor) => Tensor;

/**
 * How far the margins move, all rivals together, when each token goes; 0 for tokens that aren't there. It costs one forward pass
 * of T times as many texts.
 * @param forward must use nothing of the batch but its arguments; each text T times, in order, is what it is given
 * @param margins [B, R] of the texts as they are
 * @param x [B, T, d]
 * @param mask [B, T]
 * @returns [B, T]
 */
export function removalMoves(forward: Forward, margins: Tensor, x: Tensor, mask: Tensor): Tensor {
  const [texts, words, width] = x.shape as [number, number, number];
  const rivals = margins.shape[1]!;
  const { tape } = x;
  const repeated = reshape(broadcastTo(reshape(x, [texts, 1, words, width]), [texts, words, words, width]), [
    texts * words,
    words,
    width,
  ]);
  const others = tape.constant(
    [1, words, words],
    Float64Array.from({ length: words * words }, (_, n) => (n % (words + 1) === 0 ? 0 : 1)),
  );
  const without = mul(reshape(mask, [texts, 1, words]), others);
  const after = reshape(forward(repeated, reshape(without, [texts * words, words])), [texts, words, rivals]);
  const moved = sum(abs(sub(reshape(margins, [texts, 1, rivals]), after)), [2]);
  return stopGradient(mul(moved, mask));
}

/** 1 for the `count` tokens of each text that move its margins most, else 0: [B, T]; in shorter texts for all that are there. */
export function salientTokens(moves: Tensor, mask: Tensor, count: number): Tensor {
  const { tape } = moves;
  const ranked = where(mask, moves, tape.scalar(-1));
  return mul(topMask(ranked, 1, Math.min(count, moves.shape[1]!)), mask);
}
