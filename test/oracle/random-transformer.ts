/** Small native Transformers with random weights, over a random additive model. */

import type { Similarity } from "../../src/layers/similarity.js";
import type { NativeModel } from "../../src/model/native.js";
import { type NativeBlock, NativeTransformer, wholeWords } from "../../src/model/native-transformer.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import type { Random } from "./random-model.js";

export interface TransformerShape {
  readonly d?: number;
  readonly heads?: number;
  readonly blocks?: number;
  readonly gain?: number;
  readonly activation?: NativeBlock["feedForward"]["activation"];
  readonly similarity?: Similarity;
}

export function randomTransformer(
  random: Random,
  additive: NativeModel,
  shape: TransformerShape = {},
): NativeTransformer {
  const { d = 4, heads = 2, blocks = 1, gain = 0.3, activation = "gelu", similarity = "dot" } = shape;
  const matrix = (rows: number, columns: number, size: number): Matrix => ({
    rows,
    columns,
    data: Float64Array.from({ length: rows * columns }, () => size * (2 * random() - 1)),
  });
  const linear = (rows: number, columns: number, size = 1) => ({
    weight: matrix(rows, columns, size),
    bias: null,
  });
  const words = wholeWords(additive.vocabulary);
  let next = 0;
  const rows = Int32Array.from(words, (word) => (word === null || random() < 0.1 ? -1 : next++));
  return new NativeTransformer(
    additive,
    {
      rows,
      embedding: matrix(Math.max(1, next), d, 1),
      readout: matrix(additive.labels.length, d, 1),
      blocks: Array.from({ length: blocks }, () => ({
        attention: {
          kind: "null-mass" as const,
          heads,
          ...compared(random, similarity, d / heads),
          limit: 0.5 + 2 * random(),
          nullMass: 0.2 + 3 * random(),
          query: linear(d, d),
          key: linear(d, d),
          value: linear(d, d),
          output: linear(d, d),
        },
        attentionGain: gain * (random() < 0.2 ? -1 : 1),
        feedForward: { kind: "mlp" as const, inner: linear(2 * d, d), activation, outer: linear(d, 2 * d) },
        feedForwardGain: gain,
      })),
    },
    { name: "random", sha256: "0".repeat(64) },
  );
}

function compared(random: Random, similarity: Similarity, width: number) {
  if (similarity === "cosine") return { similarity, epsilon: 10 ** (-3 * random()) };
  return similarity === "distance"
    ? { similarity, scale: random() / Math.sqrt(width) }
    : { scale: 1 / Math.sqrt(width) };
}
