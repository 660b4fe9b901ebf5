/** Every kind of layer with random weights, as a forward and its balls: what attacks and the table of tightness run over. */
import type { ActivationName } from "../../src/layers/activation.js";
import { activate } from "../../src/layers/activation.js";
import { activationBalls } from "../../src/layers/activation-bound.js";
import type { Attention } from "../../src/layers/attention.js";
import { attention } from "../../src/layers/attention.js";
import { attentionBalls } from "../../src/layers/attention-bound.js";
import { attentionBound } from "../../src/layers/attention-parts.js";
import type { Balls, Image } from "../../src/layers/balls.js";
import { convolutionBalls, convolutionBound, convolve } from "../../src/layers/convolution.js";
import type { FeedForward } from "../../src/layers/feed-forward.js";
import { feedForward, feedForwardStep } from "../../src/layers/feed-forward.js";
import { feedForwardBalls, feedForwardBound } from "../../src/layers/feed-forward-bound.js";
import { head, stageBalls, stageBound } from "../../src/layers/head.js";
import type { Linear } from "../../src/layers/linear.js";
import { linear, linearBalls, linearBound } from "../../src/layers/linear.js";
import type { Norm } from "../../src/layers/norm.js";
import { normalize, normBalls } from "../../src/layers/norm.js";
import type { Pooling } from "../../src/layers/pooling.js";
import { pool, poolBalls } from "../../src/layers/pooling.js";
import { residual } from "../../src/layers/residual.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import { randomDirection } from "./ball-attack.js";
import type { Random } from "./random-model.js";

export interface LayerCase {
  readonly name: string;
  /** Width of an output token. */
  readonly width: number;
  readonly forward: (x: Float64Array) => Float64Array;
  readonly image: (balls: Balls) => Image;
}

export const D = 8;
export const TOKENS = 4;

export const ACTIVATIONS: readonly ActivationName[] = [
  "identity",
  "relu",
  "gelu",
  "gelu-tanh",
  "silu",
  "quick-gelu",
  "tanh",
  "sigmoid",
  "softplus",
  "elu",
  "mish",
];

export function randomMatrix(random: Random, rows: number, columns: number, gain = 1): Matrix {
  const data = randomDirection(random, rows * columns).map((value) => (gain * value) / Math.sqrt(columns));
  return { rows, columns, data };
}

export function randomLinear(random: Random, rows: number, columns: number, gain = 1): Linear {
  return {
    weight: randomMatrix(random, rows, columns, gain),
    bias: randomDirection(random, rows).map((b) => 0.3 * b),
  };
}

export function randomNorms(random: Random): readonly Norm[] {
  const weight = () => randomDirection(random, D).map((value) => 1 + 0.2 * value);
  const bias = () => randomDirection(random, D);
  return [
    { kind: "layer", weight: weight(), bias: bias(), epsilon: 1e-5 },
    { kind: "rms", weight: weight(), bias: null, epsilon: 1e-5 },
    { kind: "center", weight: weight(), bias: bias() },
    { kind: "scale", factors: weight() },
    { kind: "none" },
  ];
}

export function randomAttentions(random: Random, d = D, heads = 2, gain = 1): readonly Attention[] {
  const parts = () => ({
    heads,
    query: randomLinear(random, d, d, gain),
    key: randomLinear(random, d, d, gain),
    value: randomLinear(random, d, d, gain),
    output: randomLinear(random, d, d, gain),
  });
  const scale = 1 / Math.sqrt(d / heads);
  const others: Attention[] = [
    { kind: "softmax", scale, ...parts() },
    { kind: "cosine", temperature: 2, epsilon: 0.1, ...parts() },
    { kind: "distance", scale: scale / 2, ...parts() },
    { kind: "sigmoid", scale, shift: -1, divisor: "tokens", ...parts() },
  ];
  // The same weights three times.
  const bounded = { kind: "null-mass" as const, limit: 2, nullMass: 1.5, ...parts() };
  return [
    ...others,
    { ...bounded, scale },
    { ...bounded, similarity: "cosine", epsilon: 0.1 },
    { ...bounded, similarity: "distance", scale: scale / 2 },
  ];
}

export function randomFeedForwards(random: Random): readonly FeedForward[] {
  const mlp = (activation: ActivationName): FeedForward => ({
    kind: "mlp",
    inner: randomLinear(random, 2 * D, D),
    activation,
    outer: randomLinear(random, D, 2 * D),
  });
  // Rows of a Householder matrix: orthonormal but for rounding.
  const v = randomDirection(random, D);
  const square = v.reduce((sum, value) => sum + value * value, 0);
  const rows = D - 3;
  const data = Float64Array.from({ length: rows * D }, (_, k) => {
    const [r, c] = [Math.floor(k / D), k % D];
    return (r === c ? 1 : 0) - (2 * v[r]! * v[c]!) / square;
  });
  return [
    mlp("relu"),
    mlp("gelu"),
    mlp("sigmoid"),
    { kind: "orthogonal", weight: { rows, columns: D, data } },
  ];
}

export function attentionName(layer: Attention): string {
  const similarity = layer.kind === "null-mass" ? layer.similarity : undefined;
  return similarity === undefined ? layer.kind : `${layer.kind} ${similarity}`;
}

/** One of each kind. */
export function layerCases(random: Random): LayerCase[] {
  const cases: LayerCase[] = [];
  const map = randomLinear(random, 6, D);
  cases.push({
    name: "linear",
    width: 6,
    forward: (x) => linear(map, x),
    image: (b) => linearBalls(linearBound(map), b),
  });
  for (const name of ACTIVATIONS)
    cases.push({
      name: `activation ${name}`,
      width: D,
      forward: (x) => activate(name, x),
      image: (b) => {
        const widths = new Float64Array(b.centers.length).map((_, k) => b.radii[Math.floor(k / D)]!);
        return activationBalls(name, b, widths);
      },
    });
  for (const norm of randomNorms(random))
    cases.push({
      name: `norm ${norm.kind}`,
      width: D,
      forward: (x) => normalize(norm, x, D),
      image: (b) => normBalls(norm, b),
    });
  for (const layer of randomAttentions(random)) {
    const bound = attentionBound(layer);
    cases.push({
      name: `attention ${attentionName(layer)}`,
      width: D,
      forward: (x) => attention(layer, x),
      image: (b) => attentionBalls(bound, b, false).balls,
    });
    if (layer.kind === "softmax")
      cases.push({
        name: "x + attention softmax",
        width: D,
        forward: (x) => residual(x, attention(layer, x)),
        image: (b) => attentionBalls(bound, b, true).balls,
      });
  }
  for (const layer of randomFeedForwards(random)) {
    const bound = feedForwardBound(layer);
    const name = layer.kind === "mlp" ? `feed-forward ${layer.activation}` : "feed-forward orthogonal";
    cases.push({
      name,
      width: D,
      forward: (x) => feedForward(layer, x),
      image: (b) => feedForwardBalls(bound, b, false),
    });
    if (layer.kind === "mlp")
      cases.push({
        name: `x + ${name}`,
        width: D,
        forward: (x) => feedForwardStep(layer, x),
        image: (b) => feedForwardBalls(bound, b, true),
      });
  }
  const convolution = {
    slices: Array.from({ length: 3 }, () => randomMatrix(random, 5, D)),
    bias: randomDirection(random, 5),
    left: 1,
    right: 2,
  };
  cases.push({
    name: "convolution",
    width: 5,
    forward: (x) => convolve(convolution, x),
    image: (b) => convolutionBalls(convolutionBound(convolution), b),
  });
  for (const pooling of ["first", "mean", "sum"] as const satisfies readonly Pooling[])
    cases.push({
      name: `pooling ${pooling}`,
      width: D,
      forward: (x) => pool(pooling, x, D),
      image: (b) => poolBalls(pooling, b),
    });
  const stage = { linear: randomLinear(random, 6, D), activation: "tanh" as const };
  cases.push({
    name: "head stage tanh",
    width: 6,
    forward: (x) => head([stage], x),
    image: (b) => stageBalls(stageBound(stage), b),
  });
  return cases;
}

/** Balls about random tokens of length about sqrt(D); one in four tokens is known exactly if there are several. */
export function randomBalls(random: Random, radius: number, tokens = TOKENS): Balls {
  const radii = Float64Array.from({ length: tokens }, () =>
    tokens > 1 && random() < 0.25 ? 0 : radius * Math.sqrt(D) * (0.3 + 0.7 * random()),
  );
  return { d: D, centers: randomDirection(random, tokens * D), radii };
}
