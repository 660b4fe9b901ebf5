/**
 * Adam for the rows of an embedding: a step changes the rows that its batch touched and no others.
 *
 * The moments of a row that comes up again are what dense Adam's would be by then, for the decay of the steps between is
 * caught up on; what dense Adam would have moved the row by in those steps, it isn't moved by.
 */
import { ADAM_DEFAULTS, type AdamOptions } from "./adam.js";
import type { OptimiserState } from "./optimiser.js";

export class SparseAdam {
  private readonly options: AdamOptions;
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  /** [rows] the last step that touched each. */
  private readonly last: Float64Array;
  /** [1] */
  private readonly steps = new Float64Array(1);

  constructor(
    /** [rows * width], changed in place. */
    private readonly values: Float32Array,
    rows: number,
    private readonly width: number,
    options: Partial<AdamOptions> = {},
  ) {
    if (values.length !== rows * width)
      throw new Error(`the embedding has ${values.length} numbers, not ${rows} times ${width}`);
    this.options = { ...ADAM_DEFAULTS, ...options };
    this.first = new Float32Array(values.length);
    this.second = new Float32Array(values.length);
    this.last = new Float64Array(rows);
  }

  /**
   * @param rows touched by the batch, each once
   * @param gradient [touched * width]
   */
  step(rows: Int32Array, gradient: Float32Array, rate: number): void {
    const { values, width, first, second, last, options } = this;
    if (gradient.length !== rows.length * width)
      throw new Error(`the gradient has ${gradient.length} numbers, not ${rows.length} times ${width}`);
    const step = this.steps[0]! + 1;
    this.steps[0] = step;
    const unbiased = rate / (1 - options.first ** step);
    const unbiasedSecond = 1 / (1 - options.second ** step);
    const keep = 1 - rate * options.weightDecay;
    rows.forEach((row, n) => {
      const idle = step - last[row]!;
      if (!(idle > 0)) throw new Error(`row ${row} is there twice, or the embedding has only ${last.length}`);
      last[row] = step;
      const decay = options.first ** idle;
      const decaySecond = options.second ** idle;
      for (let k = row * width, j = n * width; j < (n + 1) * width; k++, j++) {
        const g = gradient[j]!;
        const mean = decay * first[k]! + (1 - options.first) * g;
        const square = decaySecond * second[k]! + (1 - options.second) * g * g;
        first[k] = mean;
        second[k] = square;
        values[k] =
          keep * values[k]! - (unbiased * mean) / (Math.sqrt(unbiasedSecond * square) + options.epsilon);
      }
    });
  }

  state(): OptimiserState {
    return new Map<string, Float64Array | Float32Array>([
      ["first", this.first],
      ["second", this.second],
      ["last", this.last],
      ["steps", this.steps],
    ]);
  }

  restore(state: ReadonlyMap<string, Float64Array | Float32Array>): void {
    for (const [name, values] of this.state()) {
      const saved = state.get(name);
      if (saved?.length !== values.length)
        throw new Error(`${name} has ${saved?.length ?? 0} numbers; it must have ${values.length}`);
      values.set(saved);
    }
  }
}

/**
 * The gradient of the rows that were gathered by `ids`, summed by row.
 * @param gradient [ids * width]
 * @returns the rows, each once, in the order in which they come up, and their gradient [rows * width]
 */
export function byRow(
  ids: Int32Array,
  gradient: Float32Array,
  width: number,
): { rows: Int32Array; gradient: Float32Array } {
  const slots = new Map<number, number>();
  for (const id of ids) if (!slots.has(id)) slots.set(id, slots.size);
  const sum = new Float32Array(slots.size * width);
  ids.forEach((id, i) => {
    const to = slots.get(id)! * width;
    const from = i * width;
    for (let c = 0; c < width; c++) sum[to + c] = sum[to + c]! + gradient[from + c]!;
  });
  return { rows: Int32Array.from(slots.keys()), gradient: sum };
}
