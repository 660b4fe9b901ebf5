/**
 * Adam (Kingma and Ba, ICLR 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).
 */
import { checkSizes, copied, type Optimiser, type OptimiserState, remembered } from "./optimiser.js";

export interface AdamOptions {
  /** Decay of the mean gradient. */
  readonly first: number;
  /** Decay of the mean squared gradient. */
  readonly second: number;
  readonly epsilon: number;
  /** A step takes rate times this part off every number. */
  readonly weightDecay: number;
}

export const ADAM_DEFAULTS: AdamOptions = { first: 0.9, second: 0.999, epsilon: 1e-8, weightDecay: 0 };

export class Adam implements Optimiser {
  private readonly options: AdamOptions;
  private memory: OptimiserState = new Map();

  constructor(options: Partial<AdamOptions> = {}) {
    this.options = { ...ADAM_DEFAULTS, ...options };
  }

  step(name: string, values: Float32Array, gradient: Float32Array, rate: number): void {
    checkSizes(name, values, gradient);
    const { first, second, epsilon, weightDecay } = this.options;
    const m = remembered(this.memory, `${name} first`, values.length);
    const v = remembered(this.memory, `${name} second`, values.length);
    const steps = remembered(this.memory, `${name} steps`, 1);
    steps[0] = steps[0]! + 1;
    const unbiased = rate / (1 - first ** steps[0]!);
    const unbiasedSecond = 1 / (1 - second ** steps[0]!);
    const keep = 1 - rate * weightDecay;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]!;
      const mean = first * m[i]! + (1 - first) * g;
      const square = second * v[i]! + (1 - second) * g * g;
      m[i] = mean;
      v[i] = square;
      values[i] = keep * values[i]! - (unbiased * mean) / (Math.sqrt(unbiasedSecond * square) + epsilon);
    }
  }

  state(): OptimiserState {
    return this.memory;
  }

  restore(state: ReadonlyMap<string, Float64Array | Float32Array>): void {
    this.memory = copied(state);
  }
}
