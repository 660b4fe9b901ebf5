/** Forwards against plain definitions over arrays of numbers, written without the layers' code. */
import type { Attention } from "../../src/layers/attention.js";
import { attention } from "../../src/layers/attention.js";
import { convolve } from "../../src/layers/convolution.js";
import { feedForward, feedForwardStep } from "../../src/layers/feed-forward.js";
import type { Linear } from "../../src/layers/linear.js";
import { linear } from "../../src/layers/linear.js";
import { normalize } from "../../src/layers/norm.js";
import { pool } from "../../src/layers/pooling.js";
import { randomDirection } from "../oracle/ball-attack.js";
import {
  D,
  randomAttentions,
  randomFeedForwards,
  randomLinear,
  randomMatrix,
  randomNorms,
} from "../oracle/layer-cases.js";
import { seeded } from "../oracle/random-model.js";

const rowsOf = (x: Float64Array, d: number) =>
  Array.from({ length: x.length / d }, (_, i) => Array.from(x.subarray(i * d, (i + 1) * d)));
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const map = ({ weight, bias }: Linear, x: readonly number[]) =>
  Array.from({ length: weight.rows }, (_, o) => {
    const row = Array.from(weight.data.subarray(o * weight.columns, (o + 1) * weight.columns));
    return dot(row, x) + (bias === null ? 0 : bias[o]!);
  });
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

function close(actual: Float64Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
  });
}

function plainAttention(layer: Attention, tokens: readonly (readonly number[])[]): number[] {
  const width = layer.query.weight.rows / layer.heads;
  const cut = (x: number[], h: number) => x.slice(h * width, (h + 1) * width);
  return tokens.flatMap((token) => {
    const mixed: number[] = [];
    for (let h = 0; h < layer.heads; h++) {
      const q = cut(map(layer.query, token), h);
      const keys = tokens.map((t) => cut(map(layer.key, t), h));
      const values = tokens.map((t) => cut(map(layer.value, t), h));
      const scores = keys.map((k) => {
        const product = dot(q, k);
        const difference = q.map((v, i) => v - k[i]!);
        const cosine = (epsilon: number) =>
          product / Math.sqrt((dot(q, q) + epsilon) * (dot(k, k) + epsilon));
        if (layer.kind === "null-mass" && layer.similarity === "cosine")
          return layer.limit * cosine(layer.epsilon);
        if (layer.kind === "null-mass" && layer.similarity === "distance")
          return layer.limit * Math.tanh((-layer.scale * dot(difference, difference)) / layer.limit);
        if (layer.kind === "softmax") return layer.scale * product;
        if (layer.kind === "sigmoid") return layer.scale * product + layer.shift;
        if (layer.kind === "null-mass") return layer.limit * Math.tanh((layer.scale * product) / layer.limit);
        if (layer.kind === "distance") return -layer.scale * dot(difference, difference);
        return layer.temperature * cosine(layer.epsilon);
      });
      let weights: number[];
      if (layer.kind === "sigmoid")
        weights = scores.map(
          (s) => logistic(s) / (layer.divisor === "tokens" ? tokens.length : layer.divisor),
        );
      else {
        const masses = scores.map(Math.exp);
        const total = masses.reduce((a, b) => a + b, layer.kind === "null-mass" ? layer.nullMass : 0);
        weights = masses.map((m) => m / total);
      }
      for (let c = 0; c < width; c++) mixed.push(weights.reduce((sum, w, j) => sum + w * values[j]![c]!, 0));
    }
    return map(layer.output, mixed);
  });
}

test.each([0, 1, 2, 3, 4, 5, 6])("attention of kind %d", (kind) => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seeded(seed);
    const layer = randomAttentions(random)[kind]!;
    const x = randomDirection(random, D * (1 + (seed % 5)));
    close(attention(layer, x), plainAttention(layer, rowsOf(x, D)));
  }
});

test("null-mass: no keys, no output; an absent token is exactly nothing", () => {
  const layer = randomAttentions(seeded(1))[4]!;
  const x = randomDirection(seeded(2), D);
  expect(attention(layer, new Float64Array(0)).length).toBe(0);
  // One token's output lies between nothing and its value: the null takes its share.
  expect(attention(layer, x).length).toBe(D);
});

test("linear, convolution and pooling", () => {
  const random = seeded(3);
  for (const out of [1, 3, 4, 7]) {
    const layer = randomLinear(random, out, D);
    const x = randomDirection(random, 3 * D);
    close(
      linear(layer, x),
      rowsOf(x, D).flatMap((token) => map(layer, token)),
    );
  }
  const layer = {
    slices: [1, 2, 3].map(() => randomMatrix(random, 5, D)),
    bias: randomDirection(random, 5),
    left: 2,
    right: 1,
  };
  for (const n of [0, 1, 2, 6]) {
    const x = randomDirection(random, n * D);
    const padded = [[], [], ...rowsOf(x, D), []].map((token) =>
      token.length === 0 ? Array(D).fill(0) : token,
    );
    const expected: number[] = [];
    for (let i = 0; i + 3 <= padded.length; i++) {
      const parts = layer.slices.map((weight, u) => map({ weight, bias: null }, padded[i + u]!));
      for (let o = 0; o < 5; o++)
        expected.push(layer.bias[o]! + parts[0]![o]! + parts[1]![o]! + parts[2]![o]!);
    }
    close(convolve(layer, x), expected);
  }
  const x = randomDirection(random, 3 * D);
  const [a, b, c] = rowsOf(x, D) as [number[], number[], number[]];
  close(pool("first", x, D), a);
  close(
    pool("sum", x, D),
    a.map((value, i) => value + b[i]! + c[i]!),
  );
  close(
    pool("mean", x, D),
    a.map((value, i) => (value + b[i]! + c[i]!) / 3),
  );
});

test("norms", () => {
  const random = seeded(4);
  const [layer, rms, center, scale] = randomNorms(random);
  const x = randomDirection(random, D);
  const mean = x.reduce((sum, value) => sum + value, 0) / D;
  const centred = Array.from(x, (value) => value - mean);
  const variance = dot(centred, centred) / D;
  const meanSquare = dot(Array.from(x), Array.from(x)) / D;
  if (layer?.kind === "layer")
    close(
      normalize(layer, x, D),
      centred.map((v, i) => (v / Math.sqrt(variance + 1e-5)) * layer.weight[i]! + layer.bias![i]!),
    );
  if (rms?.kind === "rms")
    close(
      normalize(rms, x, D),
      Array.from(x, (v, i) => (v / Math.sqrt(meanSquare + 1e-5)) * rms.weight[i]!),
    );
  if (center?.kind === "center")
    close(
      normalize(center, x, D),
      centred.map((v, i) => v * center.weight[i]! + center.bias![i]!),
    );
  if (scale?.kind === "scale")
    close(
      normalize(scale, x, D),
      Array.from(x, (v, i) => v * scale.factors[i]!),
    );
  expect(normalize({ kind: "none" }, x, D)).toEqual(x);
  expect([layer, rms, center, scale].map((norm) => norm?.kind)).toEqual(["layer", "rms", "center", "scale"]);
});

test("feed-forward: two maps, and the orthogonal form, which keeps lengths and maps zero to zero", () => {
  const random = seeded(5);
  const [relu, , , orthogonal] = randomFeedForwards(random);
  const x = randomDirection(random, D);
  if (relu?.kind === "mlp") {
    const hidden = map(relu.inner, Array.from(x)).map((v) => Math.max(0, v));
    const expected = map(relu.outer, hidden);
    close(feedForward(relu, x), expected);
    close(
      feedForwardStep(relu, x),
      expected.map((value, i) => value + x[i]!),
    );
  }
  const y = feedForward(orthogonal!, x);
  expect(Math.hypot(...y)).toBeCloseTo(Math.hypot(...x), 12);
  expect(feedForwardStep(orthogonal!, x)).toEqual(y);
  expect(feedForward(orthogonal!, new Float64Array(D))).toEqual(new Float64Array(D));
  expect(relu?.kind).toBe("mlp");
});
