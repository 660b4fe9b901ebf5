/** CHAIN: its running statistics, its graph against the layer that is exported, and what its penalty does. */
import fc from "fast-check";
import { UserError } from "../../../src/failure.js";
import { linear } from "../../../src/layers/linear.js";
import { normalize, normLipschitz } from "../../../src/layers/norm.js";
import { matrix } from "../../../src/numeric/matrix.js";
import { Random } from "../../../src/numeric/random.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { add, matmul, mean, scale, square, sub, sum } from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";
import { chain, chainMixing, foldFactors, mixingProbability } from "../../../src/train/layers/chain.js";
import { ChainState } from "../../../src/train/layers/chain-state.js";
import { Adam } from "../../../src/train/optimisers/adam.js";
import { normals } from "../../oracle/normals.js";

const [B, T, D] = [3, 4, 5];
const MASK = [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1];

function graph() {
  const tape = new Tape();
  const x = tape.input("x", [B, T, D]);
  const mask = tape.input("mask", [B, T]);
  return { x, pass: chain(x, mask, tape.input("factors", [D]), tape.input("raw", [B, D])) };
}
const FEEDS = {
  x: Float64Array.from(normals(B * T * D, 3), (value, i) => value * (1 + (i % D)) + (i % D)),
  mask: MASK,
  factors: [1, 0.5, 0.25, 0.2, 0.1],
  raw: new Float64Array(B * D),
};

test("without raw channels it is the norm that is exported, whatever the length; mean squares and penalty by definition", () => {
  const { pass } = graph();
  const { out, squares, penalty } = pass;
  const found = evaluate({ out, squares, penalty }, FEEDS);
  const norm = { kind: "scale", factors: Float64Array.from(FEEDS.factors) } as const;
  expect([...found.out!]).toEqual([...normalize(norm, FEEDS.x, D)]);
  let expected = 0;
  for (let c = 0; c < D; c++) {
    let [sum, squared, count] = [0, 0, 0];
    MASK.forEach((there, i) => {
      count += there;
      sum += there * FEEDS.x[i * D + c]!;
      squared += there * FEEDS.x[i * D + c]! ** 2;
    });
    expected += (sum / count) ** 2;
    expect(found.squares![c]! / (squared / count)).toBeCloseTo(1, 6);
  }
  expect(found.penalty![0]! / expected).toBeCloseTo(1, 6);
});

test("raw channels of a text stay as they are, the others are normalised", () => {
  const raw = Float64Array.from({ length: B * D }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const { pass } = graph();
  const out = evaluate({ out: pass.out }, { ...FEEDS, raw }).out!;
  out.forEach((value, n) => {
    const [b, c] = [Math.floor(n / (T * D)), n % D];
    const factor = raw[b * D + c] === 1 ? 1 : FEEDS.factors[c]!;
    expect(value).toBeCloseTo(FEEDS.x[n]! * factor, 12);
  });
});

test("factors are at most 1, the quietest channel's is 1: constant at most 1, and 0 maps to 0", () => {
  const value = fc.double({ min: 0, max: 1e30, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 1 }), (steps) => {
      const state = new ChainState(4);
      for (const step of steps) state.observe(step);
      const factors = state.factors();
      expect(Math.max(...factors)).toBe(1);
      expect(Math.min(...factors)).toBeGreaterThanOrEqual(0);
      const norm = { kind: "scale", factors } as const;
      expect(normLipschitz(norm)).toBe(1);
      expect([...normalize(norm, new Float64Array(8), 4)]).toEqual(new Array(8).fill(0));
    }),
  );
  expect([...new ChainState(3).factors()]).toEqual([1, 1, 1]);
});

test("running root mean squares come to those of the data, from the first step on without bias", () => {
  const state = new ChainState(2);
  state.observe([4, 9]);
  expect(state.rootMeanSquares()[0]).toBeCloseTo(2, 4);
  for (let step = 0; step < 2000; step++) {
    const x = normals(50, step + 1);
    state.observe([x.reduce((s, v) => s + v * v, 0) / 50, x.reduce((s, v) => s + 9 * v * v, 0) / 50]);
  }
  expect(state.rootMeanSquares()[0]).toBeCloseTo(1, 1);
  expect(state.rootMeanSquares()[1]).toBeCloseTo(3, 0.5);
  expect(state.factors()[1]).toBeCloseTo(1 / 3, 3);
  const copy = new ChainState(2);
  copy.state().set(state.state());
  expect(copy.factors()).toEqual(state.factors());
  for (const bad of [Number.NaN, Infinity, -1]) expect(() => state.observe([1, bad])).toThrow(UserError);
  expect(copy.factors()).toEqual(state.factors());
});

test("mixing falls to nothing, and is drawn with its probability", () => {
  expect(mixingProbability(0.5, 0, 101)).toBe(0.5);
  expect(mixingProbability(0.5, 50, 101)).toBeCloseTo(0.25, 12);
  expect(mixingProbability(0.5, 100, 101)).toBe(0);
  expect(mixingProbability(0.5, 0, 1)).toBe(0);
  const drawn = chainMixing(new Random(1), 100, 100, 0.3);
  expect(drawn.reduce((a, b) => a + b, 0) / 10_000).toBeCloseTo(0.3, 1.5);
  expect(Math.max(...chainMixing(new Random(1), 10, 10, 0))).toBe(0);
});

test("folded into the next weight, the norm and the map are one map", () => {
  const weight = Float32Array.from(normals(3 * D, 6));
  const factors = Float32Array.from([1, 0.5, 0.25, 0.125, 0.5]);
  const x = Float64Array.from(normals(D, 7));
  const expected = linear(
    { weight: matrix(3, D, weight), bias: null },
    normalize({ kind: "scale", factors }, x, D),
  );
  foldFactors(weight, factors);
  const found = linear({ weight: matrix(3, D, weight), bias: null }, x);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
});

test("training with the penalty brings the channels' means towards 0", () => {
  const tape = new Tape();
  const x = tape.input("x", [B, T, D]);
  const weight = tape.input("weight", [D, D]);
  const mask = tape.input("mask", [B, T]);
  const hidden = matmul(x, weight);
  const { penalty, out } = chain(hidden, mask, tape.input("factors", [D]), tape.input("raw", [B, D]));
  // Something else to learn: features of size 1.
  const loss = mean(square(sub(sum(square(out), [2]), tape.scalar(1))));
  const run = (lambda: number) => {
    const [slope] = gradients(add(loss, scale(penalty, lambda)), [weight]);
    const values = Float32Array.from(normals(D * D, 2), (value) => 0.2 * value);
    const adam = new Adam();
    for (let step = 0; step < 100; step++) {
      const found = evaluate({ slope: slope! }, { ...FEEDS, weight: values });
      adam.step("weight", values, Float32Array.from(found.slope!), 0.02);
    }
    return evaluate({ penalty }, { ...FEEDS, weight: values }).penalty![0]!;
  };
  expect(run(10)).toBeLessThan(0.3 * run(0));
});
