/**
 * Token sequences on their way through the model: each once, in runs of one length, until one has another label.
 *
 * Promise: every sequence handed in has been run when `flush` returns null, with the predicted label and a margin that
 * the arithmetic can vouch for; `undecided` counts those that it can't. A flip is given back with what it was handed in
 * with. Sequences that are equal are run once (as long as sequence-set.ts remembers them).
 *
 * In float32 the arithmetic vouches for what model/vouched.ts says; sequences that it doesn't are undecided.
 */
import { BATCH_SEQUENCES, BATCH_TOKENS } from "../../model/backend.js";
import { keepsLabel, marginOf } from "../../model/margins.js";
import type { SequenceModel } from "../../model/sequence.js";
import { guardOf, vouched } from "../../model/vouched.js";
import { SequenceSet } from "./sequence-set.js";

/** Sequences in the shortest runs that aren't dearer per sequence (model/backend.ts). */
const FEW = 8;

export interface Flip<T> {
  readonly from: T;
  readonly ids: Int32Array;
  readonly logits: Float64Array;
}

type Ran<T> = (from: T, margin: number) => void;

export class Passes<T> {
  /** Different sequences seen so far, the unchanged one included. */
  sequences = 1;
  /** Sequences run so far. */
  passes = 0;
  /** Least margin of those that were run. */
  least: number;
  undecided = 0;
  readonly guard: number;
  private readonly seen: SequenceSet;
  private readonly waiting = new Map<number, { ids: Int32Array; from: T }[]>();

  /**
   * `base`: the framed sequence of the unchanged text; `logits`: what the model says of it. `before` is called before
   * every run and may throw, to stop.
   */
  constructor(
    private readonly model: SequenceModel,
    base: Int32Array,
    logits: Float64Array,
    private readonly winner: number,
    private readonly before: () => void,
  ) {
    this.guard = guardOf(model, logits);
    this.least = marginOf(logits, winner);
    this.seen = new SequenceSet(base);
  }

  /** Hands a framed sequence in; runs those of its length once there are enough for a run, and tells `ran` of each. */
  async add(ids: Int32Array, from: T, ran?: Ran<T>): Promise<Flip<T> | null> {
    if (!this.seen.add(ids)) return null;
    this.sequences++;
    let run = this.waiting.get(ids.length);
    if (run === undefined) {
      run = [];
      this.waiting.set(ids.length, run);
    }
    run.push({ ids, from });
    // Runs are short at first, so that an early flip ends it early; they cost no more than long ones from FEW on.
    const most = Math.max(FEW, Math.min(BATCH_SEQUENCES, this.passes >> 2));
    if (run.length < most && (run.length + 1) * ids.length <= BATCH_TOKENS) return null;
    this.waiting.delete(ids.length);
    return this.run(run, ran);
  }

  /** Runs all that wait. */
  async flush(ran?: Ran<T>): Promise<Flip<T> | null> {
    for (const [length, run] of [...this.waiting]) {
      this.waiting.delete(length);
      const flip = await this.run(run, ran);
      if (flip !== null) return flip;
    }
    return null;
  }

  private async run(
    run: readonly { readonly ids: Int32Array; readonly from: T }[],
    ran?: Ran<T>,
  ): Promise<Flip<T> | null> {
    const { model, winner } = this;
    this.before();
    const all = await model.backend.logits(run.map(({ ids }) => ids));
    this.passes += run.length;
    let flip: Flip<T> | null = null;
    for (const [i, { ids, from }] of run.entries()) {
      const logits = all[i]!;
      const margin = marginOf(logits, winner);
      ran?.(from, margin);
      const kept = keepsLabel(logits, winner);
      if (!this.vouched(ids, logits)) {
        this.undecided++;
        continue;
      }
      if (margin < this.least) this.least = margin;
      if (!kept) flip ??= { from, ids, logits };
    }
    return flip;
  }

  /** Whether the label can be believed: beyond the guard, or the float64 reference says the same. */
  vouched(ids: Int32Array, logits: Float64Array): boolean {
    return vouched(this.model, ids, logits, this.winner, this.guard);
  }
}
