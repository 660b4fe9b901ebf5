/** Adam against its algorithm written out for one number, its sparse form against the dense one, SGD against its closed form. */

import { Random } from "../../../src/numeric/random.js";
import { Adam } from "../../../src/train/optimisers/adam.js";
import { Sgd } from "../../../src/train/optimisers/sgd.js";
import { byRow, SparseAdam } from "../../../src/train/optimisers/sparse-adam.js";

const random = new Random(5);
const numbers = (count: number) => Float32Array.from({ length: count }, () => 2 * random.next() - 1);

/** Kingma and Ba, algorithm 1, one number: every sum of the past is written out. */
function algorithm(
  start: number,
  gradients: readonly number[],
  rates: readonly number[],
  decay: number,
): number {
  let x = start;
  gradients.forEach((_, t) => {
    let [m, v] = [0, 0];
    for (let s = 0; s <= t; s++) {
      m += 0.1 * 0.9 ** (t - s) * gradients[s]!;
      v += 0.001 * 0.999 ** (t - s) * gradients[s]! ** 2;
    }
    const [mHat, vHat] = [m / (1 - 0.9 ** (t + 1)), v / (1 - 0.999 ** (t + 1))];
    x = x - rates[t]! * decay * x - (rates[t]! * mHat) / (Math.sqrt(vHat) + 1e-8);
  });
  return x;
}

const RATES = Array.from({ length: 12 }, (_, t) => 0.1 / (1 + t));

test.each([0, 0.3])("Adam is its algorithm, weight decay %p", (weightDecay) => {
  const adam = new Adam({ weightDecay });
  const start = numbers(5);
  const gradients = RATES.map(() => numbers(5));
  const values = start.slice();
  RATES.forEach((rate, t) => void adam.step("w", values, gradients[t]!, rate));
  values.forEach((value, i) => {
    const expected = algorithm(
      start[i]!,
      gradients.map((g) => g[i]!),
      RATES,
      weightDecay,
    );
    expect(Math.abs(value - expected)).toBeLessThan(1e-6);
    expect(Math.abs(value - start[i]!)).toBeGreaterThan(1e-2);
  });
});

test("the first step of Adam is the rate, against the gradient", () => {
  const values = Float32Array.of(1, 1, 1);
  new Adam().step("w", values, Float32Array.of(1e-3, -7, 0), 0.25);
  expect([...values]).toEqual([expect.closeTo(0.75, 4), 1.25, 1]);
});

/** Steps 0 to 5, then 6 to 11 by an optimiser that was made from the state of the first; and all by one. */
test.each([
  ["Adam", () => new Adam()],
  ["SGD", () => new Sgd({ momentum: 0.9 })],
])("%s goes on from a saved state, of each parameter on its own", (_, make) => {
  const gradients = RATES.map(() => ({ a: numbers(3), b: numbers(2) }));
  const run = (
    optimiser: Adam | Sgd,
    values: { a: Float32Array; b: Float32Array },
    from: number,
    to: number,
  ) => {
    for (let t = from; t < to; t++)
      for (const name of ["a", "b"] as const)
        if (name === "a" || t % 2 === 0) optimiser.step(name, values[name], gradients[t]![name], 0.1);
  };
  const whole = { a: new Float32Array(3), b: new Float32Array(2) };
  run(make(), whole, 0, 12);
  const parts = { a: new Float32Array(3), b: new Float32Array(2) };
  const first = make();
  run(first, parts, 0, 6);
  const second = make();
  second.restore(first.state());
  first.step("a", new Float32Array(3), numbers(3), 1);
  run(second, parts, 6, 12);
  expect(parts).toEqual(whole);
});

describe("sparse Adam", () => {
  test("where all rows are touched it is Adam", () => {
    const [dense, sparse] = [new Float32Array(6), new Float32Array(6)];
    const adam = new Adam({ weightDecay: 0.1 });
    const rows = new SparseAdam(sparse, 3, 2, { weightDecay: 0.1 });
    for (const rate of RATES) {
      const gradient = numbers(6);
      adam.step("w", dense, gradient, rate);
      rows.step(Int32Array.of(2, 0, 1), Float32Array.of(...gradient.slice(4), ...gradient.slice(0, 4)), rate);
    }
    sparse.forEach((value, i) => void expect(value).toBeCloseTo(dense[i]!, 6));
  });

  test("rows that aren't touched stay; a row's moments are Adam's at zero gradients between", () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const sparse = new SparseAdam(values, 2, 2);
    const adam = new Adam();
    const dense = new Float32Array(4);
    for (let t = 0; t < 9; t++) {
      const touched = t % 4 === 0;
      const gradient = numbers(4);
      const before = values.slice(2);
      if (touched)
        sparse.step(Int32Array.of(1, 0), Float32Array.of(...gradient.slice(2), ...gradient.slice(0, 2)), 0.1);
      else {
        sparse.step(Int32Array.of(0), gradient.slice(0, 2), 0.1);
        gradient.fill(0, 2);
        expect(values.slice(2)).toEqual(before);
      }
      adam.step("w", dense, gradient, 0.1);
    }
    for (const moment of ["first", "second"])
      sparse
        .state()
        .get(moment)!
        .forEach((value, i) => {
          expect(value).toBeCloseTo(adam.state().get(`w ${moment}`)![i]!, 7);
        });
  });

  test("goes on from a saved state", () => {
    const steps = RATES.map((_, t) => ({ rows: Int32Array.of(t % 3, 3), gradient: numbers(4) }));
    const whole = new Float32Array(8);
    const one = new SparseAdam(whole, 4, 2);
    for (const { rows, gradient } of steps) one.step(rows, gradient, 0.1);
    const parts = new Float32Array(8);
    const first = new SparseAdam(parts, 4, 2);
    for (const { rows, gradient } of steps.slice(0, 5)) first.step(rows, gradient, 0.1);
    const second = new SparseAdam(parts, 4, 2);
    second.restore(first.state());
    for (const { rows, gradient } of steps.slice(5)) second.step(rows, gradient, 0.1);
    expect(parts).toEqual(whole);
    expect(() => second.restore(new Map())).toThrow("first has 0 numbers; it must have 8");
  });

  test("a row that is there twice, or isn't in the embedding, is an error", () => {
    const sparse = new SparseAdam(new Float32Array(4), 2, 2);
    expect(() => sparse.step(Int32Array.of(1, 1), new Float32Array(4), 0.1)).toThrow("row 1 is there twice");
    expect(() => sparse.step(Int32Array.of(2), new Float32Array(2), 0.1)).toThrow("the embedding has only 2");
    expect(() => sparse.step(Int32Array.of(1), new Float32Array(3), 0.1)).toThrow("3 numbers, not 1 times 2");
  });

  test("gradients of gathered rows are summed by row", () => {
    const { rows, gradient } = byRow(Int32Array.of(7, 2, 7), Float32Array.of(1, 2, 3, 4, 50, 60), 2);
    expect([...rows]).toEqual([7, 2]);
    expect([...gradient]).toEqual([51, 62, 3, 4]);
  });
});

test("SGD: momentum is the sum of past gradients, decayed", () => {
  const values = Float32Array.of(1);
  const sgd = new Sgd({ momentum: 0.5, weightDecay: 0.1 });
  sgd.step("w", values, Float32Array.of(2), 0.5);
  expect(values[0]).toBeCloseTo(0.95 - 1, 6);
  sgd.step("w", values, Float32Array.of(1), 0.5);
  expect(values[0]).toBeCloseTo(-0.05 * 0.95 - 0.5 * (0.5 * 2 + 1), 6);
});

test("a gradient of another size is an error", () => {
  expect(() => new Adam().step("w", new Float32Array(2), new Float32Array(3), 1)).toThrow(
    "w has 2 numbers and its gradient 3",
  );
});
