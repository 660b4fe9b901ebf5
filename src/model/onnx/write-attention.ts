/**
 * Attention as ONNX nodes, in its five kinds (layers/attention.ts).
 *
 * The queries may be of fewer tokens than the keys: where only the first token of a block is read, only its query is
 * computed. A mask adds -3.4e38 to the scores of padding, or takes its weights to 0 where there is no softmax.
 */
import type { Attention } from "../../layers/attention.js";
import type { GraphBuilder, Value } from "./builder.js";
import { writeLinear, writeLinears } from "./write-layers.js";

/** What the layers need of the attention mask; null without a mask. */
export interface MaskValues {
  /** float32 [batch, tokens]: 1 for a token, 0 for padding. */
  readonly tokens: Value;
  /** float32 [batch, 1, 1, tokens]: the same */
  readonly weights: Value;
  /** float32 [batch, 1, 1, tokens]: 0 for a token, -3.4e38 for padding. */
  readonly scores: Value;
  /** float32 [batch, 1, 1, 1]: how many are tokens. */
  readonly count: Value;
}

/** [batch, queries, d] from [batch, queries, d] and [batch, tokens, d], which may be the same value. */
export function writeAttention(
  graph: GraphBuilder,
  name: string,
  layer: Attention,
  queries: Value,
  tokens: Value,
  mask: MaskValues | null,
): Value {
  const { heads, query, key, value } = layer;
  const keyAndValue = [["key", key] as const, ["value", value] as const];
  const [q, k, v] =
    queries === tokens
      ? writeLinears(graph, name, [["query", query] as const, ...keyAndValue], tokens)
      : [
          writeLinear(graph, `${name}.query`, query, queries),
          ...writeLinears(graph, name, keyAndValue, tokens),
        ];
  const split = (x: Value, width: number) =>
    graph.node("Reshape", [x, graph.integers([0, 0, heads, width / heads])]);
  const parts = {
    q: split(scaledQueries(graph, layer, q!), query.weight.rows),
    k: split(k!, key.weight.rows),
  };
  const weights = weighed(graph, layer, scores(graph, layer, parts.q, parts.k), tokens, mask);
  const values = toHeads(graph, split(v!, value.weight.rows));
  const mixed = graph.node("Transpose", [graph.node("MatMul", [weights, values])], {
    perm: { ints: [0, 2, 1, 3] },
  });
  const merged = graph.node("Reshape", [mixed, graph.integers([0, 0, value.weight.rows])]);
  return writeLinear(graph, `${name}.output`, layer.output, merged);
}

/** [batch, tokens, heads, width] to [batch, heads, tokens, width]. */
function toHeads(graph: GraphBuilder, x: Value): Value {
  return graph.node("Transpose", [x], { perm: { ints: [0, 2, 1, 3] } });
}

/** The constant factor of the scores, put where there are the fewest numbers; cosine's comes later. */
function scaledQueries(graph: GraphBuilder, layer: Attention, q: Value): Value {
  if (layer.kind === "cosine") return q;
  const scale =
    layer.kind === "distance"
      ? 2 * layer.scale
      : layer.kind === "null-mass"
        ? layer.scale / layer.limit
        : layer.scale;
  return graph.node("Mul", [q, graph.scalar(scale)]);
}

/** q, k: [batch, tokens, heads, width]; gives [batch, heads, queries, tokens]. */
function scores(graph: GraphBuilder, layer: Attention, q: Value, k: Value): Value {
  const unit = (x: Value, epsilon: number) => {
    const squares = graph.node("ReduceSumSquare", [x], { axes: { ints: [-1] } });
    return graph.node("Div", [x, graph.node("Sqrt", [graph.node("Add", [squares, graph.scalar(epsilon)])])]);
  };
  const product = (a: Value, b: Value) =>
    graph.node("MatMul", [toHeads(graph, a), graph.node("Transpose", [b], { perm: { ints: [0, 2, 3, 1] } })]);
  switch (layer.kind) {
    case "softmax":
      return product(q, k);
    case "cosine":
      return graph.node("Mul", [
        product(unit(q, layer.epsilon), unit(k, layer.epsilon)),
        graph.scalar(layer.temperature),
      ]);
    case "distance": {
      // -scale |q - k|^2 = 2 scale q . k - scale |k|^2 - scale |q|^2, and what is the same for all keys cancels.
      const squares = graph.node("ReduceSumSquare", [k], { axes: { ints: [-1] } });
      const perKey = graph.node("Transpose", [squares], { perm: { ints: [0, 2, 3, 1] } });
      return graph.node("Sub", [product(q, k), graph.node("Mul", [perKey, graph.scalar(layer.scale)])]);
    }
    case "sigmoid":
      return graph.node("Add", [product(q, k), graph.scalar(layer.shift)]);
    case "null-mass":
      return graph.node("Mul", [graph.node("Tanh", [product(q, k)]), graph.scalar(layer.limit)]);
  }
}

/** The weights of the keys, from their scores. */
function weighed(
  graph: GraphBuilder,
  layer: Attention,
  scores: Value,
  tokens: Value,
  mask: MaskValues | null,
): Value {
  const masked = (x: Value) => (mask === null ? x : graph.node("Mul", [x, mask.weights]));
  if (layer.kind === "sigmoid") {
    const weights = masked(graph.node("Sigmoid", [scores]));
    const divisor =
      layer.divisor !== "tokens" ? graph.scalar(layer.divisor) : (mask?.count ?? tokenCount(graph, tokens));
    return graph.node("Div", [weights, divisor]);
  }
  if (layer.kind === "null-mass") {
    const exp = masked(graph.node("Exp", [scores]));
    const sum = graph.node("ReduceSum", [exp, graph.integers([-1])]);
    return graph.node("Div", [exp, graph.node("Add", [sum, graph.scalar(layer.nullMass)])]);
  }
  const all = mask === null ? scores : graph.node("Add", [scores, mask.scores]);
  return graph.node("Softmax", [all], { axis: { int: -1 } });
}

/** How many tokens [batch, tokens, d] has, as float32 [1]. */
function tokenCount(graph: GraphBuilder, tokens: Value): Value {
  const shape = graph.node("Shape", [tokens], { start: { int: 1 }, end: { int: 2 } });
  return graph.node("Cast", [shape], { to: { int: 1 } });
}
