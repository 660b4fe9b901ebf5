/**
 * A walk through a graph with an input of one shape: every value becomes known numbers or an expression.
 *
 * The input is `ids` [batch, tokens], a mask of ones and token types of zeros. Shapes are therefore numbers, and so is
 * all that exporters compute from shapes, positions and the mask. Whoever calls this does it with several shapes, since
 * what is the same number for all of them is a constant of the graph (onnx/read.ts).
 */
import { evaluate, shapeValue, sliceRange } from "./evaluate.js";
import type { Expr, Symbolic, Value } from "./expression.js";
import { every, type Known, known } from "./known.js";
import { SYMBOLIC } from "./operators.js";
import type { Graph, GraphNode } from "./parse.js";
import { type NodeName, UnsupportedGraph } from "./unsupported.js";

/** A value that isn't understood: where that began, and why. */
interface Lost {
  readonly kind: "lost";
  readonly node: NodeName;
  readonly why: string;
}

/** A batch of token ids. */
export interface Sample {
  readonly batch: number;
  readonly tokens: number;
  /** [batch * tokens] */
  readonly ids: readonly number[];
}

export interface Trace {
  /** The logits. */
  readonly output: Symbolic;
  readonly ids: Known;
  /** The node that made an expression. */
  nodeOf(expr: Expr): NodeName | null;
}

const INPUTS: Readonly<Record<string, (sample: Sample) => readonly number[]>> = {
  input_ids: ({ ids }) => ids,
  attention_mask: ({ ids }) => ids.map(() => 1),
  token_type_ids: ({ ids }) => ids.map(() => 0),
};

/** @throws UnsupportedGraph if the logits can't be followed back to the input */
export function trace(graph: Graph, sample: Sample): Trace {
  const shape = [sample.batch, sample.tokens];
  const values = new Map<string, Known | Symbolic | Lost>(graph.constants);
  const makers = new Map<Expr, NodeName>();
  const seen = new Map<string, readonly string[]>();
  for (const name of graph.inputs) {
    if (!Object.hasOwn(INPUTS, name))
      throw new UnsupportedGraph(
        null,
        `it has the input "${name}"; understood are ${Object.keys(INPUTS).join(", ")}`,
      );
    values.set(name, known("int", shape, INPUTS[name]!(sample), name === "input_ids"));
  }
  if (!graph.inputs.includes("input_ids"))
    throw new UnsupportedGraph(null, `it has no input input_ids, only ${graph.inputs.join(", ") || "none"}`);
  // Names by which nodes are compared: those of the first node that computed the same.
  const canonical = new Map<string, string>();
  for (const node of graph.nodes) {
    const key = nodeKey(node, canonical);
    const same = key === null ? undefined : seen.get(key);
    if (same !== undefined) {
      node.outputs.forEach((output, i) => {
        canonical.set(output, same[i]!);
        values.set(output, values.get(same[i]!)!);
      });
      continue;
    }
    if (key !== null) seen.set(key, node.outputs);
    const results = step(node, values, sample);
    node.outputs.forEach((output, i) => {
      const value = results[i] ?? lost(node, "it has more outputs than are understood");
      values.set(output, value);
      if (value.kind === "symbolic" && !makers.has(value.expr)) makers.set(value.expr, node);
    });
  }
  const name = graph.outputs.includes("logits") ? "logits" : graph.outputs[0];
  const output = values.get(name ?? "");
  if (output === undefined) throw new UnsupportedGraph(null, `nothing gives its output "${name ?? ""}"`);
  if (output.kind === "lost") throw new UnsupportedGraph(output.node, output.why);
  if (output.kind === "known")
    throw new UnsupportedGraph(null, `its output "${name}" doesn't depend on a table of tokens`);
  return {
    output,
    ids: values.get("input_ids") as Known,
    nodeOf: (expr) => makers.get(expr) ?? null,
  };
}

/** Equal for nodes that compute the same; null where attributes hold tensors. */
function nodeKey(node: GraphNode, canonical: ReadonlyMap<string, string>): string | null {
  const attributes = [...node.attributes];
  if (attributes.some(([, value]) => typeof value === "object" && !Array.isArray(value))) return null;
  const inputs = node.inputs.map((input) => canonical.get(input) ?? input);
  return JSON.stringify([node.domain, node.op, inputs, attributes, node.outputs.length]);
}

const lost = (node: NodeName, why: string): Lost => ({
  kind: "lost",
  node: { name: node.name, op: node.op },
  why,
});

function step(
  node: GraphNode,
  values: ReadonlyMap<string, Known | Symbolic | Lost>,
  sample: Sample,
): readonly (Known | Symbolic | Lost)[] {
  const inputs: Value[] = [];
  for (const name of node.inputs) {
    const value = name === "" ? null : values.get(name);
    if (value === undefined)
      return node.outputs.map(() =>
        lost(node, `its input "${name}" is a tensor that can't be read or that nothing gives`),
      );
    if (value?.kind === "lost") return node.outputs.map(() => value);
    inputs.push(value);
  }
  const first = inputs[0];
  if (node.op === "Shape" && first?.kind === "symbolic") return [shapeValue(first.shape, node.attributes)];
  if (node.op === "Constant") return [constantValue(node) ?? lost(node, "its value can't be read")];
  const lookup = tableRows(node, inputs);
  if (lookup !== null) return [lookup];
  if (inputs.every((input) => input === null || input.kind === "known")) {
    const value = evaluate(node, inputs as (Known | null)[]);
    return [value ?? lost(node, "the operator, or this form of it, isn't understood")];
  }
  const operator = node.domain === "" && Object.hasOwn(SYMBOLIC, node.op) ? SYMBOLIC[node.op]! : null;
  if (operator === null)
    return node.outputs.map(() => lost(node, "the operator isn't one of those that are understood"));
  const results = operator(inputs, node.attributes, node.outputs.length, sample);
  return results ?? node.outputs.map(() => lost(node, "what it is given, or a form of it, isn't understood"));
}

function constantValue({ attributes }: GraphNode): Known | null {
  for (const [name, value] of attributes) {
    if (typeof value === "object" && "kind" in value) return value;
    const type = name.startsWith("value_int") ? "int" : "float";
    if (typeof value === "number") return known(type, [], [value]);
    if (Array.isArray(value)) return known(type, [value.length], value as number[]);
  }
  return null;
}

/** Rows of a float table: by ids, or by place where a table is cut along its first axis. */
function tableRows(node: GraphNode, inputs: readonly Value[]): Symbolic | null {
  const [table, chosen, ends, axes, steps] = inputs;
  if (table?.kind !== "known" || table.type !== "float" || table.shape.length !== 2 || table.usesIds)
    return null;
  if (chosen?.kind !== "known" || chosen.type !== "int") return null;
  const [size, width] = table.shape as [number, number];
  if (node.op === "Gather") {
    if ((node.attributes.get("axis") ?? 0) !== 0 || chosen.shape.length === 0) return null;
    return { kind: "symbolic", shape: [...chosen.shape, width], expr: { op: "lookup", table, rows: chosen } };
  }
  if (node.op !== "Slice" || axes?.kind !== "known" || axes.data.length !== 1 || axes.data[0] !== 0)
    return null;
  if (ends?.kind !== "known" || (steps?.kind === "known" && !every(steps, 1))) return null;
  const [from, to] = sliceRange(size, chosen.data[0]!, ends.data[0]!);
  const length = Math.max(0, to - from);
  const rows = known(
    "int",
    [length],
    Array.from({ length }, (_, i) => from + i),
    chosen.usesIds || ends.usesIds,
  );
  return { kind: "symbolic", shape: [length, width], expr: { op: "lookup", table, rows } };
}
