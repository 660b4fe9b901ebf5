/** Weights of a softmax under a box of scores, against every corner of the box and random points of it. */
import { largestForm, weightShifts } from "../../src/layers/weight-box.js";
import { randomDirection } from "../oracle/ball-attack.js";
import { seeded } from "../oracle/random-model.js";

const softmax = (p: Float64Array, moves: ArrayLike<number>) => {
  const masses = p.map((value, j) => value * Math.exp(moves[j]!));
  const sum = masses.reduce((a, b) => a + b, 0);
  return masses.map((m) => m / sum);
};

test("no point of the box goes further, and some corner goes as far", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const n = 1 + Math.floor(random() * 6);
    const p = softmax(
      new Float64Array(n).fill(1),
      randomDirection(random, n).map((v) => 3 * v),
    );
    const widths = Float64Array.from({ length: n }, () => (random() < 0.2 ? 0 : 10 ** (4 * random() - 3)));
    const a = Float64Array.from({ length: n }, () => (random() < 0.2 ? 0 : random()));
    const shifts = weightShifts(p, widths);
    const form = largestForm(p, widths, a);
    const reached = new Float64Array(n);
    let best = 0;
    const look = (moves: Float64Array) => {
      const q = softmax(p, moves);
      let sum = 0;
      q.forEach((value, j) => {
        reached[j] = Math.max(reached[j]!, Math.abs(value - p[j]!));
        sum += value * a[j]!;
      });
      best = Math.max(best, sum);
    };
    for (let corner = 0; corner < 2 ** n; corner++) look(widths.map((w, j) => ((corner >> j) & 1 ? w : -w)));
    for (let k = 0; k < 20; k++) look(widths.map((w) => w * (2 * random() - 1)));
    for (let j = 0; j < n; j++) {
      expect(shifts[j]!).toBeGreaterThanOrEqual(reached[j]! - 1e-15);
      expect(shifts[j]!).toBeLessThanOrEqual(reached[j]! + 1e-8);
    }
    expect(form).toBeGreaterThanOrEqual(best - 1e-15);
    expect(form).toBeLessThanOrEqual(best + 1e-8);
  }
});

test("unknown scores: weights may be anything from 0 to 1, and a form its largest value", () => {
  const p = Float64Array.of(0.2, 0.8);
  const widths = Float64Array.of(Infinity, Infinity);
  expect(weightShifts(p, widths)).toEqual(Float64Array.of(1, 1));
  expect(largestForm(p, widths, Float64Array.of(3, 5))).toBeGreaterThanOrEqual(5);
  expect(weightShifts(Float64Array.of(1), Float64Array.of(3))[0]!).toBeLessThan(1e-9);
});
