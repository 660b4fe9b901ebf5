/**
 * A tiny classifier of word lists for tests of training: per word tanh(x A + a), summed over the text, then a linear readout; its
 * data are drawn from a seed. It is trained in float64 by the interpreter.
 */

import { Random } from "../../../src/numeric/random.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import {
  add,
  gather,
  matmul,
  mean,
  mul,
  reshape,
  sum,
  tanh,
} from "../../../src/train/autodiff/operations.js";
import { Tape, type Tensor } from "../../../src/train/autodiff/tape.js";
import { Adam } from "../../../src/train/optimisers/adam.js";
import { crossEntropy, marginRows, margins } from "../../../src/train/regularisers/margins.js";
import { normals } from "../../oracle/normals.js";

export const [CLASSES, WORDS, LENGTH, WIDTH, HIDDEN] = [3, 30, 6, 6, 8];

export interface Data {
  /** [texts * LENGTH] */
  readonly ids: Int32Array;
  /** [texts * LENGTH] */
  readonly mask: Float32Array;
  /** [texts] */
  readonly labels: Int32Array;
}

/** Texts of 3 to LENGTH words; two of them speak for the label, the others for nothing. */
export function texts(count: number, seed: number): Data {
  const random = new Random(seed);
  const ids = new Int32Array(count * LENGTH);
  const mask = new Float32Array(count * LENGTH);
  const labels = new Int32Array(count);
  for (let b = 0; b < count; b++) {
    labels[b] = Math.floor(random.next() * CLASSES);
    const words = 3 + Math.floor(random.next() * (LENGTH - 2));
    for (let i = 0; i < words; i++) {
      mask[b * LENGTH + i] = 1;
      // Words 0 to 11 belong to classes, four each.
      ids[b * LENGTH + i] =
        i < 2
          ? 4 * labels[b]! + Math.floor(random.next() * 4)
          : 12 + Math.floor(random.next() * (WORDS - 12));
    }
  }
  return { ids, mask, labels };
}

export type Parameters = Record<string, Float32Array>;

const SHAPES: Readonly<Record<string, readonly number[]>> = {
  embedding: [WORDS, WIDTH],
  inner: [WIDTH, HIDDEN],
  offset: [HIDDEN],
  readout: [HIDDEN, CLASSES],
};

export function freshParameters(seed: number): Parameters {
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], n) => [
      name,
      Float32Array.from(
        normals(
          shape.reduce((a, b) => a * b, 1),
          seed + n,
        ),
        (x) => 0.5 * x,
      ),
    ]),
  );
}

export interface Graph {
  readonly tape: Tape;
  readonly x: Tensor;
  readonly mask: Tensor;
  readonly logits: Tensor;
  /** [B, R] of the label. */
  readonly margins: Tensor;
  /** [B] */
  readonly losses: Tensor;
  /** Logits of other embeddings. */
  readonly forward: (x: Tensor, mask: Tensor) => Tensor;
  readonly parameters: Readonly<Record<string, Tensor>>;
}

export function graphOf(count: number): Graph {
  const tape = new Tape();
  const parameters = Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, tape.input(name, shape)]),
  );
  const { embedding, inner, offset, readout } = parameters as Record<string, Tensor>;
  const mask = tape.input("mask", [count, LENGTH]);
  const x = gather(embedding!, tape.input("ids", [count, LENGTH], "int"));
  const forward = (input: Tensor, there: Tensor) => {
    const hidden = tanh(add(matmul(input, inner!), offset!));
    return matmul(sum(mul(hidden, reshape(there, [...there.shape, 1])), [1]), readout!);
  };
  const logits = forward(x, mask);
  const label = margins(logits, tape.input("rows", [count, CLASSES - 1, CLASSES]));
  return { tape, x, mask, logits, margins: label, losses: crossEntropy(label), forward, parameters };
}

export function feedsOf({ ids, mask, labels }: Data, parameters: Parameters) {
  return { ids, mask, rows: marginRows(labels, CLASSES), ...parameters };
}

/** Trains on all texts at once, by Adam; the penalty may ask for inputs of its own, fed anew for each step. */
export function trained(
  data: Data,
  steps: number,
  penalty: (graph: Graph) => Tensor | null,
  feeds: (step: number) => Record<string, Float32Array> = () => ({}),
): Parameters {
  const graph = graphOf(data.labels.length);
  const parameters = freshParameters(3);
  const extra = penalty(graph);
  const plain = mean(graph.losses);
  const loss = extra === null ? plain : add(plain, extra);
  const names = Object.keys(parameters);
  const slopes = gradients(
    loss,
    names.map((name) => graph.parameters[name]!),
  );
  const outputs = Object.fromEntries(names.map((name, n) => [name, slopes[n]!]));
  const adam = new Adam();
  for (let step = 0; step < steps; step++) {
    const found = evaluate(outputs, { ...feedsOf(data, parameters), ...feeds(step) });
    for (const name of names) adam.step(name, parameters[name]!, Float32Array.from(found[name]!), 0.03);
  }
  return parameters;
}

/** One number or tensor of the graph, on these texts. */
export function measured(
  data: Data,
  parameters: Parameters,
  of: (graph: Graph) => Tensor,
  feeds: Record<string, Float32Array> = {},
): Float64Array {
  const graph = graphOf(data.labels.length);
  return evaluate({ out: of(graph) }, { ...feedsOf(data, parameters), ...feeds }).out!;
}

/** Part of the texts whose margins are all above 0. */
export function accuracy(data: Data, parameters: Parameters): number {
  const all = measured(data, parameters, (graph) => graph.margins);
  const right = Array.from(data.labels, (_, b) =>
    all.subarray(b * (CLASSES - 1), (b + 1) * (CLASSES - 1)).every((margin) => margin > 0),
  );
  return right.filter(Boolean).length / right.length;
}
