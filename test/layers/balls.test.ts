/** Every layer's balls hold against attacks, without any slack, down to radii that rounding rules; and traps 5, 6 and 7. */
import { activate } from "../../src/layers/activation.js";
import { type Attention, attention, type CosineAttention } from "../../src/layers/attention.js";
import { attentionBalls } from "../../src/layers/attention-bound.js";
import { attentionBound } from "../../src/layers/attention-parts.js";
import type { Balls } from "../../src/layers/balls.js";
import { ballsOf, perturbationOf } from "../../src/layers/balls.js";
import { convolutionBalls, convolutionBound, convolve } from "../../src/layers/convolution.js";
import { feedForward } from "../../src/layers/feed-forward.js";
import { feedForwardBalls, feedForwardBound } from "../../src/layers/feed-forward-bound.js";
import type { Linear } from "../../src/layers/linear.js";
import { pointIn, randomDirection, worstMove } from "../oracle/ball-attack.js";
import type { LayerCase } from "../oracle/layer-cases.js";
import {
  D,
  layerCases,
  randomAttentions,
  randomBalls,
  randomLinear,
  randomMatrix,
} from "../oracle/layer-cases.js";
import { seeded } from "../oracle/random-model.js";

const made = new Map<number, LayerCase[]>();
function caseOf(name: string, seed: number): LayerCase {
  if (!made.has(seed)) made.set(seed, layerCases(seeded(seed)));
  return made.get(seed)!.find((layer) => layer.name === name)!;
}
const names = layerCases(seeded(1)).map(({ name }) => name);
const tokensFor = (name: string) => (name.startsWith("head") ? 1 : 4);

/** How far output token t really goes in what is tried, over the radius that is claimed. */
function share(layer: LayerCase, balls: Balls, seed: number): number {
  const image = layer.image(balls);
  const random = seeded(seed);
  let most = 0;
  image.radii.forEach((radius, t) => {
    const f = (x: Float64Array) => layer.forward(x).slice(t * layer.width, (t + 1) * layer.width);
    const worst = worstMove({ ...balls, f }, random, 1, 2);
    most = Math.max(most, worst === 0 ? 0 : worst / radius);
  });
  return most;
}

test.each(names)("%s: centers are the forward", (name) => {
  for (let seed = 1; seed <= 5; seed++) {
    const layer = caseOf(name, seed);
    const balls = randomBalls(seeded(seed), 0.1, tokensFor(name));
    expect(layer.image(balls).centers).toEqual(layer.forward(balls.centers));
  }
});

test.each(names)("%s: no attack leaves the balls", (name) => {
  for (const [seed, radius] of [0, 1e-15, 0.01, 1].entries()) {
    const layer = caseOf(name, seed);
    expect(share(layer, randomBalls(seeded(100 + seed), radius, tokensFor(name)), seed)).toBeLessThanOrEqual(
      1,
    );
  }
});

test.each(names)("%s: nothing known stays nothing known or finite, never NaN", (name) => {
  const layer = caseOf(name, 3);
  const balls = randomBalls(seeded(3), 1, tokensFor(name));
  const image = layer.image({
    ...balls,
    radii: balls.radii.map((_, i) => (i === 0 ? Number.POSITIVE_INFINITY : 0)),
  });
  for (const radius of image.radii) expect(radius).toBeGreaterThanOrEqual(0);
  expect(Math.max(...image.radii)).toBeGreaterThan(0.1);
});

test("cosine attention whose rows are short before they are shortened to 1: they turn further", () => {
  let widest = 0;
  for (const seed of [1, 2, 3, 4, 5, 6])
    for (const radius of [0.01, 0.1]) {
      const random = seeded(seed);
      const parts = randomAttentions(random, D, 2, 0.1)[1]!;
      const noBias = (map: Linear): Linear => ({ ...map, bias: null });
      const layer: Attention = {
        ...(parts as CosineAttention),
        epsilon: 1e-6,
        query: noBias(parts.query),
        key: noBias(parts.key),
        // Values as large as ever, so that a turn shows.
        value: randomLinear(random, D, D),
        output: randomLinear(random, D, D),
      };
      const bound = attentionBound(layer);
      const balls = randomBalls(seeded(200 + seed), radius, 4);
      const found = share(
        {
          name: "short rows",
          width: D,
          forward: (x) => attention(layer, x),
          image: (b) => attentionBalls(bound, b, false).balls,
        },
        balls,
        seed,
      );
      expect(found).toBeLessThanOrEqual(1);
      widest = Math.max(widest, found);
    }
  expect(widest).toBeGreaterThan(0.1);
});

test("a claim that is too small is caught by the attack", () => {
  for (const name of ["linear", "norm layer", "attention softmax", "feed-forward gelu", "convolution"]) {
    const layer = caseOf(name, 5);
    const balls = randomBalls(seeded(5), 0.01, 4);
    const image = layer.image(balls);
    const shrunk = { ...layer, image: () => ({ ...image, radii: image.radii.map((r) => r / 3) }) };
    expect(share(shrunk, balls, 1)).toBeGreaterThan(1);
  }
});

test("trap 5: GELU and SiLU are steeper than 1, and the balls know", () => {
  for (const [name, at, slope] of [
    ["gelu", Math.SQRT2, 1.1289],
    ["silu", 2.3993572805154675, 1.0998],
  ] as const) {
    const layer = caseOf(`activation ${name}`, 1);
    const balls = { d: D, centers: new Float64Array(D).fill(at), radii: Float64Array.of(1e-3) };
    const moved = activate(name, Float64Array.of(at + 1e-3))[0]! - activate(name, Float64Array.of(at))[0]!;
    expect(moved).toBeGreaterThan(slope * 1e-3 * 0.9999);
    expect(layer.image(balls).radii[0]!).toBeGreaterThanOrEqual(moved);
    expect(layer.image(balls).radii[0]!).toBeLessThan(1.001 * moved);
  }
});

test("trap 6: an added token of norm zero costs what biases and f(0) make of it", () => {
  const random = seeded(6);
  const layer = {
    kind: "mlp" as const,
    inner: randomLinear(random, 12, D),
    activation: "sigmoid" as const,
    outer: randomLinear(random, D, 12),
  };
  const base = randomDirection(random, 2 * D);
  const change = {
    origins: Int32Array.of(0, -1, 1),
    radii: Float64Array.of(0, 0, 0),
    added: [new Float64Array(D)],
  };
  const after = feedForwardBalls(feedForwardBound(layer), ballsOf(base, D, change), false);
  const out = perturbationOf(after, change.origins, feedForward(layer, base));
  expect(out.added[0]).toEqual(feedForward(layer, new Float64Array(D)));
  expect(Math.hypot(...out.added[0]!)).toBeGreaterThan(0.5);
  // Kept tokens haven't moved, but for what rounding may do.
  expect(Math.max(out.radii[0]!, out.radii[2]!)).toBeLessThan(1e-9);
});

test("traps 1 and 7: an insertion shifts every window behind it, and kept tokens are charged for it", () => {
  const random = seeded(7);
  const layer = { slices: [1, 2, 3].map(() => randomMatrix(random, 4, D)), bias: null, left: 1, right: 1 };
  const bound = convolutionBound(layer);
  const base = randomDirection(random, 5 * D);
  const added = randomDirection(random, D);
  const origins = Int32Array.of(0, 1, -1, 2, 3, 4);
  const changed = new Float64Array(6 * D);
  origins.forEach((origin, i) => {
    changed.set(origin < 0 ? added : base.subarray(origin * D, (origin + 1) * D), i * D);
  });
  const balls = ballsOf(base, D, { origins, radii: new Float64Array(6), added: [added] });
  const out = perturbationOf(convolutionBalls(bound, balls), origins, convolve(layer, base));
  const [before, after] = [convolve(layer, base), convolve(layer, changed)];
  origins.forEach((origin, i) => {
    if (origin < 0) return;
    let moved = 0;
    for (let c = 0; c < 4; c++) moved = Math.hypot(moved, after[i * 4 + c]! - before[origin * 4 + c]!);
    expect(out.radii[i]!).toBeGreaterThanOrEqual(moved);
  });
  // The published constant times the size of the change charges only windows that hold the new token as if nothing moved.
  expect(Math.max(...out.radii)).toBeGreaterThan(1);
});

test("a perturbation that doesn't fit is refused in one line", () => {
  const base = new Float64Array(2 * D);
  const make =
    (origins: number[], radii: number[], added: Float64Array[] = []) =>
    () =>
      ballsOf(base, D, { origins: Int32Array.from(origins), radii: Float64Array.from(radii), added });
  expect(make([0, 0], [0, 0])).toThrow("token 1 comes from base token 0; each of 0 to 1 can be used once");
  expect(make([2], [0])).toThrow("token 0 comes from base token 2");
  expect(make([0], [-1])).toThrow("the radius of token 0 is -1; it must be >= 0");
  expect(make([0], [Number.NaN])).toThrow("the radius of token 0 is NaN");
  expect(make([-1], [0])).toThrow("added token 0 has no numbers, not 8");
  expect(make([0], [0], [new Float64Array(D)])).toThrow("1 added tokens were given for 0 places");
  expect(make([0], [0, 0])).toThrow("a perturbation has 2 radii for 1 tokens");
});

test("points of the attack lie in the balls", () => {
  const random = seeded(9);
  for (let k = 0; k < 200; k++) {
    const balls = randomBalls(random, 10 ** (-15 * random()));
    const x = pointIn({ ...balls, f: (v) => v }, randomDirection(random, balls.centers.length));
    balls.radii.forEach((r, i) => {
      let square = 0;
      for (let c = 0; c < D; c++) square += (x[i * D + c]! - balls.centers[i * D + c]!) ** 2;
      expect(Math.sqrt(square)).toBeLessThanOrEqual(r);
    });
  }
});
