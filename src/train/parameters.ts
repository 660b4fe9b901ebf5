/**
 * The trained numbers: evidence per token and class, held within bounds by tanh, and a bias per class, with sparse
 * Adam (Kingma and Ba, ICLR 2015): only tokens that a batch touched are updated, and the decay of their moments
 * is caught up on then. Where words have vectors, what these say in common (shared-map.ts) is part of a word's evidence.
 */
import type { SharedMap } from "./shared-map.js";

export class Parameters {
  /** [tokens * classes] bound * tanh(theta + what the shared map says): what the model uses. */
  readonly evidence: Float64Array;
  readonly bias: Float64Array;
  private readonly theta: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly last: Int32Array;
  private readonly biasFirst: Float64Array;
  private readonly biasSecond: Float64Array;
  /** Gradients of the batch at hand, and the tokens that have one. */
  readonly gradient: Float64Array;
  readonly biasGradient: Float64Array;
  private readonly touched: Int32Array;
  private readonly touchedAt: Int32Array;
  private touchedCount = 0;
  step = 0;

  constructor(
    readonly tokens: number,
    readonly classes: number,
    /** [tokens] most evidence of each token for one class. */
    private readonly bound: Float64Array,
    private readonly shared: SharedMap | null = null,
  ) {
    const size = tokens * classes;
    this.evidence = new Float64Array(size);
    this.theta = new Float64Array(size);
    this.first = new Float64Array(size);
    this.second = new Float64Array(size);
    this.last = new Int32Array(tokens);
    this.gradient = new Float64Array(size);
    this.touched = new Int32Array(tokens);
    this.touchedAt = new Int32Array(tokens).fill(-1);
    this.bias = new Float64Array(classes);
    this.biasFirst = new Float64Array(classes);
    this.biasSecond = new Float64Array(classes);
    this.biasGradient = new Float64Array(classes);
  }

  /** The arrays that make up the whole state, by name, for saving and taking up again. */
  state(): Map<string, Float64Array | Int32Array> {
    return new Map<string, Float64Array | Int32Array>([
      ["theta", this.theta],
      ["first", this.first],
      ["second", this.second],
      ["last", this.last],
      ["bias", this.bias],
      ["biasFirst", this.biasFirst],
      ["biasSecond", this.biasSecond],
      ...(this.shared?.state() ?? []),
    ]);
  }

  /** Takes evidence and bias as they are; what is at its bound is held just below it, where a step can still move it. */
  begin(evidence: Float64Array, bias: Float64Array): void {
    for (let k = 0; k < this.theta.length; k++) {
      const bound = this.bound[Math.floor(k / this.classes)]!;
      this.theta[k] = Math.atanh(Math.min(NEAR_BOUND, Math.max(-NEAR_BOUND, evidence[k]! / bound)));
      this.evidence[k] = bound * Math.tanh(this.theta[k]!);
    }
    this.bias.set(bias);
  }

  /** Starts again from nothing learned. */
  reset(): void {
    for (const values of this.state().values()) values.fill(0);
    this.evidence.fill(0);
    this.shared?.refresh();
    this.touchedAt.fill(-1);
    this.step = 0;
  }

  /** To be called after the arrays of `state()` were filled from a checkpoint. */
  restored(step: number): void {
    this.step = step;
    this.shared?.refresh();
    for (let token = 0; token < this.tokens; token++) this.weigh(token);
  }

  /** Evidence of a token from what it is made of. */
  private weigh(token: number): void {
    const { classes, shared } = this;
    const row = shared === null ? -1 : shared.rowOf[token]!;
    for (let y = 0; y < classes; y++) {
      const k = token * classes + y;
      const theta = row < 0 ? this.theta[k]! : this.theta[k]! + shared!.offsets[row * classes + y]!;
      this.evidence[k] = this.bound[token]! * Math.tanh(theta);
    }
  }

  /** Adds `amount` to the gradient of (token, plus) and takes it from (token, minus). */
  push(token: number, plus: number, minus: number, amount: number): void {
    const at = token * this.classes;
    if (this.touchedAt[token] !== this.step) {
      this.touchedAt[token] = this.step;
      this.touched[this.touchedCount++] = token;
      for (let y = 0; y < this.classes; y++) this.gradient[at + y] = 0;
    }
    this.gradient[at + plus] = this.gradient[at + plus]! + amount;
    this.gradient[at + minus] = this.gradient[at + minus]! - amount;
  }

  /** One step of Adam on the mean gradient of `batch` texts. */
  update(rate: number, batch: number): void {
    const { theta, first, second, evidence, gradient, classes, shared } = this;
    this.step++;
    for (let n = 0; n < this.touchedCount; n++) {
      const token = this.touched[n]!;
      const idle = this.step - this.last[token]!;
      this.last[token] = this.step;
      const decayFirst = DECAY_FIRST ** idle;
      const decaySecond = DECAY_SECOND ** idle;
      const bound = this.bound[token]!;
      const row = shared === null ? -1 : shared.rowOf[token]!;
      for (let k = token * classes; k < (token + 1) * classes; k++) {
        const tanh = evidence[k]! / bound;
        const g = (gradient[k]! / batch) * (1 - tanh * tanh);
        const m = decayFirst * first[k]! + (1 - DECAY_FIRST) * g;
        const v = decaySecond * second[k]! + (1 - DECAY_SECOND) * g * g;
        first[k] = m;
        second[k] = v;
        theta[k] = theta[k]! - (rate * m) / (Math.sqrt(v) + EPSILON);
        if (row >= 0) shared!.gather(row, k - token * classes, g);
      }
      this.weigh(token);
    }
    this.touchedCount = 0;
    if (shared?.batch(rate * SHARED_RATE) === true)
      for (const token of shared.vectors.tokens) this.weigh(token);
    for (let y = 0; y < classes; y++) {
      const g = this.biasGradient[y]! / batch;
      const m = DECAY_FIRST * this.biasFirst[y]! + (1 - DECAY_FIRST) * g;
      const v = DECAY_SECOND * this.biasSecond[y]! + (1 - DECAY_SECOND) * g * g;
      this.biasFirst[y] = m;
      this.biasSecond[y] = v;
      this.bias[y] = this.bias[y]! - (rate * m) / (Math.sqrt(v) + EPSILON);
      this.biasGradient[y] = 0;
    }
  }
}

/** Rate of the shared map, as a part of that of words. */
const SHARED_RATE = 0.5;
const NEAR_BOUND = 0.999;
const DECAY_FIRST = 0.9;
const DECAY_SECOND = 0.999;
const EPSILON = 1e-6;
