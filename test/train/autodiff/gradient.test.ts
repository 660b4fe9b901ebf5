/** Gradients, and gradients of gradients, against central differences in float64. */
import fc from "fast-check";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import * as op from "../../../src/train/autodiff/operations.js";
import { CASES, drawn, recorded, Tape, type Tensor, weighed } from "./cases.js";

type Feeds = Record<string, Float64Array | Int32Array>;
const STEP = 1e-5;

/** The derivative of one number by each entry of an input. */
function differences(loss: Tensor, name: string, feeds: Feeds): Float64Array {
  const at = (values: Float64Array) => evaluate({ loss }, { ...feeds, [name]: values }).loss![0]!;
  const values = feeds[name] as Float64Array;
  return values.map((_, i) => {
    const moved = (by: number) => values.map((value, j) => (j === i ? value + by : value));
    return (at(moved(STEP)) - at(moved(-STEP))) / (2 * STEP);
  });
}

function expectClose(found: Float64Array, expected: Float64Array): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(expected[i]!)));
  });
}

function expectGradients(loss: Tensor, inputs: readonly Tensor[], feeds: Feeds): Tensor[] {
  const slopes = gradients(loss, inputs);
  const values = evaluate(Object.fromEntries(slopes.map((slope, i) => [i, slope])), feeds);
  inputs.forEach((input, i) => {
    expect(slopes[i]!.shape).toEqual(input.shape);
    expectClose(values[i]!, differences(loss, `x${i}`, feeds));
  });
  return slopes;
}

test.each(Object.keys(CASES))("%s: first and second derivatives", (name) => {
  fc.assert(
    fc.property(drawn(CASES[name]!), (it) => {
      const tape = new Tape();
      const { inputs, output, feeds } = recorded(tape, it);
      // Squared, so that linear operations have a second derivative to get wrong.
      const loss = op.add(weighed(output), op.scale(op.square(weighed(output)), 0.1));
      const slopes = expectGradients(loss, inputs, feeds);
      expectGradients(slopes.map(weighed).reduce(op.add), inputs, feeds);
    }),
    { numRuns: 10 },
  );
});
