/**
 * The model under attack: how often it may still be asked, and what it has answered.
 *
 * Promise: no more sequences are run than allowed; an answer that the arithmetic can't vouch for never counts as
 * broken, nor does one that is no number.
 */
import { clock } from "../clock.js";
import type { Prediction } from "../model/classifier.js";
import { keepsLabel, marginOf } from "../model/margins.js";
import type { SequenceModel } from "../model/sequence.js";
import { guardOf, vouched } from "../model/vouched.js";

export interface Answer {
  readonly logits: Float64Array;
  /** Of the label under attack. */
  readonly margin: number;
  /** Surely another label. */
  readonly broken: boolean;
}

export interface QueryLimits {
  readonly queries: number;
  readonly seconds: number;
  readonly signal: { readonly aborted: boolean } | undefined;
}

export class Queries {
  /** Sequences run so far. */
  used = 0;
  /** Of the text as it stands. */
  prediction!: Prediction;
  margin!: number;
  /** Margins this near to 0 aren't believed in float32 alone; 0 in float64. */
  guard = 0;
  /** Whether there is a label to attack: a number, and not too near to a tie. */
  sure = false;
  private readonly until: number;

  constructor(
    readonly model: SequenceModel,
    private readonly limits: QueryLimits,
  ) {
    this.until = clock() + 1000 * limits.seconds;
  }

  /** The first question: the text as it stands. */
  async open(text: string): Promise<void> {
    const { model } = this;
    const ids = model.tokenizer.encode(text);
    const [logits] = await model.backend.logits([ids]);
    this.used++;
    this.prediction = model.prediction(logits!);
    this.guard = guardOf(model, logits!);
    const { index } = this.prediction;
    this.margin = marginOf(logits!, index);
    this.sure = keepsLabel(logits!, index) && vouched(model, ids, logits!, index, this.guard);
  }

  get left(): number {
    return Math.max(0, this.limits.queries - this.used);
  }

  /** Whether time is up or a signal was given. */
  get stopped(): boolean {
    return this.limits.signal?.aborted === true || clock() > this.until;
  }

  /** Answers for framed sequences, no more than are left. */
  async ask(sequences: readonly Int32Array[]): Promise<Answer[]> {
    const { model, prediction } = this;
    if (sequences.length === 0) return [];
    if (sequences.length > this.left) throw new Error(`${sequences.length} queries, ${this.left} left`);
    const all = await model.backend.logits(sequences);
    this.used += sequences.length;
    return all.map((logits, i) => {
      const { index } = prediction;
      const margin = marginOf(logits, index);
      const broken =
        !logits.some(Number.isNaN) &&
        !keepsLabel(logits, index) &&
        vouched(model, sequences[i]!, logits, index, this.guard);
      return { logits, margin: Number.isNaN(margin) ? Number.POSITIVE_INFINITY : margin, broken };
    });
  }
}
