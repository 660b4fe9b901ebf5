/**
 * Method `lipschitz` for Transformer encoders: the first blocks exactly on every changed sequence, the others by bounds of their layers.
 *
 * Theorem. Let a be the label that the float64 reference (model/reference.ts) gives text s. `certified >= 1` is given only if it gives a to
 * every text within one edit of s (code points of the alphabet written), and `margins[1].lower` is at most each of their margins.
 * Proof. The label of a text depends on its framed tokens alone, and single-sequences.ts gives every sequence that one edit
 * can cause other than the unchanged one. For each, bounds/encoder-chain.ts gives an interval that holds every difference of two
 * logits as the reference computes them (the rounding of the forward is in it): the tokens that it is told are kept lie as far from
 * the base's activations behind block `exactBlocks` as they are computed to lie, be it for other neighbours or another position. If
 * the lower end is above 0 for a over every rival, a's logit is the greatest. The unchanged sequence is computed.
 *
 * Two and more edits: the sequences that k edits can cause are in the families of families.ts, each bounded as a whole from the embeddings on, and parted
 * where that isn't enough (family-bound.ts). `certified >= k` is given only if every family's least margin is above 0. Where the layers stretch what
 * enters them, as those of models that weren't trained for it do, the bound is far below 0, and the reason names the layer that loses most.
 */
import {
  type ChainBound,
  type ChainOptions,
  encoderChain,
  type LedgerLine,
} from "../../bounds/encoder-chain.js";
import { type BoundedEncoder, boundedEncoder } from "../../bounds/encoder-steps.js";
import { clock } from "../../clock.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import type { Encoder } from "../../model/encoder.js";
import { keepsLabel, marginOf } from "../../model/margins.js";
import { referenceLogits } from "../../model/reference.js";
import type { SequenceModel } from "../../model/sequence.js";
import { reach } from "../../tokenizer/reach.js";
import type { EncoderEvidence } from "../evidence.js";
import { Budget, LimitReached } from "../exact/budget.js";
import type { MethodAnswer, MethodLimits } from "../method.js";
import type { MarginBound, Verdict } from "../result.js";
import { families } from "./families.js";
import { type FamilyBound, familyBound, Vectors } from "./family-bound.js";
import { type SingleSequence, singleSequences } from "./single-sequences.js";

export interface EncoderLimits extends MethodLimits {
  /** Blocks that are computed exactly, 0 to all; default: none without positions, else all but the last. */
  readonly exactBlocks?: number | undefined;
  /** Bounds every sequence even where one of them has settled the answer, for those who want to see the least margin. */
  readonly tight?: boolean | undefined;
  /** For two and more edits: how many parts of one family are bounded at most. */
  readonly parts?: number | undefined;
}

const MOST_PARTS = 32;

/** One changed sequence and what bounds say of it. */
export interface BoundedSequence {
  readonly sequence: SingleSequence;
  readonly bound: ChainBound;
  /** At most the margin of the label over every rival. */
  readonly lower: number;
}

const BOUNDED = new WeakMap<Encoder, BoundedEncoder>();

/** @throws UserError if the model's weights aren't known, or `exactBlocks` is out of range */
export function encoderLipschitz(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  limit: number,
  limits: EncoderLimits = {},
): MethodAnswer {
  const encoder = knownEncoder(model);
  const exactBlocks = checkedBlocks(encoder, limits.exactBlocks);
  const logits = referenceLogits(encoder, model.tokenizer.encode(text));
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const margins: MarginBound[] = [{ edits: 0, lower: marginOf(logits, winner) }];
  let strings = 0;
  let sequences = 0;
  let parts = 0;
  let worst: BoundedSequence | null = null;
  const answer = (verdict: Verdict): MethodAnswer => ({
    verdict,
    prediction,
    margins,
    work: {
      backend: "reference",
      strings,
      sequences: sequences + 1,
      passes: sequences + 1 + parts,
      guard: 0,
    },
    evidence: {
      kind: "encoder-bounds",
      blocks: encoder.blocks.length,
      exactBlocks,
      sequences: sequences + 1,
      worst: worst === null ? null : changeOf(worst),
    },
  });
  const open = (certified: number | null, reason: string): MethodAnswer =>
    answer({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
  if (!keepsLabel(logits, winner)) return open(null, "the model gives no number for this text");
  const certified = (k: number): MethodAnswer =>
    answer({ verdict: "certified", certified: k, broken: null, counterexample: null });
  if (limit === 0) return certified(0);

  const { sequences: most = Number.POSITIVE_INFINITY, strings: mostStrings = Number.POSITIVE_INFINITY } =
    limits;
  const budget = new Budget({ seconds: limits.seconds, signal: limits.signal }, clock());
  const looked = (more: number): void => {
    strings += more;
    budget.check();
    if (strings > mostStrings) throw new LimitReached(`the limit of ${mostStrings} strings was reached`);
  };
  try {
    budget.check();
    for (const bounded of boundedSequences(model, text, alphabet, winner, { exactBlocks }, looked)) {
      budget.check();
      if (sequences >= most) throw new LimitReached(`the limit of ${most} sequences was reached`);
      sequences++;
      if (worst === null || !(bounded.lower >= worst.lower)) worst = bounded;
      if (!(bounded.lower > 0) && limits.tight !== true) return open(0, lost(worst));
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return open(0, `${error.message} after ${sequences} sequences of 1 edit`);
  }
  const lower = Math.min(margins[0]!.lower, worst?.lower ?? Number.POSITIVE_INFINITY);
  margins.push({ edits: 1, lower });
  if (worst !== null && !(lower > 0)) return open(0, lost(worst));
  if (limit === 1) return certified(1);
  for (let k = 2; k <= limit; k++) {
    let least: FamilyBound;
    try {
      least = familiesBound(model, text, alphabet, k, winner, limits.parts ?? MOST_PARTS, () => {
        budget.check();
        if (sequences + parts >= most) throw new LimitReached(`the limit of ${most} sequences was reached`);
        parts++;
      });
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      return open(k - 1, `${error.message} at ${k} edits`);
    }
    if (!(least.lower > 0)) {
      const where = least.ledger === null ? null : dearest(least.ledger);
      const reason = `the bound for ${k} edits is ${least.lower.toPrecision(3)}, not above 0`;
      return open(k - 1, where === null ? reason : `${reason}; ${where} loses most`);
    }
    margins.push({ edits: k, lower: Math.min(margins[k - 1]!.lower, least.lower) });
  }
  return certified(limit);
}

/** The least over all families of k edits; not all of them once one isn't above 0. */
function familiesBound(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  k: number,
  winner: number,
  most: number,
  counted: () => void,
): FamilyBound {
  const encoder = knownEncoder(model);
  const vectors = new Vectors(encoder);
  let least: FamilyBound = { lower: Number.POSITIVE_INFINITY, ledger: null };
  for (const family of families(model.tokenizer, reach(model.tokenizer, text, alphabet, k))) {
    const found = familyBound(boundedOf(encoder), vectors, family, winner, most, counted);
    if (!(found.lower >= least.lower)) least = found;
    if (!(least.lower > 0)) break;
  }
  return least;
}

function boundedOf(encoder: Encoder): BoundedEncoder {
  let bounded = BOUNDED.get(encoder);
  if (bounded === undefined) {
    bounded = boundedEncoder(encoder);
    BOUNDED.set(encoder, bounded);
  }
  return bounded;
}

/** What a changed sequence replaces: its kept tokens stand at the beginning and at the end, in order (`alignment`). */
function changeOf({ sequence: { ids, origins }, lower }: BoundedSequence): EncoderEvidence["worst"] {
  let head = 0;
  while (head < ids.length && origins[head] === head) head++;
  let tail = 0;
  while (tail < ids.length - head && origins[ids.length - 1 - tail]! >= 0) tail++;
  const put = ids.subarray(head, ids.length - tail);
  return { from: head, put: Array.from(put), kept: tail, lower: Math.max(lower, -Number.MAX_VALUE) };
}

/** Every sequence of one edit with its bound, as it is asked for. */
export function* boundedSequences(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  winner: number,
  options: Pick<ChainOptions, "exactBlocks">,
  looked?: (strings: number) => void,
): Generator<BoundedSequence, void> {
  const encoder = knownEncoder(model);
  const bounded = boundedOf(encoder);
  const base = model.tokenizer.encode(text);
  const chain: ChainOptions = { ...options, vectors: true };
  for (const sequence of singleSequences(model.tokenizer, text, alphabet, looked)) {
    const bound = encoderChain(bounded, base, sequence, chain);
    yield { sequence, bound, lower: lowerMargin(bound, winner) };
  }
}

/** At most the margin of `winner` over every rival; -Infinity where nothing is known. */
export function lowerMargin({ pairs }: ChainBound, winner: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { a, b, lower, upper } of pairs) {
    if (a !== winner && b !== winner) continue;
    const margin = a === winner ? lower : -upper;
    if (!(margin >= least)) least = Number.isNaN(margin) ? Number.NEGATIVE_INFINITY : margin;
  }
  return least;
}

/** @throws UserError if only a backend knows the network */
export function knownEncoder({ encoder, identity }: SequenceModel): Encoder {
  if (encoder === null)
    throw new UserError(
      `the method lipschitz needs a model's weights, and of ${identity.name} only the graph is known; allowed: auto, enumerate, attack`,
      2,
    );
  return encoder;
}

/** @throws UserError if the encoder hasn't as many blocks */
export function checkedBlocks({ blocks, embedding }: Encoder, exactBlocks?: number): number {
  // Without positions no kept token moves in front of the first block: nothing is unknown, and the bound is the margin itself.
  const still = embedding.positions.kind === "none";
  const chosen = exactBlocks ?? (still ? 0 : Math.max(0, blocks.length - 1));
  if (!Number.isInteger(chosen) || chosen < 0 || chosen > blocks.length)
    throw new UserError(`exactBlocks is ${chosen}; the encoder has 0 to ${blocks.length}`, 2);
  return chosen;
}

/** The step that makes most of what enters it; null where nothing enters any. */
export function dearest(ledger: readonly LedgerLine[]): string | null {
  let most: LedgerLine | null = null;
  for (const line of ledger)
    if (line.factor !== null && (most?.factor == null || line.factor > most.factor)) most = line;
  return most?.factor == null ? null : `${most.step} (what enters it grows ${times(most.factor)})`;
}

function times(factor: number): string {
  return Number.isFinite(factor) ? `${factor.toPrecision(3)} times` : "without bound";
}

function lost({ lower, bound }: BoundedSequence): string {
  const where = dearest(bound.ledger);
  return `the bound for 1 edit is ${lower.toPrecision(3)}, not above 0${where === null ? "" : `; ${where} loses most`}`;
}
