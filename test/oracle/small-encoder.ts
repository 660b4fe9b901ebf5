/** Small random encoders in the shape of BERT, for tests that need one that computes something. */
import type { Encoder, Linear, Norm } from "../../src/model/encoder.js";
import { seeded } from "./random-model.js";

export interface SmallEncoder {
  readonly vocabulary: number;
  readonly labels: number;
  readonly hidden: number;
  readonly blocks: number;
  readonly mostTokens: number;
}

/** Post-norm, GELU, absolute positions, a pooler: weights small enough to keep every sum of a few units. */
export function smallEncoder(seed: number, sizes: SmallEncoder): Encoder {
  const { vocabulary, labels, hidden: d, blocks, mostTokens } = sizes;
  const random = seeded(seed);
  const numbers = (count: number, size: number) =>
    Float32Array.from({ length: count }, () => size * (2 * random() - 1));
  const matrix = (rows: number, columns: number, size: number) => ({
    rows,
    columns,
    data: numbers(rows * columns, size),
  });
  const linear = (out: number, into: number): Linear => ({
    weight: matrix(out, into, 1.5 / Math.sqrt(into)),
    bias: numbers(out, 0.2),
  });
  const norm = (): Norm => ({
    kind: "layer",
    weight: numbers(d, 0.3).map((x) => 1 + x),
    bias: numbers(d, 0.3),
    epsilon: 1e-12,
  });
  return {
    architecture: "bert",
    hiddenSize: d,
    embedding: {
      tokens: matrix(vocabulary, d, 1),
      projection: null,
      positions: { kind: "absolute", table: matrix(mostTokens, d, 0.3), offset: 0 },
      segment: numbers(d, 0.3),
      norm: norm(),
    },
    blocks: Array.from({ length: blocks }, () => ({
      normPlacement: "post",
      attention: {
        kind: "softmax",
        heads: 2,
        scale: 1 / Math.sqrt(d / 2),
        query: linear(d, d),
        key: linear(d, d),
        value: linear(d, d),
        output: linear(d, d),
      },
      attentionNorm: norm(),
      feedForward: { kind: "mlp", inner: linear(2 * d, d), activation: "gelu", outer: linear(d, 2 * d) },
      feedForwardNorm: norm(),
    })),
    finalNorm: { kind: "none" },
    pooling: "first",
    head: [
      { linear: linear(d, d), activation: "tanh" },
      { linear: linear(labels, d), activation: "identity" },
    ],
    labels: Array.from({ length: labels }, (_, y) => `label ${y}`),
    mostTokens,
  };
}
