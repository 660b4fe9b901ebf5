/**
 * The bound of one changed sequence of an encoder, taken apart: what computing each step instead of bounding it would change.
 *
 * Let x_s be what the changed sequence has behind step s, c_s the centers of the method's balls there. L_s is what the margin can fall by if all that is
 * known behind step s is x_s itself, as the vector x_s - c_s, and the steps from there on are bounded. L_0 is the method's bound, L_S what the
 * margin really falls by, and L_s - L_(s+1) is what the bound of step s + 1 costs, given all that stands before it. These are figures, not
 * proofs: L_0 alone is certified.
 */
import { activationsAfter, intervalOf, startBalls } from "../../bounds/encoder-chain.js";
import { type BoundedEncoder, encoderSteps } from "../../bounds/encoder-steps.js";
import { across, marginChange, type Step } from "../../bounds/tape.js";
import { attention } from "../../layers/attention.js";
import { type Balls, distanceUp } from "../../layers/balls.js";
import { feedForward, feedForwardStep } from "../../layers/feed-forward.js";
import { head } from "../../layers/head.js";
import { normalize } from "../../layers/norm.js";
import { pool } from "../../layers/pooling.js";
import { residual } from "../../layers/residual.js";
import type { Encoder } from "../../model/encoder.js";
import { referenceLogits } from "../../model/reference.js";
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
  const { encoder } = bounded;
  const exact = activationsAfter(encoder, ids, exactBlocks);
  return encoderSteps(bounded, exactBlocks, startBalls(before, exact, encoder.hiddenSize, origins, true));
}

export interface Cuts {
  /** [steps + 1] L_s */
  readonly losses: readonly number[];
  /** [steps + 1] How far the changed sequence really lies from the centers in front of each step, and behind the last. */
  readonly moved: readonly Size[];
  readonly steps: readonly Step[];
}

/** @param a the label, @param b the rival whose margin is bounded */
export function cutsOf(
  bounded: BoundedEncoder,
  baseIds: Int32Array,
  found: BoundedSequence,
  exactBlocks: number,
  a: number,
  b: number,
): Cuts {
  const { encoder } = bounded;
  const before = activationsAfter(encoder, baseIds, exactBlocks);
  const logits = referenceLogits(encoder, baseIds);
  const margin = logits[a]! - logits[b]!;
  const exact = activationsByStep(encoder, found.sequence.ids, exactBlocks);
  const steps = stepsOf(bounded, before, found, exactBlocks);
  const start = steps[0]!.input;
  const balls = exact.map((x, s): Balls => {
    const { d, centers } = s === 0 ? start : steps[s - 1]!.output;
    const radii = Float64Array.from({ length: x.length / d }, (_, i) =>
      distanceUp(x, i * d, centers, i * d, d),
    );
    return { d, centers, radii };
  });
  const losses = balls.map((at, s) => {
    if (s === 0) return margin - lowerOver(found.bound.pairs, a, b);
    if (s === steps.length) return margin - (exact[s]![a]! - exact[s]![b]!);
    const rest = encoderSteps(bounded, exactBlocks, at, s);
    const delta = exact[s]!.map((value, i) => value - at.centers[i]!);
    const { centers } = rest[rest.length - 1]!.output;
    return margin - (centers[a]! - centers[b]! + intervalOf([rest], at, delta, a, b).lower);
  });
  return { losses: losses.map(known), moved: balls.map(({ radii }) => sizeOf(radii)), steps };
}

function lowerOver(pairs: BoundedSequence["bound"]["pairs"], winner: number, rival: number): number {
  for (const { a, b, lower, upper } of pairs) {
    if (a === winner && b === rival) return lower;
    if (a === rival && b === winner) return -upper;
  }
  throw new Error(`no bound of the margin of ${winner} over ${rival}`);
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
