/**
 * The bound of one changed sequence of an encoder, taken apart: what computing each step instead of bounding it would change.
 *
 * Let L_s be what the margin can fall by if the first s steps behind the exact blocks are computed on the changed sequence and the others are
 * bounded. L_0 is the method's bound, L_S what the margin really falls by, and L_s - L_(s+1) is what the bound of step s + 1 costs,
 * given all that stands before it. These are figures, not proofs: L_0 alone is certified.
 */

import { activationsAfter, difference, intervalOf } from "../../bounds/encoder-chain.js";
import { type BoundedEncoder, encoderSteps } from "../../bounds/encoder-steps.js";
import { across, marginChange, type Step } from "../../bounds/tape.js";
import { attention } from "../../layers/attention.js";
import { type Balls, ballsOf } from "../../layers/balls.js";
import { feedForward, feedForwardStep } from "../../layers/feed-forward.js";
import { head } from "../../layers/head.js";
import { normalize } from "../../layers/norm.js";
import { pool } from "../../layers/pooling.js";
import { residual } from "../../layers/residual.js";
import type { Encoder } from "../../model/encoder.js";
import type { BoundedSequence } from "../lipschitz/encoder.js";
import type { Size } from "./inspection.js";

/** What enters each step of `encoderSteps` from block `from` on, and the logits: computed in float64 as the reference does. */
export function activationsByStep(encoder: Encoder, ids: Int32Array, from: number): Float64Array[] {
  const { hiddenSize: d } = encoder;
  let x = activationsAfter(encoder, ids, from);
  const all = [x];
  const push = (next: Float64Array) => {
    x = next;
    all.push(next);
  };
  for (const block of encoder.blocks.slice(from)) {
    if (block.normPlacement === "pre") {
      push(residual(x, attention(block.attention, normalize(block.attentionNorm, x, d))));
      push(residual(x, feedForward(block.feedForward, normalize(block.feedForwardNorm, x, d))));
    } else {
      push(residual(x, attention(block.attention, x)));
      push(normalize(block.attentionNorm, x, d));
      push(feedForwardStep(block.feedForward, x));
      push(normalize(block.feedForwardNorm, x, d));
    }
  }
  push(normalize(encoder.finalNorm, x, d));
  push(pool(encoder.pooling, x, d));
  for (const stage of encoder.head) push(head([stage], x));
  return all;
}

/** The steps behind the exact blocks for one changed sequence; `before` is what the unchanged one has there. */
export function stepsOf(
  bounded: BoundedEncoder,
  before: Float64Array,
  { sequence: { ids, origins } }: BoundedSequence,
  exactBlocks: number,
): Step[] {
  const { hiddenSize: d } = bounded.encoder;
  const exact = activationsAfter(bounded.encoder, ids, exactBlocks);
  return encoderSteps(bounded, exactBlocks, ballsOf(before, d, difference(before, exact, d, origins)));
}

export interface Cuts {
  /** [steps + 1] L_s */
  readonly losses: readonly number[];
  /** [steps + 1] How far the tokens that stay really moved in front of each step, and behind the last. */
  readonly moved: readonly Size[];
  readonly steps: readonly Step[];
}

/** @param a the label, @param b the rival whose margin is bounded */
export function cutsOf(
  bounded: BoundedEncoder,
  baseIds: Int32Array,
  { sequence, bound }: BoundedSequence,
  exactBlocks: number,
  a: number,
  b: number,
): Cuts {
  const { encoder } = bounded;
  const base = activationsByStep(encoder, baseIds, exactBlocks);
  const exact = activationsByStep(encoder, sequence.ids, exactBlocks);
  const logits = base[base.length - 1]!;
  const margin = logits[a]! - logits[b]!;
  const tail = encoder.head.length + 1;
  const balls = base.map((_, s) => {
    // Behind the pooling there is one vector.
    const pooled = s >= base.length - tail;
    const d = pooled ? base[s]!.length : encoder.hiddenSize;
    const origins = pooled ? Int32Array.of(0) : sequence.origins;
    return ballsOf(base[s]!, d, difference(base[s]!, exact[s]!, d, origins));
  });
  const steps = encoderSteps(bounded, exactBlocks, balls[0]!);
  const losses = base.map((_, s) => {
    if (s === 0) return margin - lowerOver(bound.pairs, a, b);
    if (s === base.length - 1) return margin - (exact[s]![a]! - exact[s]![b]!);
    const from = encoderSteps(bounded, exactBlocks, balls[s]!, s);
    const delta = exact[s]!.map((value, i) => value - balls[s]!.centers[i]!);
    const { centers } = from[from.length - 1]!.output;
    return margin - (centers[a]! - centers[b]! + intervalOf([from], balls[s]!, delta, a, b).lower);
  });
  return { losses: losses.map(known), moved: balls.map(({ radii }) => sizeOf(radii)), steps };
}

function lowerOver(pairs: BoundedSequence["bound"]["pairs"], winner: number, rival: number): number {
  const pair = pairs.find(
    ({ a, b }) => Math.min(a, b) === Math.min(winner, rival) && Math.max(a, b) === Math.max(winner, rival),
  )!;
  return pair.a === winner ? pair.lower : -pair.upper;
}

/** What can't be bounded is Infinity. */
function known(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

export function sizeOf(radii: Float64Array): Size {
  return {
    largest: radii.reduce((most, r) => Math.max(most, r), 0),
    total: radii.reduce((sum, r) => sum + r, 0),
  };
}

/**
 * At most the margin of `winner` over every rival if what leaves step s of `steps` lies in balls `scale` times as wide as the bound says, and the steps
 * behind it are bounded as they are.
 */
export function scaledLower(
  bounded: BoundedEncoder,
  exactBlocks: number,
  steps: readonly Step[],
  s: number,
  scale: number,
  winner: number,
): number {
  const { output } = steps[s]!;
  const start: Balls = { ...output, radii: output.radii.map((r) => r * scale) };
  const rest = encoderSteps(bounded, exactBlocks, start, s + 1);
  const logits = rest.length === 0 ? start : rest[rest.length - 1]!.output;
  let least = Number.POSITIVE_INFINITY;
  for (let b = 0; b < logits.centers.length; b++) {
    if (b === winner) continue;
    const radius = rest.length === 0 ? between(start, winner, b) : marginChange(rest, winner, b).radius;
    const margin = logits.centers[winner]! - logits.centers[b]! - radius;
    if (!(margin >= least)) least = Number.isNaN(margin) ? Number.NEGATIVE_INFINITY : margin;
  }
  return least;
}

/** What the difference of two logits can move by in a ball of logits. */
function between({ d, radii }: Balls, a: number, b: number): number {
  const centers = new Float64Array(d);
  centers[a] = 1;
  centers[b] = -1;
  return across({ d, centers, radii: new Float64Array(1) }, radii);
}
