/** Constants that hold for all inputs: never below what an attack reaches, and reached where the theory says so. */
import { attention } from "../../src/layers/attention.js";
import { attentionLipschitz } from "../../src/layers/attention-lipschitz.js";
import { attentionBound } from "../../src/layers/attention-parts.js";
import { convolutionBound, convolve } from "../../src/layers/convolution.js";
import { feedForward, feedForwardStep } from "../../src/layers/feed-forward.js";
import { feedForwardBound } from "../../src/layers/feed-forward-bound.js";
import { linear, linearBound } from "../../src/layers/linear.js";
import { normalize, normLipschitz } from "../../src/layers/norm.js";
import { randomDirection, worstMove } from "../oracle/ball-attack.js";
import {
  D,
  randomAttentions,
  randomFeedForwards,
  randomLinear,
  randomMatrix,
  randomNorms,
} from "../oracle/layer-cases.js";
import { seeded } from "../oracle/random-model.js";

const tokenLengths = (x: Float64Array, d: number) =>
  Array.from({ length: x.length / d }, (_, i) => Math.hypot(...x.subarray(i * d, (i + 1) * d)));
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const minus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - b[i]!);

test("linear maps: l1, l2 and linf are norms of the matrix, reached", () => {
  const random = seeded(1);
  const layer = randomLinear(random, 5, D);
  const { l1, l2, linf } = linearBound(layer);
  const zero = linear(layer, new Float64Array(D));
  let [most1, mostInf] = [0, 0];
  for (let c = 0; c < D; c++) {
    const unit = new Float64Array(D);
    unit[c] = 1;
    most1 = Math.max(most1, total(Array.from(minus(linear(layer, unit), zero), Math.abs)));
  }
  for (let signs = 0; signs < 2 ** D; signs++) {
    const corner = Float64Array.from({ length: D }, (_, c) => ((signs >> c) & 1 ? 1 : -1));
    mostInf = Math.max(mostInf, ...minus(linear(layer, corner), zero).map(Math.abs));
  }
  expect(l1).toBeGreaterThanOrEqual(most1 * (1 - 1e-12));
  expect(l1).toBeLessThan(most1 * (1 + 1e-9));
  expect(linf).toBeGreaterThanOrEqual(mostInf * (1 - 1e-12));
  expect(linf).toBeLessThan(mostInf * (1 + 1e-9));
  const target = {
    d: D,
    centers: new Float64Array(D),
    radii: Float64Array.of(1),
    f: (x: Float64Array) => linear(layer, x),
  };
  const worst = worstMove(target, random, 3, 20);
  expect(l2).toBeGreaterThanOrEqual(worst);
  expect(l2).toBeLessThan(worst * 1.01);
});

test("feed-forward constants hold at every radius; the orthogonal form's is 1", () => {
  for (let seed = 1; seed <= 4; seed++)
    for (const layer of randomFeedForwards(seeded(seed))) {
      const { branch, step } = feedForwardBound(layer);
      for (const radius of [0.01, 1, 20]) {
        const random = seeded(seed);
        const ball = { d: D, centers: randomDirection(random, D), radii: Float64Array.of(radius) };
        expect(branch * radius).toBeGreaterThanOrEqual(
          worstMove({ ...ball, f: (x) => feedForward(layer, x) }, random),
        );
        expect(step * radius).toBeGreaterThanOrEqual(
          worstMove({ ...ball, f: (x) => feedForwardStep(layer, x) }, random),
        );
      }
      if (layer.kind === "orthogonal") expect(branch).toBeLessThan(1 + 1e-8);
    }
});

test("norms: centring and scaling have constants everywhere; layer norms' is useless but right", () => {
  const random = seeded(2);
  for (const norm of randomNorms(random)) {
    const constant = normLipschitz(norm);
    for (const size of [1e-3, 1]) {
      const centers = randomDirection(random, D).map((value) => size * value);
      const radius = 0.3 * size;
      const worst = worstMove(
        { d: D, centers, radii: Float64Array.of(radius), f: (x) => normalize(norm, x, D) },
        random,
      );
      expect(constant * radius).toBeGreaterThanOrEqual(worst);
    }
    if (norm.kind === "layer") expect(constant).toBeGreaterThan(100);
  }
  expect(normLipschitz({ kind: "scale", factors: Float64Array.of(0.5, -1, 0.2) })).toBe(1);
});

test("attention on bounded tokens: largest move and sum of moves", () => {
  for (let seed = 1; seed <= 6; seed++)
    for (const layer of randomAttentions(seeded(seed))) {
      const random = seeded(seed + 100);
      const n = 2 + (seed % 3);
      const length = 2;
      const { largest, total: sum } = attentionLipschitz(attentionBound(layer), length, n);
      for (let k = 0; k < 40; k++) {
        const inBall = () => {
          const x = randomDirection(random, n * D);
          tokenLengths(x, D).forEach((own, i) => {
            for (let c = 0; c < D; c++) x[i * D + c]! *= (length * (1 - 1e-12)) / own;
          });
          return x;
        };
        const x = inBall();
        const other = inBall();
        const step = 10 ** (-4 * random());
        // Convex combinations stay in the ball.
        const y = x.map((value, i) => value + step * (other[i]! - value));
        const moved = tokenLengths(minus(attention(layer, y), attention(layer, x)), D);
        const asked = tokenLengths(minus(y, x), D);
        expect(Math.max(...moved)).toBeLessThanOrEqual(largest * Math.max(...asked));
        expect(total(moved)).toBeLessThanOrEqual(sum * total(asked));
      }
    }
});

test("a convolution's constant in the sum over tokens holds and is the sum of its slices' norms", () => {
  const random = seeded(5);
  const layer = { slices: [1, 2, 3].map(() => randomMatrix(random, 4, D)), bias: null, left: 2, right: 2 };
  const bound = convolutionBound(layer);
  expect(bound.total).toBeCloseTo(total([...bound.slices]), 6);
  expect(bound.joined).toBeLessThanOrEqual(bound.total);
  for (let k = 0; k < 30; k++) {
    const x = randomDirection(random, 5 * D);
    const y = randomDirection(random, 5 * D);
    const moved = tokenLengths(minus(convolve(layer, y), convolve(layer, x)), 4);
    expect(total(moved)).toBeLessThanOrEqual(bound.total * total(tokenLengths(minus(y, x), D)));
  }
});
