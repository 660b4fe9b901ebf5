/**
 * An encoder as an ONNX model, for ONNX Runtime and whatever else reads the format.
 *
 *     input_ids       int64 [batch, sequence]
 *     attention_mask  int64 [batch, sequence], 1 for a token, 0 for padding behind the tokens; only with `mask`
 *     logits          float32 [batch, labels]
 *
 * Promise: in exact arithmetic on the weights rounded to float32, the logits are those of `referenceLogits`; weights
 * that are float32 come back unchanged from `encoderFromOnnx`. Where the encoder reads its first token only, the
 * last block is computed for that token only. Ids and lengths aren't checked (model/reference.ts, `checkSequence`).
 */
import type { Block, Embedding, Encoder } from "../encoder.js";
import { GraphBuilder, type Value } from "./builder.js";
import { type MaskValues, writeAttention } from "./write-attention.js";
import { writeActivation, writeFeedForward, writeLinear, writeNorm } from "./write-layers.js";

const LOWEST = -3.4028234663852886e38;

export function encoderToOnnx(
  encoder: Encoder,
  { mask: masked }: { readonly mask: boolean },
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const ids = graph.input("input_ids", ["batch", "sequence"]);
  const mask = masked ? maskValues(graph, graph.input("attention_mask", ["batch", "sequence"])) : null;
  let x = writeEmbedding(graph, encoder.embedding, ids);
  const { blocks } = encoder;
  blocks.forEach((block, i) => {
    const last = i === blocks.length - 1 && encoder.pooling === "first";
    x = writeBlock(graph, `blocks.${i}`, block, x, last, mask);
  });
  x = writePooling(graph, encoder, writeNorm(graph, "final_norm", encoder.finalNorm, x), mask);
  encoder.head.forEach(({ linear, activation }, i) => {
    x = writeActivation(graph, activation, writeLinear(graph, `head.${i}`, linear, x));
  });
  return graph.finish(x, "logits", ["batch", encoder.labels.length]);
}

/** @param mask [batch, tokens] of any type, 1 or 0 */
export function maskValues(graph: GraphBuilder, mask: Value): MaskValues {
  const tokens = graph.number(mask);
  const weights = graph.node("Unsqueeze", [tokens, graph.integers([1, 2])]);
  const absent = graph.node("Sub", [graph.scalar(1), weights]);
  return {
    tokens,
    weights,
    scores: graph.node("Mul", [absent, graph.scalar(LOWEST)]),
    count: graph.node("ReduceSum", [weights, graph.integers([-1])]),
  };
}

function writeEmbedding(graph: GraphBuilder, embedding: Embedding, ids: Value): Value {
  const { tokens, projection, positions, segment, norm } = embedding;
  const table = graph.weight("embedding.tokens", [tokens.rows, tokens.columns], tokens.data);
  let x = graph.node("Gather", [table, ids]);
  if (projection !== null) x = writeLinear(graph, "embedding.projection", projection, x);
  if (positions.kind !== "none") {
    const { rows, columns, data } = positions.table;
    const places = graph.weight("embedding.positions", [rows, columns], data);
    const chosen =
      positions.kind === "absolute"
        ? firstRows(graph, places, positions.offset, ids)
        : graph.node("Gather", [places, countedPlaces(graph, positions.offset, positions.padding, ids)]);
    x = graph.node("Add", [x, chosen]);
  }
  if (segment !== null)
    x = graph.node("Add", [x, graph.weight("embedding.segment", [segment.length], segment)]);
  return writeNorm(graph, "embedding.norm", norm, x);
}

/** As many rows as there are tokens, from row `offset` on. */
function firstRows(graph: GraphBuilder, table: Value, offset: number, ids: Value): Value {
  const length = graph.node("Shape", [ids], { start: { int: 1 }, end: { int: 2 } });
  const end = graph.node("Add", [length, graph.integers([offset])]);
  return graph.node("Slice", [table, graph.integers([offset]), end, graph.integers([0])]);
}

/** offset - 1 for padding, else offset + the number of tokens before it that aren't padding. */
function countedPlaces(graph: GraphBuilder, offset: number, padding: number, ids: Value): Value {
  const isPadding = graph.node("Equal", [ids, graph.integers(padding)]);
  const counts = graph.node("Cast", [graph.node("Not", [isPadding])], { to: { int: 7 } });
  const count = graph.node("Mul", [graph.node("CumSum", [counts, graph.integers(1)]), counts]);
  return graph.node("Add", [count, graph.integers(offset - 1)]);
}

/** @param first whether the block's output is needed for the first token only: then it is [batch, 1, d] */
function writeBlock(
  graph: GraphBuilder,
  name: string,
  block: Block,
  x: Value,
  first: boolean,
  mask: MaskValues | null,
): Value {
  const only = (y: Value) =>
    first ? graph.node("Slice", [y, graph.integers([0]), graph.integers([1]), graph.integers([1])]) : y;
  const attend = (y: Value) => writeAttention(graph, `${name}.attention`, block.attention, only(y), y, mask);
  const forward = (y: Value) => writeFeedForward(graph, `${name}.feed_forward`, block.feedForward, y);
  const attentionNorm = (y: Value) => writeNorm(graph, `${name}.attention_norm`, block.attentionNorm, y);
  const forwardNorm = (y: Value) => writeNorm(graph, `${name}.feed_forward_norm`, block.feedForwardNorm, y);
  if (block.normPlacement === "pre") {
    const a = graph.node("Add", [only(x), attend(attentionNorm(x))]);
    return graph.node("Add", [a, forward(forwardNorm(a))]);
  }
  const a = attentionNorm(graph.node("Add", [only(x), attend(x)]));
  const branch = forward(a);
  return forwardNorm(block.feedForward.kind === "orthogonal" ? branch : graph.node("Add", [a, branch]));
}

/** [batch, d] */
function writePooling(graph: GraphBuilder, { pooling }: Encoder, x: Value, mask: MaskValues | null): Value {
  if (pooling === "first") return graph.node("Gather", [x, graph.integers(0)], { axis: { int: 1 } });
  const axis = graph.integers([1]);
  if (mask === null)
    return pooling === "mean"
      ? graph.node("ReduceMean", [x], { axes: { ints: [1] }, keepdims: { int: 0 } })
      : graph.node("ReduceSum", [x, axis], { keepdims: { int: 0 } });
  const kept = graph.node("Mul", [x, graph.node("Unsqueeze", [mask.tokens, graph.integers([2])])]);
  const sum = graph.node("ReduceSum", [kept, axis], { keepdims: { int: 0 } });
  return pooling === "mean" ? graph.node("Div", [sum, graph.node("ReduceSum", [mask.tokens, axis])]) : sum;
}
