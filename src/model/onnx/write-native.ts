/**
 * A native model as an ONNX model, for ONNX Runtime and what builds on it.
 *
 *     input_ids       int64 [batch, sequence]: what the exported tokenizer.json gives (model/export-folder.ts)
 *     attention_mask  int64 [batch, sequence], 0 for padding, on either side
 *     logits          float32 [batch, labels]
 *
 * Promise: all is float64 but for functions that runtimes lack in it (the error function, softplus, ELU), and rounded to float32 once,
 * at the end: without blocks the logits are the model's to the last bit of float32. Sequences of a batch don't influence each other.
 *
 * The tokens of the blocks are moved to the front: sorted by row, which changes nothing where blocks know no order; in their order
 * where attention has windows.
 */
import { isWindowed } from "../../layers/windows.js";
import type { NativeModel } from "../native.js";
import { NativeTransformer } from "../native-transformer.js";
import { GraphBuilder, type Value } from "./builder.js";
import { maskValues } from "./write.js";
import { writeAttention } from "./write-attention.js";
import { writeFeedForward } from "./write-layers.js";
import {
  columnOf,
  evidenceOf,
  type WordsValue,
  writeEvidence,
  writePatterns,
  writeRows,
} from "./write-patterns.js";

const FLOAT32 = { to: { int: 1 } };
const INT32 = { to: { int: 6 } };
const INT64 = { to: { int: 7 } };
const BOOL = { to: { int: 9 } };

export function nativeToOnnx(model: NativeModel | NativeTransformer): Uint8Array<ArrayBuffer> {
  const transformer = model instanceof NativeTransformer ? model : null;
  const additive = model instanceof NativeTransformer ? model.additive : model;
  const graph = new GraphBuilder("float64");
  const ids = graph.input("input_ids", ["batch", "sequence"]);
  const mask = graph.input("attention_mask", ["batch", "sequence"]);
  const rows = transformer?.rows.some((row) => row >= 0) === true ? transformer.rows : null;
  const write = additive.vocabulary.kind === "patterns" ? writePatterns : writeTokens;
  const words = write(graph, additive, ids, mask, rows);
  let logits = graph.node("Add", [words.sum, graph.weight("bias", [additive.labels.length], additive.bias)]);
  if (transformer !== null && words.rows !== null && transformer.blocks.length > 0)
    logits = graph.node("Add", [logits, writeBlocks(graph, transformer, words.rows)]);
  return graph.finish(graph.node("Cast", [logits], FLOAT32), "logits", ["batch", additive.labels.length]);
}

/** Ids are tokens; the one behind the last of the vocabulary is nothing, as padding is. */
function writeTokens(
  graph: GraphBuilder,
  { vocabulary, evidence, labels }: NativeModel,
  ids: Value,
  mask: Value,
  rows: Int32Array | null,
): WordsValue {
  const none = vocabulary.tokens.length;
  const kept = graph.node("Where", [graph.node("Cast", [mask], BOOL), ids, graph.integers(none)]);
  // One more, so that there is one at least.
  const tokens = graph.node("Concat", [graph.node("Cast", [kept], INT32), columnOf(graph, ids, none)], {
    axis: { int: 1 },
  });
  return {
    sum: evidenceOf(graph, writeEvidence(graph, evidence, labels.length), tokens),
    rows: rows === null ? null : graph.node("Gather", [writeRows(graph, rows), tokens]),
  };
}

/** The rows above 0 in front, in their order; as many columns as `enough` says. */
function firstOnes(graph: GraphBuilder, rows: Value, enough: Value): Value {
  // Those that are there are numbered from their end, the others 0: so the first of them has the largest number.
  const there = graph.node("Cast", [graph.node("Greater", [rows, graph.int32(0)])], INT32);
  const numbers = graph.node("CumSum", [there, graph.integers(1)], { reverse: { int: 1 } });
  const [, places] = graph.nodeOf("TopK", [graph.node("Mul", [numbers, there]), enough], 2, {
    axis: { int: 1 },
  });
  return graph.node("GatherElements", [rows, places!], { axis: { int: 1 } });
}

/** float64 [batch, labels]: what the blocks add. */
function writeBlocks(graph: GraphBuilder, model: NativeTransformer, rows: Value): Value {
  const { embedding, readout, blocks } = model;
  const width = embedding.columns;
  const there = graph.node("Cast", [graph.node("Greater", [rows, graph.int32(0)])], INT64);
  const counts = graph.node("ReduceSum", [there, graph.integers([1])], { keepdims: { int: 0 } });
  const most = graph.node("ReduceMax", [counts], { keepdims: { int: 0 } });
  const enough = graph.node("Reshape", [graph.node("Max", [most, graph.integers(1)]), graph.integers([1])]);
  const tokens = blocks.some(({ attention }) => isWindowed(attention))
    ? firstOnes(graph, rows, enough)
    : graph.nodeOf("TopK", [rows, enough], 2, { axis: { int: 1 } })[0]!;
  const table = new Float32Array((embedding.rows + 1) * width);
  table.set(embedding.data, width);
  let h = graph.number(
    graph.node("Gather", [graph.exactWeight("embedding", [embedding.rows + 1, width], table), tokens]),
  );
  const mask = maskValues(graph, graph.node("Greater", [tokens, graph.int32(0)]));
  let sum: Value | null = null;
  const step = (branch: Value, gain: number) => {
    const added = graph.node("Mul", [branch, graph.scalar(gain)]);
    h = graph.node("Add", [h, added]);
    sum = sum === null ? added : graph.node("Add", [sum, added]);
  };
  blocks.forEach(({ attention, attentionGain, feedForward, feedForwardGain }, b) => {
    step(writeAttention(graph, `blocks.${b}.attention`, attention, h, h, mask), attentionGain);
    step(writeFeedForward(graph, `blocks.${b}.feed_forward`, feedForward, h), feedForwardGain);
  });
  const kept = graph.node("Mul", [sum!, graph.node("Unsqueeze", [mask.tokens, graph.integers([2])])]);
  const pooled = graph.node("ReduceSum", [kept, graph.integers([1])], {
    keepdims: { int: 0 },
  });
  const back = new Float64Array(width * readout.rows);
  for (let y = 0; y < readout.rows; y++)
    for (let c = 0; c < width; c++) back[c * readout.rows + y] = readout.data[y * width + c]!;
  return graph.node("MatMul", [pooled, graph.weight("readout", [width, readout.rows], back)]);
}
