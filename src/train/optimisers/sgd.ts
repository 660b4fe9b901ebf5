/** Stochastic gradient descent with momentum (Sutskever et al., ICML 2013) and decoupled weight decay. */
import { checkSizes, copied, type Optimiser, type OptimiserState, remembered } from "./optimiser.js";

export interface SgdOptions {
  /** Part of the last step's direction that is kept; 0: none is. */
  readonly momentum: number;
  /** A step takes rate times this part off every number. */
  readonly weightDecay: number;
}

export class Sgd implements Optimiser {
  private readonly options: SgdOptions;
  private memory: OptimiserState = new Map();

  constructor(options: Partial<SgdOptions> = {}) {
    this.options = { momentum: 0, weightDecay: 0, ...options };
  }

  step(name: string, values: Float32Array, gradient: Float32Array, rate: number): void {
    checkSizes(name, values, gradient);
    const { momentum, weightDecay } = this.options;
    const keep = 1 - rate * weightDecay;
    const direction = momentum === 0 ? null : remembered(this.memory, `${name} momentum`, values.length);
    for (let i = 0; i < values.length; i++) {
      let along = gradient[i]!;
      if (direction !== null) {
        along += momentum * direction[i]!;
        direction[i] = along;
      }
      values[i] = keep * values[i]! - rate * along;
    }
  }

  state(): OptimiserState {
    return this.memory;
  }

  restore(state: ReadonlyMap<string, Float64Array | Float32Array>): void {
    this.memory = copied(state);
  }
}
