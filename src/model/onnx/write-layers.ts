/**
 * Layers as ONNX nodes. Token values are [batch, tokens, d], as the layers' own forwards have them in float64.
 *
 * Maps of tokens are products with weights stored transposed; those of one input share a product. A bias that is null is left
 * out, never written as zeros.
 */
import type { ActivationName } from "../../layers/activation.js";
import type { FeedForward } from "../../layers/feed-forward.js";
import type { Linear } from "../../layers/linear.js";
import type { Norm } from "../../layers/norm.js";
import type { Matrix } from "../../numeric/matrix.js";
import type { GraphBuilder, Value } from "./builder.js";

const LAST = { axes: { ints: [-1] } };

/** W x + b for every token. */
export function writeLinear(graph: GraphBuilder, name: string, { weight, bias }: Linear, x: Value): Value {
  const product = writeProduct(graph, `${name}.weight`, weight, x);
  return bias === null
    ? product
    : graph.node("Add", [product, graph.weight(`${name}.bias`, [bias.length], bias)]);
}

/** W x for every token. */
export function writeProduct(graph: GraphBuilder, name: string, weight: Matrix, x: Value): Value {
  const { rows, columns } = weight;
  return graph.node("MatMul", [x, graph.weight(name, [columns, rows], transposed(weight))]);
}

/** Several maps of the same x, in one product where they agree on having a bias. */
export function writeLinears(
  graph: GraphBuilder,
  name: string,
  parts: readonly (readonly [string, Linear])[],
  x: Value,
): Value[] {
  const biased = parts.filter(([, { bias }]) => bias !== null).length;
  if (biased !== 0 && biased !== parts.length)
    return parts.map(([part, linear]) => writeLinear(graph, `${name}.${part}`, linear, x));
  const rows = parts.map(([, { weight }]) => weight.rows);
  const all = stacked(parts.map(([, linear]) => linear));
  const y = writeLinear(graph, `${name}.${parts.map(([part]) => part).join("+")}`, all, x);
  return graph.nodeOf("Split", [y, graph.integers(rows)], rows.length, { axis: { int: -1 } });
}

function stacked(parts: readonly Linear[]): Linear {
  const { columns } = parts[0]!.weight;
  const rows = parts.reduce((sum, { weight }) => sum + weight.rows, 0);
  const data = new Float32Array(rows * columns);
  const bias = parts[0]!.bias === null ? null : new Float32Array(rows);
  let at = 0;
  for (const part of parts) {
    data.set(part.weight.data, at * columns);
    bias?.set(part.bias!, at);
    at += part.weight.rows;
  }
  return { weight: { rows, columns, data }, bias };
}

export function transposed({ rows, columns, data }: Matrix): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  return result;
}

export function writeNorm(graph: GraphBuilder, name: string, norm: Norm, x: Value): Value {
  const vector = (key: string, data: ArrayLike<number>) =>
    graph.weight(`${name}.${key}`, [data.length], data);
  switch (norm.kind) {
    case "none":
      return x;
    case "scale":
      return graph.node("Mul", [x, vector("factors", norm.factors)]);
    case "layer": {
      const inputs = [x, vector("weight", norm.weight)];
      if (norm.bias !== null) inputs.push(vector("bias", norm.bias));
      return graph.node("LayerNormalization", inputs, {
        axis: { int: -1 },
        epsilon: { float: norm.epsilon },
      });
    }
    case "center":
    case "rms": {
      const scaled = graph.node("Mul", [plainNorm(graph, norm, x), vector("weight", norm.weight)]);
      return norm.bias === null ? scaled : graph.node("Add", [scaled, vector("bias", norm.bias)]);
    }
  }
}

function plainNorm(graph: GraphBuilder, norm: Extract<Norm, { kind: "center" | "rms" }>, x: Value): Value {
  if (norm.kind === "center") return graph.node("Sub", [x, graph.node("ReduceMean", [x], LAST)]);
  const squares = graph.node("ReduceMean", [graph.node("Mul", [x, x])], LAST);
  return graph.node("Div", [
    x,
    graph.node("Sqrt", [graph.node("Add", [squares, graph.scalar(norm.epsilon)])]),
  ]);
}

export function writeActivation(graph: GraphBuilder, name: ActivationName, x: Value): Value {
  const { node, scalar } = bound(graph);
  const half = () => node("Mul", [x, scalar(0.5)]);
  switch (name) {
    case "identity":
      return x;
    case "relu":
      return node("Relu", [x]);
    case "tanh":
      return node("Tanh", [x]);
    case "sigmoid":
      return node("Sigmoid", [x]);
    case "softplus":
      return graph.single("Softplus", x);
    case "elu":
      return graph.single("Elu", x);
    case "gelu": {
      const erf = graph.single("Erf", node("Div", [x, scalar(Math.SQRT2)]));
      return node("Mul", [node("Mul", [x, node("Add", [erf, scalar(1)])]), scalar(0.5)]);
    }
    case "gelu-tanh": {
      const cubic = node("Add", [x, node("Mul", [node("Pow", [x, scalar(3)]), scalar(0.044715)])]);
      const tanh = node("Tanh", [node("Mul", [cubic, scalar(Math.sqrt(2 / Math.PI))])]);
      return node("Mul", [half(), node("Add", [tanh, scalar(1)])]);
    }
    case "silu":
      return graph.sigmoidTimes(x, x);
    case "quick-gelu":
      return graph.sigmoidTimes(x, node("Mul", [x, scalar(1.702)]));
    case "mish":
      return node("Mul", [x, node("Tanh", [graph.single("Softplus", x)])]);
  }
}

function bound(graph: GraphBuilder) {
  return {
    node: (op: string, inputs: readonly Value[]) => graph.node(op, inputs),
    scalar: (value: number) => graph.scalar(value),
  };
}

/** The branch alone; with its skip path inside for the orthogonal form. */
export function writeFeedForward(graph: GraphBuilder, name: string, layer: FeedForward, x: Value): Value {
  if (layer.kind === "mlp") {
    const inner = writeLinear(graph, `${name}.inner`, layer.inner, x);
    return writeLinear(graph, `${name}.outer`, layer.outer, writeActivation(graph, layer.activation, inner));
  }
  const { rows, columns, data } = layer.weight;
  const inner = graph.node("Relu", [writeProduct(graph, `${name}.weight`, layer.weight, x)]);
  // -2 W' maps back; stored transposed it is -2 W.
  const back = graph.weight(
    `${name}.back`,
    [rows, columns],
    Float32Array.from(data, (w) => -2 * w),
  );
  return graph.node("Add", [x, graph.node("MatMul", [inner, back])]);
}
