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
 * Two and more edits are not bounded: the sequences of k edits are sequences of one edit of texts within k - 1, which `enumerate`
 * runs at less cost than this method bounds them; and a constant that holds for any edit of any text is far above all margins.
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
import type { EncoderEvidence } from "../evidence.js";
import { Budget, LimitReached } from "../exact/budget.js";
import type { MethodAnswer, MethodLimits } from "../method.js";
import type { MarginBound, Verdict } from "../result.js";
import { type SingleSequence, singleSequences } from "./single-sequences.js";

export interface EncoderLimits extends MethodLimits {
  /** Blocks that are computed exactly, 0 to all; default: all but the last, which is none of one block. */
  readonly exactBlocks?: number | undefined;
  /** Bounds every sequence even where one of them has settled the answer, for those who want to see the least margin. */
  readonly tight?: boolean | undefined;
}

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
  let worst: BoundedSequence | null = null;
  const answer = (verdict: Verdict): MethodAnswer => ({
    verdict,
    prediction,
    margins,
    work: { backend: "reference", strings, sequences: sequences + 1, passes: sequences + 1, guard: 0 },
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
  const most1 = worst === null ? null : dearest(worst.bound.ledger);
  return open(
    1,
    `this method bounds 1 edit of an encoder and no more${most1 === null ? "" : `; ${most1} loses most of it`}`,
  );
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
  let bounded = BOUNDED.get(encoder);
  if (bounded === undefined) {
    bounded = boundedEncoder(encoder);
    BOUNDED.set(encoder, bounded);
  }
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
export function checkedBlocks({ blocks }: Encoder, exactBlocks?: number): number {
  const chosen = exactBlocks ?? Math.max(0, blocks.length - 1);
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
