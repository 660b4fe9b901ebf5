/**
 * `inspect` of an encoder: the changed sequence with the lowest bound, layer by layer, and what each layer would have to be.
 *
 * The bound is that of the method `lipschitz` (certify/lipschitz/encoder.ts) over every sequence of one edit. A layer's `scale` is searched for: if on
 * every sequence that the bound leaves open what leaves the layer lay in balls `scale` times as wide, the steps behind it would give every margin
 * above 0; the sequences that are certified are so as they are. It is found from below, so it never says too much.
 */

import { activationsAfter } from "../../bounds/encoder-chain.js";
import { type BoundedEncoder, boundedEncoder } from "../../bounds/encoder-steps.js";
import type { Step } from "../../bounds/tape.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { distanceUp } from "../../layers/balls.js";
import type { Encoder } from "../../model/encoder.js";
import { keepsLabel, marginOf } from "../../model/margins.js";
import { referenceLogits } from "../../model/reference.js";
import type { SequenceModel } from "../../model/sequence.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import type { BoundedSequence } from "../lipschitz/encoder.js";
import { boundedSequences, checkedBlocks, knownEncoder } from "../lipschitz/encoder.js";
import { type Cuts, cutsOf, scaledLower, sizeOf, stepsOf } from "./encoder-cuts.js";
import type { Findings, LayerFindings, NeededChange, Size } from "./inspection.js";
import { marginChange, shared, siteChange } from "./inspection.js";
import { Places, SiteTable } from "./places.js";

const known = new WeakMap<Encoder, BoundedEncoder>();
const HALVINGS = 6;
const LEAST_SCALE = 2 ** -80;

const NOTHING: Size = { largest: 0, total: 0 };

/** Where every edit leaves a wider margin than there was. */
const NO_EDIT: LayerFindings = {
  name: "no edit at all",
  computed: true,
  entering: null,
  leaving: null,
  factor: null,
  measured: null,
  loss: 0,
};

export interface EncoderInspection {
  /** As for the method `lipschitz`. */
  readonly exactBlocks?: number | undefined;
  /** Most sequences that are bounded; none by default. */
  readonly sequences?: number | undefined;
}

export function inspectEncoder(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  budget: Budget,
  options: EncoderInspection = {},
): Findings {
  const encoder = knownEncoder(model);
  const exactBlocks = checkedBlocks(encoder, options.exactBlocks);
  const base = model.tokenizer.encode(text);
  const logits = referenceLogits(encoder, base);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const margin = marginOf(logits, winner);
  const sites = new SiteTable(new Places(text));
  const open: BoundedSequence[] = [];
  const notes: string[] = [];
  let worst: BoundedSequence | null = null;
  let complete = keepsLabel(logits, winner);
  let seen = 0;
  try {
    if (!complete) notes.push("The model gives no number for this text.");
    else
      for (const found of boundedSequences(model, text, alphabet, winner, { exactBlocks }, () =>
        budget.check(),
      )) {
        if (seen >= (options.sequences ?? Number.POSITIVE_INFINITY))
          throw new LimitReached(`the limit of ${options.sequences} sequences was reached`);
        seen++;
        if (worst === null || !(found.lower >= worst.lower)) worst = found;
        if (!(found.lower > 0)) open.push(found);
        const over = logits[winner]! - logits[rivalOf(found, winner)]!;
        sites.add(found.sequence.edit, found.lower, over - found.lower);
      }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    complete = false;
    notes.push(
      `Only ${seen} sequences of one edit were bounded: ${error.message}. The figures are of the worst among them.`,
    );
  }
  const bound = complete ? Math.min(margin, worst?.lower ?? Number.POSITIVE_INFINITY) : null;
  const common = { kind: "encoder" as const, prediction, margin, bound, least: null, notes };
  if (worst === null) {
    const rival = logits.reduce(
      (best, logit, y) => (y !== winner && (best < 0 || logit > logits[best]!) ? y : best),
      -1,
    );
    const over = logits[winner]! - logits[rival]!;
    return {
      ...common,
      rival: { label: model.labels[rival]!, margin: over },
      certified: bound !== null && bound > 0,
      loss: bound === null ? null : over - bound,
      worst: null,
      layers: [],
      sites: [],
      changes: [],
    };
  }
  const rival = rivalOf(worst, winner);
  const over = logits[winner]! - logits[rival]!;
  let bounded = known.get(encoder);
  if (bounded === undefined) {
    bounded = boundedEncoder(encoder);
    known.set(encoder, bounded);
  }
  const cuts = cutsOf(bounded, base, worst, exactBlocks, winner, rival);
  const changed = referenceLogits(encoder, worst.sequence.ids);
  const layers = [
    ...computedLayers(encoder, base, worst, exactBlocks, cuts.losses[cuts.losses.length - 1]!),
    ...boundedLayers(cuts),
  ];
  const lower = bound ?? worst.lower;
  if (lower < worst.lower) layers.push({ ...NO_EDIT, loss: worst.lower - lower });
  const certified = bound !== null && bound > 0;
  const changes: NeededChange[] = [marginChange(over, lower)];
  const flips = !keepsLabel(changed, winner);
  // Where the label really changes there is nothing to ask of a layer.
  if (open.length > 0 && !flips) {
    try {
      changes.push(...layerChanges(bounded, base, open, exactBlocks, winner, cuts, layers, budget));
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      notes.push(`What layers would have to be wasn't found out: ${error.message}.`);
    }
  }
  const places = sites.sites();
  return {
    ...common,
    rival: { label: model.labels[rival]!, margin: over },
    certified,
    loss: over - lower,
    worst: {
      text: sites.places.edited(worst.sequence.edit),
      margin: changed[winner]! - changed[rival]!,
      flips,
    },
    layers: shared(layers),
    sites: places,
    changes: [...changes, ...siteChange(places)],
  };
}

/** The rival with the lowest bound. */
function rivalOf({ bound: { pairs } }: BoundedSequence, winner: number): number {
  let least = Number.POSITIVE_INFINITY;
  let rival = -1;
  for (const { a, b, lower, upper } of pairs) {
    if (a !== winner && b !== winner) continue;
    const margin = a === winner ? lower : -upper;
    if (rival < 0 || !(margin >= least)) {
      least = margin;
      rival = a === winner ? b : a;
    }
  }
  return rival;
}

/** The edit with what it really takes, and the blocks that were computed on the changed sequence. */
function computedLayers(
  encoder: Encoder,
  base: Int32Array,
  { sequence: { ids, origins } }: BoundedSequence,
  exactBlocks: number,
  taken: number,
): LayerFindings[] {
  const d = encoder.hiddenSize;
  const moves = (blocks: number): Size => {
    const [before, after] = [activationsAfter(encoder, base, blocks), activationsAfter(encoder, ids, blocks)];
    return sizeOf(
      Float64Array.from(origins, (origin, i) =>
        origin < 0 ? 0 : distanceUp(after, i * d, before, origin * d, d),
      ),
    );
  };
  let entering = moves(0);
  const rows: LayerFindings[] = [
    {
      name: "the edit itself",
      computed: true,
      entering: null,
      leaving: entering,
      factor: null,
      measured: null,
      loss: taken,
    },
  ];
  for (let l = 0; l < exactBlocks; l++) {
    const leaving = moves(l + 1);
    const factor = growth(entering, leaving);
    rows.push({
      name: `block ${l + 1}`,
      computed: true,
      entering,
      leaving,
      factor,
      measured: factor,
      loss: 0,
    });
    entering = leaving;
  }
  return rows;
}

/** Distances are to the centers of the method's balls: half of what a token that stays moves by, at first. */
function boundedLayers({ losses, moved, steps }: Cuts): LayerFindings[] {
  // Where no token that stays moves, all is computed, and what is left is rounding.
  const still = steps[0]!.input.radii.every((r) => r === 0);
  return steps.map(({ name, input, output }, s) => {
    const [entering, leaving] = still ? [NOTHING, NOTHING] : [sizeOf(input.radii), sizeOf(output.radii)];
    return {
      name,
      computed: false,
      entering,
      leaving,
      factor: growth(entering, leaving),
      measured: growth(moved[s]!, moved[s + 1]!),
      loss: less(losses[s]!, losses[s + 1]!),
    };
  });
}

/** Where nothing is known before and after, it isn't this step's doing. */
function less(before: number, after: number): number {
  return before === after ? 0 : before - after;
}

function growth(entering: Size, leaving: Size): number | null {
  return entering.total > 0 ? leaving.total / entering.total : null;
}

function layerChanges(
  bounded: BoundedEncoder,
  base: Int32Array,
  open: readonly BoundedSequence[],
  exactBlocks: number,
  winner: number,
  { steps: worstSteps }: Cuts,
  layers: readonly LayerFindings[],
  budget: Budget,
): NeededChange[] {
  const before = activationsAfter(bounded.encoder, base, exactBlocks);
  // What passes changes on as they are, or averages them, has nothing to be blamed for.
  const blamed = worstSteps.map(
    ({ name, input, output }) => name !== "pooling" && !same(input.centers, output.centers),
  );
  const scales: (number | null)[] = worstSteps.map(() => 1);
  // The worst first: it settles most layers, the others are looked at once.
  for (const found of [...open].sort((a, b) => a.lower - b.lower)) {
    const steps = stepsOf(bounded, before, found, exactBlocks);
    scales.forEach((scale, s) => {
      budget.check();
      if (scale !== null && blamed[s])
        scales[s] = largestScale(bounded, exactBlocks, steps, s, scale, winner);
    });
  }
  const first = layers.length - worstSteps.length;
  return worstSteps.flatMap(({ name }, s): NeededChange[] => {
    if (!blamed[s]) return [];
    const { factor: now, measured } = layers[first + s]!;
    const scale = scales[s]!;
    const needed = scale === null || now === null ? null : now * scale;
    return [{ what: "layer", layer: name, scale, now, needed, measured }];
  });
}

function same(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** The largest scale up to `most` (to 5 %, from below) that gives every margin above 0; null if none does. */
function largestScale(
  bounded: BoundedEncoder,
  exactBlocks: number,
  steps: readonly Step[],
  s: number,
  most: number,
  winner: number,
): number | null {
  const holds = (scale: number) => scaledLower(bounded, exactBlocks, steps, s, scale, winner) > 0;
  if (holds(most)) return most;
  if (!holds(0)) return null;
  // Bounds can be astronomically wide, so the search goes down by powers first.
  let bad = most;
  let good = most / 16;
  while (!holds(good)) {
    bad = good;
    good /= 16;
    if (good < LEAST_SCALE) return 0;
  }
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(good * bad);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
