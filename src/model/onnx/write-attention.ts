/**
 * Attention as ONNX nodes, in its five kinds (layers/attention.ts).
 *
 * The queries may be of fewer tokens than the keys: where only the first token of a block is read, only its query is
 * computed. A mask adds -3.4e38 to the scores of padding, or takes its weights to 0 where there is no softmax. Windows count
 * places: with them padding must be behind the tokens, and queries are of all of these.
 */
import type { Attention, NullMassAttention } from "../../layers/attention.js";
import { epsilonOf, factorOf, similarityOf } from "../../layers/similarity.js";
import { isWindowed } from "../../layers/windows.js";
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
  const nearby = similarityOf(layer) === "distance" && layer.kind === "null-mass";
  const plain = nearby ? split(q!, query.weight.rows) : parts.q;
  const weights = weighed(graph, layer, scores(graph, layer, parts.q, parts.k, plain), tokens, mask);
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
  const similarity = similarityOf(layer);
  if (similarity === "cosine") return q;
  const scale = (similarity === "distance" ? 2 : 1) * beforeTanh(layer);
  return graph.node("Mul", [q, graph.scalar(scale)]);
}

/** The factor of what is compared; with a null mass over the limit, as tanh wants it. */
function beforeTanh(layer: Attention): number {
  return layer.kind === "null-mass" ? factorOf(layer) / layer.limit : factorOf(layer);
}

/** q, k: [batch, tokens, heads, width], `plain` the queries without their factor; gives [batch, heads, queries, tokens]. */
function scores(graph: GraphBuilder, layer: Attention, q: Value, k: Value, plain: Value): Value {
  const unit = (x: Value) => {
    const squares = graph.node("ReduceSumSquare", [x], { axes: { ints: [-1] } });
    const longer = graph.node("Add", [squares, graph.scalar(epsilonOf(layer))]);
    return graph.node("Div", [x, graph.node("Sqrt", [longer])]);
  };
  const product = (a: Value, b: Value) =>
    graph.node("MatMul", [toHeads(graph, a), graph.node("Transpose", [b], { perm: { ints: [0, 2, 3, 1] } })]);
  const less = (x: Value, rows: Value, perm: readonly number[]) => {
    const squares = graph.node("ReduceSumSquare", [rows], { axes: { ints: [-1] } });
    const placed = graph.node("Transpose", [squares], { perm: { ints: perm } });
    return graph.node("Sub", [x, graph.node("Mul", [placed, graph.scalar(beforeTanh(layer))])]);
  };
  const similarity = similarityOf(layer);
  if (similarity === "cosine")
    return graph.node("Mul", [product(unit(q), unit(k)), graph.scalar(factorOf(layer))]);
  let raw = product(q, k);
  if (similarity === "distance") {
    // -scale |q - k|^2 = 2 scale q . k - scale |k|^2 - scale |q|^2; without a null what is the same for all keys cancels.
    raw = less(raw, k, [0, 2, 3, 1]);
    if (layer.kind === "null-mass") raw = less(raw, plain, [0, 2, 1, 3]);
  }
  if (layer.kind === "sigmoid") return graph.node("Add", [raw, graph.scalar(layer.shift)]);
  if (layer.kind !== "null-mass") return raw;
  return graph.node("Mul", [graph.node("Tanh", [raw]), graph.scalar(layer.limit)]);
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
    const all = masked(graph.node("Exp", [scores]));
    const exp = isWindowed(layer) ? graph.node("Mul", [all, windowWeights(graph, layer, tokens)]) : all;
    const sum = graph.node("ReduceSum", [exp, graph.integers([-1])]);
    return graph.node("Div", [exp, graph.node("Add", [sum, graph.scalar(layer.nullMass)])]);
  }
  const all = mask === null ? scores : graph.node("Add", [scores, mask.scores]);
  return graph.node("Softmax", [all], { axis: { int: -1 } });
}

/** [1, heads, tokens, tokens]: 1 where the query's head sees the key, else 0. */
function windowWeights(graph: GraphBuilder, { windows }: NullMassAttention, tokens: Value): Value {
  const length = graph.node("Gather", [graph.node("Shape", [tokens]), graph.integers(1)]);
  const places = graph.node("Range", [graph.integers(0), length, graph.integers(1)]);
  const keys = graph.node("Unsqueeze", [places, graph.integers([0])]);
  const queries = graph.node("Unsqueeze", [places, graph.integers([1])]);
  const ahead = graph.node("Unsqueeze", [graph.node("Sub", [keys, queries]), graph.integers([0, 1])]);
  const behindAndAhead = (places: number | null) => graph.integers(places ?? Number.MAX_SAFE_INTEGER);
  const heads = windows!.map(({ before, after }) =>
    graph.node("And", [
      graph.node("LessOrEqual", [graph.node("Neg", [ahead]), behindAndAhead(before)]),
      graph.node("LessOrEqual", [ahead, behindAndAhead(after)]),
    ]),
  );
  return graph.number(graph.node("Concat", heads, { axis: { int: 1 } }));
}

/** How many tokens [batch, tokens, d] has, as float32 [1]. */
function tokenCount(graph: GraphBuilder, tokens: Value): Value {
  const shape = graph.node("Shape", [tokens], { start: { int: 1 }, end: { int: 2 } });
  return graph.node("Cast", [shape], { to: { int: 1 } });
}
