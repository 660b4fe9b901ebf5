/** Each operation of a tape as nodes of an ONNX graph. */
import type { GraphBuilder, Value } from "../../model/onnx/builder.js";
import type { BinaryKind, UnaryKind } from "./operation.js";
import type { Node } from "./tape.js";

export interface Emitter {
  readonly graph: GraphBuilder;
  readonly node: Node;
  /** Of the node's inputs. */
  readonly values: readonly Value[];
  /** Input i as booleans. */
  boolean(i: number): Value;
  /** The node's value is there as booleans too. */
  keepBoolean(value: Value): void;
}

const SIMPLE: Readonly<Record<UnaryKind | Exclude<BinaryKind, "greater">, string>> = {
  neg: "Neg",
  exp: "Exp",
  log: "Log",
  tanh: "Tanh",
  sqrt: "Sqrt",
  abs: "Abs",
  sign: "Sign",
  relu: "Relu",
  sigmoid: "Sigmoid",
  softplus: "Softplus",
  erf: "Erf",
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  maximum: "Max",
  minimum: "Min",
};

const FLOAT = 1;

export function emit(emitter: Emitter): Value {
  const { graph, node, values } = emitter;
  const { operation, shape, inputs } = node;
  const x = values[0]!;
  switch (operation.kind) {
    case "input":
      throw new Error("inputs are the graph's");
    case "constant": {
      if (node.type === "int") return graph.integerWeight(`constant ${node.id}`, shape, operation.data);
      if (shape.length === 0) return graph.scalar(operation.data[0]!);
      return graph.weight(`constant ${node.id}`, shape, operation.data);
    }
    case "stop":
      return x;
    case "greater": {
      const greater = graph.node("Greater", values);
      emitter.keepBoolean(greater);
      return graph.node("Cast", [greater], { to: { int: FLOAT } });
    }
    case "where":
      return graph.node("Where", [emitter.boolean(0), values[1]!, values[2]!]);
    case "reshape":
      return graph.node("Reshape", [x, graph.integers(shape)]);
    case "broadcast":
      return graph.node("Expand", [x, graph.integers(shape)]);
    case "transpose":
      return graph.node("Transpose", [x], { perm: { ints: operation.permutation } });
    case "sum":
      return graph.node("ReduceSum", [x, graph.integers(operation.axes)], {
        keepdims: { int: Number(operation.keep) },
      });
    case "max":
    case "logSumExp":
      return graph.node(operation.kind === "max" ? "ReduceMax" : "ReduceLogSumExp", [x], {
        axes: { ints: [operation.axis] },
        keepdims: { int: Number(operation.keep) },
      });
    case "softmax":
      return graph.node("Softmax", [x], { axis: { int: operation.axis } });
    case "matmul":
      return graph.node("MatMul", values);
    case "slice": {
      const places = [operation.begin, operation.end, operation.axis].map((place) => graph.integers([place]));
      return graph.node("Slice", [x, ...places]);
    }
    case "pad": {
      const counts = [operation.before, operation.after].flatMap((count) =>
        shape.map((_, i) => (i === operation.axis ? count : 0)),
      );
      return graph.node("Pad", [x, graph.integers(counts)]);
    }
    case "concat":
      return graph.node("Concat", values, { axis: { int: operation.axis } });
    case "gather":
      return graph.node("Gather", values, { axis: { int: 0 } });
    case "scatter":
      return scatter(emitter);
    case "oneHot": {
      const bounds = graph.node("Concat", [zeros(graph, [1]), ones(graph, [1])], { axis: { int: 0 } });
      // The operator takes no id that stands alone.
      const ids = shape.length === 1 ? graph.node("Reshape", [x, graph.integers([1])]) : x;
      const rows = graph.node("OneHot", [ids, graph.integers(shape.at(-1)!), bounds], { axis: { int: -1 } });
      return shape.length === 1 ? graph.node("Reshape", [rows, graph.integers(shape)]) : rows;
    }
    case "topMask": {
      const { axis, k } = operation;
      const places = graph.nodeOf("TopK", [x, graph.integers([k])], 2, { axis: { int: axis } })[1]!;
      const chosen = shape.map((size, i) => (i === axis ? k : size));
      return graph.node("ScatterElements", [zeros(graph, shape), places, ones(graph, chosen)], {
        axis: { int: axis },
      });
    }
    default:
      if (inputs.length === 0) throw new Error(`${operation.kind} has no inputs`);
      return graph.node(SIMPLE[operation.kind], values);
  }
}

/** Row by row: entries of a value go where its row's id says. */
function scatter({ graph, node, values }: Emitter): Value {
  const [rows, ...row] = node.shape as readonly [number, ...number[]];
  const count = node.inputs[1]!.shape.reduce((product, size) => product * size, 1);
  const width = row.reduce((product, size) => product * size, 1);
  const updates = graph.node("Reshape", [values[0]!, graph.integers([count, width])]);
  const column = graph.node("Reshape", [values[1]!, graph.integers([count, 1])]);
  const ids = graph.node("Expand", [column, graph.integers([count, width])]);
  const summed = graph.node("ScatterElements", [zeros(graph, [rows, width]), ids, updates], {
    axis: { int: 0 },
    reduction: { string: "add" },
  });
  return graph.node("Reshape", [summed, graph.integers(node.shape)]);
}

const zeros = (graph: GraphBuilder, shape: readonly number[]): Value =>
  graph.node("Expand", [graph.scalar(0), graph.integers(shape)]);
const ones = (graph: GraphBuilder, shape: readonly number[]): Value =>
  graph.node("Expand", [graph.scalar(1), graph.integers(shape)]);
