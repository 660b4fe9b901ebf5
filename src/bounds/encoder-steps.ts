/**
 * The steps (tape.ts) of an encoder from some block on to its logits.
 */

import { attentionBalls } from "../layers/attention-bound.js";
import { attentionGradient } from "../layers/attention-gradient.js";
import type { AttentionBound } from "../layers/attention-parts.js";
import { attentionBound } from "../layers/attention-parts.js";
import type { Balls } from "../layers/balls.js";
import type { FeedForwardBound } from "../layers/feed-forward-bound.js";
import { feedForwardBalls, feedForwardBound, feedForwardGradient } from "../layers/feed-forward-bound.js";
import type { StageBound } from "../layers/head.js";
import { stageBalls, stageBound, stageGradient } from "../layers/head.js";
import type { Norm } from "../layers/norm.js";
import { normBalls, normGradient } from "../layers/norm.js";
import { poolBalls, poolGradient } from "../layers/pooling.js";
import { addGradients, residualBalls } from "../layers/residual.js";
import type { Block, Encoder } from "../model/encoder.js";
import type { Step } from "./tape.js";
import { across } from "./tape.js";

/** An encoder with the norms that its bounds need, computed once. */
export interface BoundedEncoder {
  readonly encoder: Encoder;
  readonly blocks: readonly {
    readonly block: Block;
    readonly attention: AttentionBound;
    readonly feedForward: FeedForwardBound;
  }[];
  readonly head: readonly StageBound[];
}

export function boundedEncoder(encoder: Encoder): BoundedEncoder {
  return {
    encoder,
    blocks: encoder.blocks.map((block) => ({
      block,
      attention: attentionBound(block.attention),
      feedForward: feedForwardBound(block.feedForward),
    })),
    head: encoder.head.map(stageBound),
  };
}

/**
 * Steps from the input of block `from` (0 is the first), where the sequence is known as `start`, to the logits. With `skip`, the first
 * so many are left out and `start` is what enters the next; behind the pooling it is one vector.
 */
export function encoderSteps(bounded: BoundedEncoder, from: number, start: Balls, skip = 0): Step[] {
  const { encoder, blocks, head } = bounded;
  const steps: Step[] = [];
  let x = start;
  let left = skip;
  const push = (make: (input: Balls) => Step): void => {
    if (left-- > 0) return;
    const step = make(x);
    steps.push(step);
    x = step.output;
  };
  for (let l = from; l < blocks.length; l++) {
    const { block, attention, feedForward } = blocks[l]!;
    const pre = block.normPlacement === "pre";
    const name = `block ${l + 1}`;
    // What is pooled is the first token, so behind the last attention nothing else is read.
    const needed = encoder.pooling === "first" && l + 1 === blocks.length ? 1 : undefined;
    push((input) =>
      attentionStep(
        `${name} attention`,
        attention,
        pre ? block.attentionNorm : { kind: "none" },
        input,
        needed,
      ),
    );
    if (pre)
      push((input) =>
        preNormFeedForward(`${name} feed-forward`, feedForward, block.feedForwardNorm, input, needed),
      );
    else {
      push((input) => normStep(`${name} attention norm`, block.attentionNorm, input));
      push((input) => feedForwardStepOf(`${name} feed-forward`, feedForward, input, needed));
      push((input) => normStep(`${name} feed-forward norm`, block.feedForwardNorm, input));
    }
  }
  push((input) => normStep("final norm", encoder.finalNorm, input));
  push((input) => ({
    name: "pooling",
    input,
    output: poolBalls(encoder.pooling, input),
    back: (gradient) => ({
      gradient: poolGradient(encoder.pooling, input.radii.length, gradient),
      inside: 0,
    }),
  }));
  head.forEach((stage, s) => {
    push((input) => ({
      name: `head ${s + 1}`,
      input,
      output: stageBalls(stage, input),
      back: (gradient) => ({ gradient: stageGradient(stage, input, gradient), inside: 0 }),
    }));
  });
  return steps;
}

/** The names of the steps from the input of block `from` on, in order. */
export function stepNames({ blocks, head }: Encoder, from: number): string[] {
  const ofBlocks = blocks.slice(from).flatMap(({ normPlacement }, l) => {
    const parts =
      normPlacement === "pre"
        ? ["attention", "feed-forward"]
        : ["attention", "attention norm", "feed-forward", "feed-forward norm"];
    return parts.map((part) => `block ${from + l + 1} ${part}`);
  });
  return [...ofBlocks, "final norm", "pooling", ...head.map((_, s) => `head ${s + 1}`)];
}

/** x + attention(norm(x)) */
function attentionStep(name: string, bound: AttentionBound, norm: Norm, input: Balls, needed?: number): Step {
  const normed = normBalls(norm, input);
  const joined = norm.kind === "none";
  const { balls, state } = attentionBalls(bound, normed, joined, needed);
  return {
    name,
    input,
    output: joined ? balls : residualBalls(input, balls),
    back: (gradient) => {
      const inner = attentionGradient(bound, state, normed, gradient);
      return inner && throughNorm(norm, input, normed.rounding, gradient, inner);
    },
  };
}

/** x + feedForward(norm(x)) */
function preNormFeedForward(
  name: string,
  bound: FeedForwardBound,
  norm: Norm,
  input: Balls,
  needed?: number,
): Step {
  const normed = normBalls(norm, input);
  return {
    name,
    input,
    output: residualBalls(input, feedForwardBalls(bound, normed, false, needed)),
    back: (gradient) =>
      throughNorm(
        norm,
        input,
        normed.rounding,
        gradient,
        feedForwardGradient(bound, normed, gradient, false),
      ),
  };
}

/** The gradient of a branch behind a norm, and that of the skip path. */
function throughNorm(norm: Norm, input: Balls, rounding: Float64Array, skip: Balls, inner: Balls) {
  return { gradient: addGradients(skip, normGradient(norm, input, inner)), inside: across(inner, rounding) };
}

function feedForwardStepOf(name: string, bound: FeedForwardBound, input: Balls, needed?: number): Step {
  return {
    name,
    input,
    output: feedForwardBalls(bound, input, true, needed),
    back: (gradient) => ({ gradient: feedForwardGradient(bound, input, gradient, true), inside: 0 }),
  };
}

function normStep(name: string, norm: Norm, input: Balls): Step {
  return {
    name,
    input,
    output: normBalls(norm, input),
    back: (gradient) => ({ gradient: normGradient(norm, input, gradient), inside: 0 }),
  };
}
