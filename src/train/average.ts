/**
 * The mean of several trained models over one vocabulary. Logits are sums of evidence, so the mean of the models' logits
 * is one model of the same kind, no larger and no slower.
 */
import type { Parameters } from "./parameters.js";

export interface Mean {
  readonly evidence: Float64Array;
  readonly bias: Float64Array;
}

export class Average {
  private readonly evidence: Float64Array;
  private readonly bias: Float64Array;
  private readonly models = new Int32Array(1);

  constructor(private readonly parameters: Parameters) {
    this.evidence = new Float64Array(parameters.evidence.length);
    this.bias = new Float64Array(parameters.bias.length);
  }

  /** Counts the parameters as they are now as one more model. */
  add(): void {
    const { evidence, bias } = this.parameters;
    for (let k = 0; k < evidence.length; k++) this.evidence[k] = this.evidence[k]! + evidence[k]!;
    for (let y = 0; y < bias.length; y++) this.bias[y] = this.bias[y]! + bias[y]!;
    this.models[0] = this.models[0]! + 1;
  }

  /** Of the models added so far; of the parameters as they are, if none was. */
  mean(): Mean {
    const n = this.models[0]!;
    if (n === 0) return this.parameters;
    return { evidence: this.evidence.map((v) => v / n), bias: this.bias.map((v) => v / n) };
  }

  state(): Map<string, Float64Array | Int32Array> {
    return new Map<string, Float64Array | Int32Array>([
      ["average.evidence", this.evidence],
      ["average.bias", this.bias],
      ["average.models", this.models],
    ]);
  }

  restore(arrays: ReadonlyMap<string, unknown>): void {
    for (const [name, values] of this.state()) values.set(arrays.get(name) as never);
  }
}
