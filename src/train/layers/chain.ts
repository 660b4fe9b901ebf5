/**
 * CHAIN normalisation while training (Ni and Koniusz, CVPR 2024, section 3): x_c psi_min / psi_c, psi_c the running root mean square of channel c;
 * no centring, but a penalty on the channels' means instead, and normalised and raw features mixed at random. What is exported is the norm
 * `scale` of layers/norm.ts, whose constant is at most 1, with the factors frozen.
 *
 * The statistics are those of earlier steps (chain-state.ts): a text's features don't depend on the rest of its batch, so
 * gradients by embeddings are a text's own. The paper draws the mixing for images; here one draw is for one channel of one text, and its
 * probability falls to 0 with training, so that in the end what is trained is what is exported.
 */
import type { Random } from "../../numeric/random.js";
import { add, div, mul, reshape, square, sub, sum } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

export interface ChainPass {
  /** [B, T, d] */
  readonly out: Tensor;
  /** [d] mean squares of the channels in this batch, for the running ones. */
  readonly squares: Tensor;
  /** One number: the sum over channels of the square of the channel's mean. */
  readonly penalty: Tensor;
}

/**
 * @param x [B, T, d]
 * @param mask [B, T] 1 where there is a token
 * @param factors [d] psi_min / psi_c, fed (`ChainState.factors`)
 * @param raw [B, d] 1 where a channel of a text stays as it is, fed (`chainMixing`)
 */
export function chain(x: Tensor, mask: Tensor, factors: Tensor, raw: Tensor): ChainPass {
  const [texts, words, width] = x.shape as [number, number, number];
  const { tape } = x;
  const there = reshape(mask, [texts, words, 1]);
  const count = add(sum(mask), tape.scalar(1e-6));
  const channelMean = (values: Tensor) => div(sum(mul(values, there), [0, 1]), count);
  const mixed = add(raw, mul(sub(tape.scalar(1), raw), reshape(factors, [1, width])));
  return {
    out: mul(x, reshape(mixed, [texts, 1, width])),
    squares: channelMean(square(x)),
    penalty: sum(square(channelMean(x))),
  };
}

/** The probability that a channel stays raw: falls from `first` at step 0 to 0 at the last step. */
export function mixingProbability(first: number, step: number, total: number): number {
  return total > 1 ? first * (1 - step / (total - 1)) : 0;
}

/** Draws for one step: [texts * width], 1 with the probability given, else 0. */
export function chainMixing(random: Random, texts: number, width: number, probability: number): Float32Array {
  return Float32Array.from({ length: texts * width }, () => (random.next() < probability ? 1 : 0));
}

/** W diag(factors), in place: a norm in front of a linear map becomes part of it. @param weight [rows * factors.length] */
export function foldFactors(weight: Float32Array, factors: ArrayLike<number>): void {
  for (let i = 0; i < weight.length; i++) weight[i] = weight[i]! * factors[i % factors.length]!;
}
