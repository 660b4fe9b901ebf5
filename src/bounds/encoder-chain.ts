/**
 * What one changed sequence can do to the margins of an encoder, by bounds of its layers.
 *
 * The first `exactBlocks` blocks are computed on the changed sequence itself. From there on kept tokens are known by a radius about the base
 * activations, the length of their real change, and added tokens by their exact vectors; the remaining blocks see only that. So the bound
 * holds for every sequence whose kept tokens have moved by at most as much (Theorem: tape.ts; layers: their own files).
 * If no kept token has moved (no positions, and no block computed yet), nothing is unknown: the rest of the forward is the bound.
 * With `vectors`, kept tokens are known by the smallest ball that holds both the unchanged and the changed one, whose radius is half as large, and the
 * directions in which they lie from its center are used to first order; that bound holds for this sequence only.
 */
import { UserError } from "../failure.js";
import type { Balls, Perturbation } from "../layers/balls.js";
import { ballsOf, distanceUp, lengthUp, outward } from "../layers/balls.js";
import { head } from "../layers/head.js";
import { normalize } from "../layers/norm.js";
import { pool } from "../layers/pooling.js";
import type { Encoder } from "../model/encoder.js";
import { checkSequence, embed, transform } from "../model/reference.js";
import type { BoundedEncoder } from "./encoder-steps.js";
import { encoderSteps, stepNames } from "./encoder-steps.js";
import type { Step } from "./tape.js";
import { across, along, marginChange } from "./tape.js";

export interface ChangedSequence {
  /** Framed ids. */
  readonly ids: Int32Array;
  /** For each of them the base token that it is, or -1 for an added one. */
  readonly origins: Int32Array;
}

export interface ChainOptions {
  /** 0 to the number of blocks. */
  readonly exactBlocks: number;
  /** Pieces of the segment over which the gradient is averaged; 1 is cheapest. */
  readonly parts?: number;
  /** Use where the changed tokens are, not only how far they have moved: tighter, and as sound. */
  readonly vectors?: boolean;
}

/** What enters and leaves one step: radii of the balls. */
export interface LedgerLine {
  readonly step: string;
  readonly entering: { readonly largest: number; readonly total: number };
  readonly leaving: { readonly largest: number; readonly total: number };
  /** Total leaving over total entering; null if nothing enters. */
  readonly factor: number | null;
}

/** Bounds of margin(a, b) = logit a - logit b. */
export interface PairBound {
  readonly a: number;
  readonly b: number;
  readonly base: number;
  /** The margin of the changed sequence lies in this interval. */
  readonly lower: number;
  readonly upper: number;
  /** The most that the margin can differ from the base's. */
  readonly change: number;
}

export interface ChainBound {
  readonly pairs: readonly PairBound[];
  readonly ledger: readonly LedgerLine[];
}

/** Activations in front of block `blocks`, of one sequence. */
export function activationsAfter(encoder: Encoder, ids: Int32Array, blocks: number): Float64Array {
  checkSequence(encoder, ids);
  let x = embed(encoder.embedding, ids, encoder.hiddenSize);
  for (const block of encoder.blocks.slice(0, blocks)) x = transform(block, x, encoder.hiddenSize);
  return x;
}

/**
 * Bounds of every margin (a, b), a < b.
 * @throws UserError if a sequence can't be read, or origins or options don't fit
 */
export function encoderChain(
  bounded: BoundedEncoder,
  baseIds: Int32Array,
  changed: ChangedSequence,
  options: ChainOptions,
): ChainBound {
  const { encoder } = bounded;
  const { exactBlocks, parts = 1, vectors = false } = options;
  if (!Number.isInteger(exactBlocks) || exactBlocks < 0 || exactBlocks > encoder.blocks.length)
    throw new UserError(`exactBlocks is ${exactBlocks}; the encoder has 0 to ${encoder.blocks.length}`);
  if (!Number.isInteger(parts) || parts < 1)
    throw new UserError(`parts is ${parts}; it must be a positive integer`);
  const d = encoder.hiddenSize;
  const base = activationsAfter(encoder, baseIds, exactBlocks);
  const exact = activationsAfter(encoder, changed.ids, exactBlocks);
  const start = startBalls(base, exact, d, changed.origins, vectors);
  if (start.radii.every((r) => r === 0)) return nothingUnknown(encoder, exactBlocks, base, exact);
  const baseLogits = logitsFrom(encoder, exactBlocks, base);
  const delta = vectors ? exact.map((value, i) => value - start.centers[i]!) : null;
  const { pairs, ledger } = ballsChain(bounded, exactBlocks, start, parts, delta);
  const slack = 2 ** -50 * lengthUp(baseLogits);
  return {
    ledger,
    pairs: pairs.map(({ a, b, lower, upper }) => {
      const margin = baseLogits[a]! - baseLogits[b]!;
      const change = outward(Math.max(0, margin - lower, upper - margin)) + 2 * slack;
      return { a, b, base: margin, lower: lower - slack, upper: upper + slack, change };
    }),
  };
}

export interface BallsBound {
  /** a < b; the margin of every sequence in the balls lies in the interval. */
  readonly pairs: readonly Pick<PairBound, "a" | "b" | "lower" | "upper">[];
  readonly ledger: readonly LedgerLine[];
}

/** Bounds of every margin for whatever lies in these balls in front of block `from`; with `delta`, for the centers moved by it. */
export function ballsChain(
  bounded: BoundedEncoder,
  from: number,
  start: Balls,
  parts = 1,
  delta: Float64Array | null = null,
): BallsBound {
  const steps = encoderSteps(bounded, from, start);
  const logits = steps[steps.length - 1]!.output.centers;
  // Pieces of the segment, the last of which has the full radii.
  const pieces = Array.from({ length: parts }, (_, p) =>
    p + 1 === parts ? steps : encoderSteps(bounded, from, shrunk(start, (p + 1) / parts)),
  );
  const rounding = 2 ** -50 * lengthUp(logits);
  const pairs: { a: number; b: number; lower: number; upper: number }[] = [];
  for (let a = 0; a < logits.length; a++)
    for (let b = a + 1; b < logits.length; b++) {
      const { lower, upper } = intervalOf(pieces, start, delta, a, b);
      const center = logits[a]! - logits[b]!;
      pairs.push({
        a,
        b,
        lower: center + lower - rounding - 2 ** -50 * Math.abs(lower),
        upper: center + upper + rounding + 2 ** -50 * Math.abs(upper),
      });
    }
  return { pairs, ledger: ledgerOf(steps) };
}

/** The changed sequence's activations are known to the last bit, so its logits are those of the reference. */
function nothingUnknown(
  encoder: Encoder,
  exactBlocks: number,
  base: Float64Array,
  exact: Float64Array,
): ChainBound {
  const before = logitsFrom(encoder, exactBlocks, base);
  const after = logitsFrom(encoder, exactBlocks, exact);
  const pairs: PairBound[] = [];
  for (let a = 0; a < before.length; a++)
    for (let b = a + 1; b < before.length; b++) {
      const margin = before[a]! - before[b]!;
      const now = after[a]! - after[b]!;
      pairs.push({ a, b, base: margin, lower: now, upper: now, change: outward(Math.abs(now - margin)) });
    }
  const nothing = { largest: 0, total: 0 };
  const ledger = stepNames(encoder, exactBlocks).map((step) => ({
    step,
    entering: nothing,
    leaving: nothing,
    factor: null,
  }));
  return { pairs, ledger };
}

/** How far margin (a, b) can be from the centers': the best cut, or the mean over the pieces at the first cut. */
export function intervalOf(
  pieces: readonly (readonly Step[])[],
  start: Balls,
  delta: Float64Array | null,
  a: number,
  b: number,
): { lower: number; upper: number } {
  const changes = pieces.map((steps) => marginChange(steps, a, b));
  const whole = changes[changes.length - 1]!;
  let lower = -whole.radius;
  let upper = whole.radius;
  const gradients = changes.map(({ gradient }) => gradient);
  if (gradients.every((gradient) => gradient !== null)) {
    let byRadii = 0;
    let least = 0;
    let most = 0;
    for (const gradient of gradients) {
      byRadii += across(gradient, start.radii) / gradients.length;
      if (delta !== null) {
        const interval = along(gradient, delta);
        least += interval.lower / gradients.length;
        most += interval.upper / gradients.length;
      }
    }
    const rounding = outward(whole.rounding + 2 ** -40 * (Math.abs(least) + Math.abs(most)));
    lower = Math.max(lower, -outward(byRadii + whole.rounding));
    upper = Math.min(upper, outward(byRadii + whole.rounding));
    if (delta !== null && !Number.isNaN(least + most)) {
      lower = Math.max(lower, least - rounding);
      upper = Math.min(upper, most + rounding);
    }
  }
  return { lower, upper };
}

function shrunk(balls: Balls, factor: number): Balls {
  return { ...balls, radii: balls.radii.map((r) => outward(r * factor)) };
}

/**
 * What is known in front of the first bounded step. Added tokens exactly; kept ones by a ball about the base's, as far as they really move, or
 * (`vectors`) by the smallest that holds both.
 */
export function startBalls(
  base: Float64Array,
  exact: Float64Array,
  d: number,
  origins: Int32Array,
  vectors: boolean,
): Balls {
  const about = ballsOf(base, d, difference(base, exact, d, origins));
  if (!vectors) return about;
  const centers = about.centers.map((value, i) => value + (exact[i]! - value) / 2);
  // A middle that is rounded isn't one to the last bit: how far the changed token lies from it is measured.
  return {
    d,
    centers,
    radii: about.radii.map((r, i) => (r > 0 ? distanceUp(exact, i * d, centers, i * d, d) : 0)),
  };
}

/** Kept tokens by the length of their change, added ones exactly. */
export function difference(
  base: Float64Array,
  exact: Float64Array,
  d: number,
  origins: Int32Array,
): Perturbation {
  if (origins.length * d !== exact.length)
    throw new UserError(`${origins.length} origins were given for ${exact.length / d} tokens`);
  const radii = new Float64Array(origins.length);
  const added: Float64Array[] = [];
  origins.forEach((origin, i) => {
    if (origin === -1) added.push(exact.slice(i * d, (i + 1) * d));
    else if (origin >= 0 && (origin + 1) * d <= base.length)
      radii[i] = distanceUp(exact, i * d, base, origin * d, d);
  });
  return { origins, radii, added };
}

function logitsFrom(encoder: Encoder, from: number, activations: Float64Array): Float64Array {
  const d = encoder.hiddenSize;
  let x = activations;
  for (const block of encoder.blocks.slice(from)) x = transform(block, x, d);
  return head(encoder.head, pool(encoder.pooling, normalize(encoder.finalNorm, x, d), d));
}

function ledgerOf(steps: readonly Step[]): LedgerLine[] {
  const size = (radii: Float64Array) => ({
    largest: radii.reduce((most, r) => Math.max(most, r), 0),
    total: radii.reduce((sum, r) => sum + r, 0),
  });
  return steps.map(({ name, input, output }) => {
    const entering = size(input.radii);
    const leaving = size(output.radii);
    return {
      step: name,
      entering,
      leaving,
      factor: entering.total > 0 ? leaving.total / entering.total : null,
    };
  });
}
