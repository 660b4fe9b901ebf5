/**
 * What changes parameters by their gradients. The parameters are the caller's arrays; the optimiser keeps what it remembers of
 * each under the parameter's name.
 */

/** By name; saved in a checkpoint and taken up again. */
export type OptimiserState = Map<string, Float64Array | Float32Array>;

export interface Optimiser {
  /**
   * One step of one parameter, in place; arithmetic is float64, stored as float32.
   * @param name the same at every step
   * @param rate of this step
   * @param shape of the parameter, row-major; some optimisers treat matrices as such
   */
  step(
    name: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    shape: readonly number[],
  ): void;
  /** The arrays themselves, not copies. */
  state(): OptimiserState;
  /** Goes on from a state; copies it. */
  restore(state: ReadonlyMap<string, Float64Array | Float32Array>): void;
}

/** @throws Error unless parameter and gradient are of one size */
export function checkSizes(name: string, values: Float32Array, gradient: Float32Array): void {
  if (values.length !== gradient.length)
    throw new Error(`${name} has ${values.length} numbers and its gradient ${gradient.length}`);
}

/** The array of that name, of zeros where there is none yet. */
export function remembered(state: OptimiserState, name: string, length: number): Float64Array | Float32Array {
  let values = state.get(name);
  if (values === undefined) {
    values = new Float32Array(length);
    state.set(name, values);
  }
  if (values.length !== length)
    throw new Error(`${name} has ${values.length} numbers; it must have ${length}`);
  return values;
}

export function copied(state: ReadonlyMap<string, Float64Array | Float32Array>): OptimiserState {
  return new Map([...state].map(([name, values]) => [name, values.slice()]));
}
