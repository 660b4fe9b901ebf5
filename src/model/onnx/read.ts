/**
 * Encoders out of ONNX files, as exported for transformers.js (torch.onnx by way of optimum) or written here.
 *
 * How: the graph is walked with inputs of several shapes (onnx/trace.ts), and each time an encoder is read from the
 * expression of its logits (onnx/recover.ts). Names play no part. An encoder is given only if all walks give the same
 * one, the last with as many tokens as it reads.
 *
 * Promise: the encoder computes what the graph computes for a batch whose mask is all ones and whose token types are
 * all 0, but for the rounding; constants that exporters keep in float32 (epsilon, the scale of attention) are taken for
 * the short decimal, or for 1 / sqrt(width), that they are nearest to.
 */
import { UserError } from "../../failure.js";
import type { Encoder } from "../encoder.js";
import { type Graph, parseOnnx } from "./parse.js";
import { type Recovered, recover } from "./recover.js";
import { type Sample, trace } from "./trace.js";
import { UnsupportedGraph } from "./unsupported.js";
import { StoredWeights } from "./weights.js";

/** Ids of the samples: each of 0 to 3, which may be a padding id, in several places. */
const PATTERN = [5, 1, 4, 0, 2, 6, 3, 1, 0, 7, 2];
/** Batches and lengths; the shorter ones for encoders that read few tokens. */
const SHAPES = [
  [
    [2, 7],
    [3, 11],
  ],
  [
    [4, 5],
    [3, 6],
  ],
] as const;
/** The last walk's length, at most. */
const LONGEST = 4096;

export interface OnnxEncoderOptions {
  /** Names of the labels: as many as there are logits. */
  readonly labels: readonly string[];
  /** What the encoder is called; `onnx` by default. */
  readonly architecture?: string;
}

/**
 * @throws UserError if the bytes aren't an ONNX model or the number of labels isn't that of its logits
 * @throws UnsupportedGraph if it isn't understood; it may still be run
 */
export function encoderFromOnnx(bytes: Uint8Array, options: OnnxEncoderOptions): Encoder {
  const { labels, architecture = "onnx" } = options;
  const read = recoverFrom(parseOnnx(bytes));
  const classes = read.head.at(-1)!.linear.weight.rows;
  if (classes !== labels.length)
    throw new UserError(`the ONNX model has ${classes} logits, but there are ${labels.length} labels`);
  return { architecture, labels, ...read };
}

function recoverFrom(graph: Graph): Recovered {
  const weights = new StoredWeights();
  let failure: UnsupportedGraph | null = null;
  for (const shapes of SHAPES) {
    try {
      return agreed(graph, shapes, weights);
    } catch (error) {
      if (!(error instanceof UnsupportedGraph)) throw error;
      failure ??= error;
    }
  }
  throw failure!;
}

function agreed(
  graph: Graph,
  shapes: readonly (readonly [number, number])[],
  weights: StoredWeights,
): Recovered {
  const read = (batch: number, tokens: number) =>
    recover(trace(graph, sample(batch, tokens)), tokens, weights);
  const [first, ...others] = shapes.map(([batch, tokens]) => read(batch, tokens));
  const { mostTokens } = first!;
  if (mostTokens !== Number.POSITIVE_INFINITY) others.push(read(1, Math.min(LONGEST, mostTokens)));
  for (const other of others)
    if (!same(first, other))
      throw new UnsupportedGraph(
        null,
        "what it computes depends on the length of its input in a way that isn't known",
      );
  const { mostTokens: _, ...numbers } = first!;
  if (!finite(numbers)) throw new UnsupportedGraph(null, "its weights hold numbers that aren't finite");
  return first!;
}

function sample(batch: number, tokens: number): Sample {
  const ids = Array.from({ length: batch * tokens }, (_, at) => {
    const [row, i] = [Math.floor(at / tokens), at % tokens];
    return PATTERN[(3 * row + i) % PATTERN.length]!;
  });
  return { batch, tokens, ids };
}

/** Whether two values, objects or arrays of numbers are the same to the last bit. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b))
    return sameNumbers(a as Float64Array, b as Float64Array);
  const [x, y] = [Object.entries(a), Object.entries(b)];
  return x.length === y.length && x.every(([key, value]) => same(value, (b as Record<string, unknown>)[key]));
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((x, i) => Object.is(x, b[i]));
}

/** Whether all numbers in it are finite. */
function finite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (ArrayBuffer.isView(value)) {
    // Millions of them: a loop, and x - x is 0 for finite numbers alone.
    for (const x of value as Float64Array) if (x - x !== 0) return false;
    return true;
  }
  return Object.values(value).every(finite);
}
