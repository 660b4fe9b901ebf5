/**
 * A tape's values in float64, in plain TypeScript: what its ONNX graph is measured against, and what runs where there
 * is no runtime.
 *
 * Promise: one operation after the other by its definition; nothing is shared with the writing of the graph. Ids outside
 * their table are an error.
 */

import { erf } from "../../numeric/erf.js";
import type { BinaryKind, UnaryKind } from "./operation.js";
import { show, sizeOf } from "./shape.js";
import type { Node, Tensor } from "./tape.js";
import {
  broadcasted,
  gather,
  matmul,
  oneHot,
  pad,
  reducedAlong,
  scatter,
  slice,
  topMask,
  transposed,
} from "./values.js";

export type Feeds = Readonly<Record<string, ArrayLike<number> | ArrayLike<bigint>>>;

/**
 * @param feeds row-major, by the inputs' names; those that aren't needed may be missing
 * @throws Error if an input is missing or of another size, or an id is outside its table
 */
export function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
): Record<string, Float64Array> {
  const values = new Map<number, Float64Array>();
  const tape = Object.values(outputs)[0]?.tape;
  for (const node of needed(Object.values(outputs)))
    values.set(
      node.id,
      computed(
        node,
        node.inputs.map((input) => values.get(input.id)!),
        feeds,
      ),
    );
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      if (tensor.tape !== tape) throw new Error(`the output ${name} is of another tape`);
      return [name, values.get(tensor.id)!.slice()];
    }),
  );
}

/** What the outputs depend on, in order. */
function needed(outputs: readonly Tensor[]): Node[] {
  const found = new Map<number, Node>();
  const visit = outputs.map((tensor) => tensor.tape.node(tensor));
  for (let node = visit.pop(); node !== undefined; node = visit.pop()) {
    if (found.has(node.id)) continue;
    found.set(node.id, node);
    for (const input of node.inputs) visit.push(node.tape.node(input));
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
}

function computed(node: Node, x: readonly Float64Array[], feeds: Feeds): Float64Array {
  const { operation, shape, inputs } = node;
  const shapes = inputs.map((input) => input.shape);
  const [a, b] = x as [Float64Array, Float64Array];
  const [sa, sb] = shapes as [readonly number[], readonly number[]];
  switch (operation.kind) {
    case "input":
      return fed(operation.name, shape, feeds);
    case "constant":
      return operation.data;
    case "stop":
    case "reshape":
      return a;
    case "broadcast":
      return broadcasted(a, sa, shape);
    case "where": {
      const [mask, yes, no] = x.map((values, i) => broadcasted(values, shapes[i]!, shape));
      return yes!.map((value, i) => (mask![i] !== 0 ? value : no![i]!));
    }
    case "transpose":
      return transposed(a, sa, operation.permutation);
    case "sum":
      return operation.axes.reduceRight(
        ({ values, shape }, axis) => ({
          values: reducedAlong(values, shape, axis, (row) => row.reduce((sum, value) => sum + value, 0)),
          shape: shape.filter((_, i) => i !== axis),
        }),
        { values: a, shape: sa },
      ).values;
    case "max":
      return reducedAlong(a, sa, operation.axis, (row) => row.reduce((x, y) => Math.max(x, y)));
    case "logSumExp":
      return reducedAlong(a, sa, operation.axis, logSumExp);
    case "softmax": {
      const kept = shape.map((size, i) => (i === operation.axis ? 1 : size));
      const log = broadcasted(reducedAlong(a, sa, operation.axis, logSumExp), kept, shape);
      return a.map((value, i) => Math.exp(value - log[i]!));
    }
    case "matmul":
      return matmul(a, sa, b, sb, shape);
    case "slice":
      return slice(a, sa, operation.axis, operation.begin, operation.end);
    case "pad":
      return pad(a, sa, operation.axis, operation.before, operation.after);
    case "concat": {
      const sum = new Float64Array(sizeOf(shape));
      let before = 0;
      x.forEach((values, i) => {
        const own = shapes[i]![operation.axis]!;
        const padded = pad(values, shapes[i]!, operation.axis, before, shape[operation.axis]! - before - own);
        padded.forEach((value, k) => {
          if (value !== 0) sum[k] = value;
        });
        before += own;
      });
      return sum;
    }
    case "gather":
      return gather(a, sa, b);
    case "scatter":
      return scatter(a, b, shape);
    case "oneHot":
      return oneHot(a, shape.at(-1)!);
    case "topMask":
      return topMask(a, sa, operation.axis, operation.k);
    default:
      if (operation.kind in UNARY) return a.map(UNARY[operation.kind as UnaryKind]);
      return entrywise(operation.kind as BinaryKind, broadcasted(a, sa, shape), broadcasted(b, sb, shape));
  }
}

function fed(name: string, shape: readonly number[], feeds: Feeds): Float64Array {
  const values = feeds[name];
  if (values === undefined) throw new Error(`the input ${name} isn't fed`);
  if (values.length !== sizeOf(shape))
    throw new Error(`the input ${name} has ${values.length} numbers; its shape is ${show(shape)}`);
  return Float64Array.from(values as ArrayLike<number | bigint>, Number);
}

const UNARY: Readonly<Record<UnaryKind, (x: number) => number>> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  erf,
};

const BINARY: Readonly<Record<BinaryKind, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  greater: (x, y) => (x > y ? 1 : 0),
};

function entrywise(kind: BinaryKind, a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => BINARY[kind](value, b[i]!));
}

function logSumExp(row: Float64Array): number {
  const most = row.reduce((x, y) => Math.max(x, y));
  if (!Number.isFinite(most)) return most;
  return most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
