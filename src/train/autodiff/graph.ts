/**
 * A tape as an ONNX graph (opset 17): forward and backward are one graph, run as a whole.
 *
 * Promise: what the outputs don't depend on is left out, inputs too. Numbers are float32, ids int64. Shapes are static.
 */
import { GraphBuilder, type Value } from "../../model/onnx/builder.js";
import { type Emitter, emit } from "./emit.js";
import type { Node, Tensor } from "./tape.js";

/** Names that the builder gives on its own. */
const TAKEN = /^([A-Z]\w*_\d+|number (-?[\d.]+(e[+-]?\d+)?|-?Infinity|NaN)|integers?( -?\d+)*|constant \d+)$/;

/** @param outputs float tensors of one tape, by name; a name mustn't be that of an input */
export function onnxGraph(outputs: Readonly<Record<string, Tensor>>): Uint8Array {
  const graph = new GraphBuilder();
  const live = liveNodes(Object.values(outputs));
  const values = new Map<number, Value>();
  const booleans = new Map<number, Value>();
  const names = new Set(Object.keys(outputs));
  for (const node of live) {
    const { operation, shape, type, inputs } = node;
    if (operation.kind === "input") {
      if (names.has(operation.name)) throw new Error(`${operation.name} is both an input and an output`);
      names.add(operation.name);
      values.set(node.id, graph.input(operation.name, shape, type === "int" ? "int64" : "float32"));
      continue;
    }
    const emitter: Emitter = {
      graph,
      node,
      values: inputs.map((input) => values.get(input.id)!),
      boolean: (i) =>
        booleans.get(inputs[i]!.id) ??
        graph.node("Cast", [values.get(inputs[i]!.id)!], { to: { int: BOOL } }),
      keepBoolean: (value) => void booleans.set(node.id, value),
    };
    values.set(node.id, emit(emitter));
  }
  for (const name of names)
    if (TAKEN.test(name)) throw new Error(`the name ${name} is one of the graph's own`);
  return graph.finishAll(
    Object.entries(outputs).map(([name, tensor]) => {
      if (tensor.type !== "float") throw new Error(`the output ${name} is ${tensor.type}; it must be float`);
      return { name, value: values.get(tensor.id)!, dimensions: tensor.shape };
    }),
    "training",
  );
}

const BOOL = 9;

/** What the outputs depend on, in the tape's order. */
function liveNodes(outputs: readonly Tensor[]): Node[] {
  const tape = outputs[0]?.tape;
  if (tape === undefined) throw new Error("a graph needs an output");
  const live = new Set(outputs.map((tensor) => tape.node(tensor).id));
  for (const node of [...tape.nodes].reverse())
    if (live.has(node.id)) for (const { id } of node.inputs) live.add(id);
  return tape.nodes.filter((node) => live.has(node.id));
}
