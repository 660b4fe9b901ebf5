/**
 * Sparse Adam against a dense one. Equal: the steps of tokens touched every time, the moments of idle ones. Not equal:
 * dense Adam goes on moving an idle token by its momentum; the sparse one leaves it where it is.
 */

import { Random } from "../../src/numeric/random.js";
import { Parameters } from "../../src/train/parameters.js";

/** Adam without bias correction on bound * tanh(theta), every number at every step. */
class Dense {
  readonly theta: number[];
  readonly first: number[];
  readonly second: number[];
  constructor(readonly bounds: readonly number[]) {
    this.theta = bounds.map(() => 0);
    this.first = bounds.map(() => 0);
    this.second = bounds.map(() => 0);
  }
  /** `bound` null: a plain number, as the bias is. */
  update(gradient: readonly number[], rate: number): void {
    gradient.forEach((slope, k) => {
      const g = this.bounds[k] === 0 ? slope : slope * (1 - Math.tanh(this.theta[k]!) ** 2);
      this.first[k] = 0.9 * this.first[k]! + 0.1 * g;
      this.second[k] = 0.999 * this.second[k]! + 0.001 * g * g;
      this.theta[k] = this.theta[k]! - (rate * this.first[k]!) / (Math.sqrt(this.second[k]!) + 1e-6);
    });
  }
  values(): number[] {
    return this.theta.map((theta, k) => (this.bounds[k] === 0 ? theta : this.bounds[k]! * Math.tanh(theta)));
  }
}

const BOUNDS = [1, 0.3, 0.05];
const CLASSES = 2;
const start = () => ({
  sparse: new Parameters(BOUNDS.length, CLASSES, Float64Array.from(BOUNDS)),
  dense: new Dense(BOUNDS.flatMap((bound) => [bound, bound])),
  bias: new Dense([0, 0]),
});
const close = (a: ArrayLike<number>, b: ArrayLike<number>, places = 10) => {
  expect(a.length).toBe(b.length);
  for (let k = 0; k < a.length; k++) expect(a[k]).toBeCloseTo(b[k]!, places);
};

test("when all tokens are touched at every step, it is dense Adam", () => {
  const { sparse, dense, bias } = start();
  const random = new Random(3);
  for (let step = 0; step < 50; step++) {
    const amounts = BOUNDS.map(() => random.next() - 0.3);
    // In two parts, to see that a batch's gradients add up.
    amounts.forEach((amount, token) => {
      sparse.push(token, 1, 0, amount / 4);
      sparse.push(token, 1, 0, (3 * amount) / 4);
    });
    const slope = random.next();
    sparse.biasGradient.set([slope, -slope]);
    sparse.update(0.05 / (1 + step), 8);
    dense.update(
      amounts.flatMap((amount) => [-amount / 8, amount / 8]),
      0.05 / (1 + step),
    );
    bias.update([slope / 8, -slope / 8], 0.05 / (1 + step));
    close(sparse.evidence, dense.values());
    close(sparse.bias, bias.values());
  }
  expect(sparse.step).toBe(50);
  expect(Math.abs(sparse.evidence[0]!)).toBeGreaterThan(0.01);
});

test("an idle token stays; when it is touched again its moments are the dense ones", () => {
  const { sparse, dense } = start();
  const step = (amounts: readonly number[]) => {
    amounts.forEach((amount, token) => {
      if (amount !== 0) sparse.push(token, 0, 1, amount);
    });
    sparse.update(1e-9, 1);
    dense.update(
      amounts.flatMap((amount) => [amount, -amount]),
      1e-9,
    );
  };
  // So small a rate that theta, and with it tanh's slope, is the same in both.
  step([0.5, 0.25, 1]);
  const held = sparse.evidence.slice(2, 4);
  for (let n = 0; n < 20; n++) step([0.1, 0, -0.2]);
  expect(sparse.evidence.slice(2, 4)).toEqual(held);
  expect(dense.values()[2]).not.toBe(held[0]);
  const lagging = sparse.state().get("first")!;
  expect(Math.abs(lagging[2]! - dense.first[2]!)).toBeGreaterThan(1e-3);
  step([0, 0.7, 0]);
  step([0.1, 0.7, 0.3]);
  close(sparse.state().get("first")!, dense.first, 9);
  close(sparse.state().get("second")!, dense.second, 9);
});

test("a gradient counts for one step only", () => {
  const { sparse } = start();
  sparse.push(0, 0, 1, 1);
  sparse.update(0.1, 1);
  const after = sparse.evidence.slice();
  sparse.update(0.1, 1);
  expect(sparse.evidence).toEqual(after);
  sparse.push(0, 0, 1, -1);
  expect(sparse.gradient[0]).toBe(-1);
});

test("evidence stays within its bounds whatever pushes it", () => {
  const { sparse } = start();
  const random = new Random(1);
  for (let step = 0; step < 300; step++) {
    for (let token = 0; token < 3; token++)
      sparse.push(token, 0, 1, (token === 1 ? random.next() - 0.5 : -1) * 1e6);
    sparse.update(step % 2 === 0 ? 10 : 0.5, 1);
    for (let k = 0; k < 6; k++) {
      const bound = BOUNDS[Math.floor(k / 2)]!;
      expect(Math.abs(sparse.evidence[k]!)).toBeLessThanOrEqual(bound);
    }
  }
  expect(sparse.evidence[0]).toBeGreaterThan(0.99);
  expect(sparse.evidence[5]).toBeLessThan(-0.0499);
});

test("its state, copied, goes on alike; reset starts from nothing", () => {
  const { sparse } = start();
  const { sparse: copy } = start();
  const random = new Random(7);
  const push = (parameters: Parameters[]) => {
    const token = Math.floor(random.next() * 3);
    const amount = random.next() - 0.5;
    for (const p of parameters) p.push(token, 0, 1, amount);
    for (const p of parameters) p.biasGradient[1] = amount;
    for (const p of parameters) p.update(0.1, 2);
  };
  for (let n = 0; n < 10; n++) push([sparse]);
  for (const [name, values] of copy.state()) values.set(sparse.state().get(name) as never);
  copy.restored(sparse.step);
  for (let n = 0; n < 10; n++) push([sparse, copy]);
  expect(copy.state()).toEqual(sparse.state());
  expect(copy.evidence).toEqual(sparse.evidence);
  sparse.reset();
  expect([sparse.step, ...sparse.evidence, ...sparse.bias]).toEqual(Array(9).fill(0));
  const { sparse: unused } = start();
  push([sparse, unused]);
  expect(sparse.evidence).toEqual(unused.evidence);
});
