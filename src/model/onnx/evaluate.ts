/**
 * Evaluation of the operators that exporters use for shapes, positions and masks, on values that are known.
 *
 * Promise: what is returned is what the ONNX standard says of the operator (opset 11 to 21; axes as attribute or as
 * input); null where the operator or one of its forms isn't known here.
 */
import { broadcast, every, type Known, known, sameShape, sizeOf } from "./known.js";
import type { AttributeValue, GraphNode } from "./parse.js";

type Attributes = ReadonlyMap<string, AttributeValue>;
type Inputs = readonly (Known | null)[];
type Operator = (inputs: Inputs, attributes: Attributes) => Known | null;

/** @param inputs null where an optional one is left out */
export function evaluate(node: GraphNode, inputs: Inputs): Known | null {
  if (node.domain !== "" || !Object.hasOwn(OPERATORS, node.op)) return null;
  const value = OPERATORS[node.op]!(inputs, node.attributes);
  if (value === null || node.op === "Shape") return value;
  return inputs.some((input) => input?.usesIds) ? { ...value, usesIds: true } : value;
}

/** An integer attribute. */
export function intOf(attributes: Attributes, name: string, otherwise: number): number {
  const value = attributes.get(name);
  return typeof value === "number" ? value : otherwise;
}

/** Axes from the attribute or from an input, from 0; null if neither is given. */
export function axesOf(
  attributes: Attributes,
  input: Known | null | undefined,
  rank: number,
): number[] | null {
  const value = attributes.get("axes");
  const axes = Array.isArray(value) ? (value as number[]) : input == null ? null : Array.from(input.data);
  return axes === null ? null : axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

const binary =
  (f: (x: number, y: number, integers: boolean) => number, type?: Known["type"]): Operator =>
  ([a, b]) => {
    if (a == null || b == null) return null;
    const shape = broadcast(a.shape, b.shape);
    if (shape === null) return null;
    const integers = a.type !== "float";
    const [x, y] = [spread(a, shape), spread(b, shape)];
    return known(
      type ?? a.type,
      shape,
      Array.from(x, (value, i) => f(value, y[i]!, integers)),
    );
  };

const unary =
  (f: (x: number) => number, type?: Known["type"]): Operator =>
  ([a]) =>
    a == null ? null : known(type ?? a.type, a.shape, Array.from(a.data, f));

/** The numbers of a value that is broadcast to a shape. */
function spread(value: Known, shape: readonly number[]): Known["data"] {
  if (sameShape(value.shape, shape)) return value.data;
  const strides = stridesOf(value.shape);
  const lead = shape.length - value.shape.length;
  const axes = shape.map((n, i) => {
    const stride = i < lead || value.shape[i - lead] === 1 ? 0 : strides[i - lead]!;
    return range(n, stride);
  });
  return offsets(axes).map((at) => value.data[at]!);
}

function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

const range = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => i * step);

/** Sums of one number of each axis, in row-major order: places in an array, if the numbers are multiples of strides. */
function offsets(axes: readonly (readonly number[])[]): Float64Array {
  let all = Float64Array.of(0);
  for (const axis of axes) {
    const next = new Float64Array(all.length * axis.length);
    let at = 0;
    for (const base of all) for (const step of axis) next[at++] = base + step;
    all = next;
  }
  return all;
}

const reduce =
  (f: (values: readonly number[]) => number): Operator =>
  ([a, axesInput], attributes) => {
    if (a == null) return null;
    const axes = axesOf(attributes, axesInput, a.shape.length) ?? a.shape.map((_, i) => i);
    const keep = intOf(attributes, "keepdims", 1) === 1;
    const kept = a.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    const groups = Array.from({ length: sizeOf(kept) }, (): number[] => []);
    const strides = stridesOf(kept);
    offsets(a.shape.map((n, i) => range(n, axes.includes(i) ? 0 : strides[i]!))).forEach((to, at) => {
      groups[to]!.push(a.data[at]!);
    });
    return known(a.type, keep ? kept : kept.filter((_, i) => !axes.includes(i)), groups.map(f));
  };

const reshaped = (a: Known, shape: readonly number[]): Known | null =>
  sizeOf(shape) === a.data.length ? { ...a, shape } : null;

/** The shape that Reshape gives: 0 keeps a dimension, -1 is what is left. */
export function reshapedShape(
  from: readonly number[],
  wanted: readonly number[],
  allowZero: boolean,
): readonly number[] | null {
  const shape = wanted.map((n, i) => (n === 0 && !allowZero ? (from[i] ?? 0) : n));
  const free = shape.indexOf(-1);
  const rest = shape.reduce((size, n) => (n === -1 ? size : size * n), 1);
  if (free >= 0) shape[free] = sizeOf(from) / rest;
  return sizeOf(shape) === sizeOf(from) && shape.every((n) => Number.isInteger(n) && n >= 0) ? shape : null;
}

export function unsqueezedShape(from: readonly number[], axes: readonly number[]): number[] {
  const shape = [...from];
  for (const axis of [...axes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  return shape;
}

export function squeezedShape(from: readonly number[], axes: readonly number[] | null): number[] {
  return from.filter((n, i) => (axes === null ? n !== 1 : !axes.includes(i)));
}

/** Start and end of one axis of Slice with step 1, as the standard clamps them. */
export function sliceRange(size: number, start: number, end: number): [number, number] {
  const clamp = (at: number) => Math.min(size, Math.max(0, at < 0 ? at + size : at));
  return [clamp(start), clamp(end)];
}

const slice: Operator = ([a, starts, ends, axesInput, steps]) => {
  if (a == null || starts == null || ends == null) return null;
  const axes =
    axesInput == null ? Array.from(starts.data, (_, i) => i) : axesOf(new Map(), axesInput, a.shape.length)!;
  if (steps != null && !every(steps, 1)) return null;
  const picks = a.shape.map((n) => range(n, 1));
  for (const [i, axis] of axes.entries()) {
    if (picks[axis] === undefined) return null;
    picks[axis] = picks[axis].slice(...sliceRange(a.shape[axis]!, starts.data[i]!, ends.data[i]!));
  }
  return picked(a, picks);
};

/** The numbers at the chosen places of each axis. */
function picked(a: Known, picks: readonly (readonly number[])[]): Known {
  const strides = stridesOf(a.shape);
  const places = offsets(picks.map((pick, i) => pick.map((n) => n * strides[i]!)));
  return known(
    a.type,
    picks.map(({ length }) => length),
    places.map((at) => a.data[at]!),
  );
}

const gather: Operator = ([a, chosen], attributes) => {
  if (a == null || chosen == null) return null;
  const axis = (intOf(attributes, "axis", 0) + a.shape.length) % Math.max(1, a.shape.length);
  const size = a.shape[axis]!;
  const rows = Array.from(chosen.data, (i) => (i < 0 ? i + size : i));
  if (rows.some((i) => i < 0 || i >= size)) return null;
  const flat = picked(
    a,
    a.shape.map((n, i) => (i === axis ? rows : Array.from({ length: n }, (_, j) => j))),
  );
  return reshaped(flat, [...a.shape.slice(0, axis), ...chosen.shape, ...a.shape.slice(axis + 1)]);
};

const concat: Operator = (inputs, attributes) => {
  const parts = inputs.filter((part): part is Known => part !== null);
  const first = parts[0];
  if (first === undefined || parts.length !== inputs.length) return null;
  const axis = (intOf(attributes, "axis", 0) + first.shape.length) % Math.max(1, first.shape.length);
  const inner = (part: Known) => sizeOf(part.shape.slice(axis));
  const outer = sizeOf(first.shape.slice(0, axis));
  const data: number[] = [];
  for (let i = 0; i < outer; i++)
    for (const part of parts)
      for (let j = 0; j < inner(part); j++) data.push(part.data[i * inner(part) + j]!);
  const shape = first.shape.map((n, i) =>
    i === axis ? parts.reduce((sum, p) => sum + p.shape[axis]!, 0) : n,
  );
  return sizeOf(shape) === data.length ? known(first.type, shape, data) : null;
};

const transpose: Operator = ([a], attributes) => {
  if (a == null) return null;
  const given = attributes.get("perm");
  const perm = Array.isArray(given) ? (given as number[]) : a.shape.map((_, i) => a.shape.length - 1 - i);
  const shape = perm.map((axis) => a.shape[axis]!);
  const strides = stridesOf(a.shape);
  const places = offsets(shape.map((n, i) => range(n, strides[perm[i]!]!)));
  return known(
    a.type,
    shape,
    a.type === "float" ? pickFloats(a.data, places) : places.map((at) => a.data[at]!),
  );
};

/** A weight that was stored the other way round stays float32. */
function pickFloats(data: Known["data"], places: Float64Array): Known["data"] {
  const result =
    data instanceof Float32Array ? new Float32Array(places.length) : new Float64Array(places.length);
  places.forEach((from, at) => {
    result[at] = data[from]!;
  });
  return result;
}

const cumSum: Operator = ([a, axisInput], attributes) => {
  if (a == null || axisInput == null) return null;
  if (intOf(attributes, "exclusive", 0) !== 0 || intOf(attributes, "reverse", 0) !== 0) return null;
  const axis = (axisInput.data[0]! + a.shape.length) % a.shape.length;
  const stride = stridesOf(a.shape)[axis]!;
  const data = Float64Array.from(a.data);
  const size = a.shape[axis]! * stride;
  for (let at = 0; at < data.length; at++) if (at % size >= stride) data[at] = data[at - stride]! + data[at]!;
  return known(a.type, a.shape, data);
};

/** Types of TensorProto that Cast may give. */
const CASTS: Readonly<Record<number, Known["type"]>> = {
  1: "float",
  6: "int",
  7: "int",
  9: "bool",
  10: "float",
  11: "float",
  16: "float",
};

export function castType(attributes: Attributes): Known["type"] | null {
  return CASTS[intOf(attributes, "to", 0)] ?? null;
}

const cast: Operator = ([a], attributes) => {
  const type = castType(attributes);
  if (a == null || type === null) return null;
  if (type === a.type) return a;
  const convert = { float: (x: number) => x, int: Math.trunc, bool: (x: number) => (x === 0 ? 0 : 1) }[type];
  return known(type, a.shape, Array.from(a.data, convert));
};

const toShape = (shape: Known) => Array.from(shape.data);

const OPERATORS: Readonly<Record<string, Operator>> = {
  Identity: ([a]) => a ?? null,
  Cast: cast,
  CastLike: ([a, b]) => (a != null && b != null && a.type === b.type ? a : null),
  Shape: ([a], attributes) => (a == null ? null : shapeValue(a.shape, attributes)),
  Gather: gather,
  Slice: slice,
  Concat: concat,
  Transpose: transpose,
  CumSum: cumSum,
  Unsqueeze: ([a, axes], attributes) => {
    if (a == null) return null;
    const given = attributes.get("axes") ?? (axes == null ? null : Array.from(axes.data));
    if (!Array.isArray(given)) return null;
    const rank = a.shape.length + given.length;
    return reshaped(
      a,
      unsqueezedShape(
        a.shape,
        (given as number[]).map((n) => (n < 0 ? n + rank : n)),
      ),
    );
  },
  Squeeze: ([a, axes], attributes) =>
    a == null ? null : reshaped(a, squeezedShape(a.shape, axesOf(attributes, axes, a.shape.length))),
  Reshape: ([a, shape], attributes) => {
    if (a == null || shape == null) return null;
    const wanted = reshapedShape(a.shape, toShape(shape), intOf(attributes, "allowzero", 0) === 1);
    return wanted === null ? null : reshaped(a, wanted);
  },
  Expand: ([a, shape]) => {
    if (a == null || shape == null) return null;
    const to = broadcast(a.shape, toShape(shape));
    return to === null ? null : known(a.type, to, spread(a, to));
  },
  ConstantOfShape: ([shape], attributes) => {
    if (shape == null) return null;
    const value = attributes.get("value");
    const filler = typeof value === "object" && "kind" in value ? value : known("float", [1], [0]);
    const size = toShape(shape);
    return known(filler.type, size, new Array<number>(sizeOf(size)).fill(filler.data[0]!));
  },
  Range: ([start, limit, delta]) => {
    if (start == null || limit == null || delta == null) return null;
    const [from, to, step] = [start.data[0]!, limit.data[0]!, delta.data[0]!];
    const length = Math.max(0, Math.ceil((to - from) / step));
    return known(
      start.type,
      [length],
      Array.from({ length }, (_, i) => from + i * step),
    );
  },
  Where: ([condition, a, b]) => {
    if (condition == null || a == null || b == null) return null;
    const both = broadcast(a.shape, b.shape);
    const shape = both === null ? null : broadcast(condition.shape, both);
    if (shape === null) return null;
    const [c, x, y] = [spread(condition, shape), spread(a, shape), spread(b, shape)];
    return known(
      a.type,
      shape,
      Array.from(c, (yes, i) => (yes === 0 ? y[i]! : x[i]!)),
    );
  },
  Clip: ([a, least, most]) =>
    a == null
      ? null
      : known(
          a.type,
          a.shape,
          Array.from(a.data, (x) =>
            Math.min(
              most?.data[0] ?? Number.POSITIVE_INFINITY,
              Math.max(least?.data[0] ?? Number.NEGATIVE_INFINITY, x),
            ),
          ),
        ),
  Add: binary((x, y) => x + y),
  Sub: binary((x, y) => x - y),
  Mul: binary((x, y) => x * y),
  Div: binary((x, y, integers) => (integers ? Math.trunc(x / y) : x / y)),
  Pow: binary((x, y) => x ** y),
  Min: binary((x, y) => Math.min(x, y)),
  Max: binary((x, y) => Math.max(x, y)),
  Equal: binary((x, y) => (x === y ? 1 : 0), "bool"),
  Less: binary((x, y) => (x < y ? 1 : 0), "bool"),
  LessOrEqual: binary((x, y) => (x <= y ? 1 : 0), "bool"),
  Greater: binary((x, y) => (x > y ? 1 : 0), "bool"),
  GreaterOrEqual: binary((x, y) => (x >= y ? 1 : 0), "bool"),
  And: binary((x, y) => x * y, "bool"),
  Or: binary((x, y) => Math.max(x, y), "bool"),
  Not: unary((x) => (x === 0 ? 1 : 0), "bool"),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  IsNaN: unary((x) => (Number.isNaN(x) ? 1 : 0), "bool"),
  ReduceSum: reduce((values) => values.reduce((sum, x) => sum + x, 0)),
  ReduceMax: reduce((values) => Math.max(...values)),
  ReduceMin: reduce((values) => Math.min(...values)),
};

/** What Shape gives for a value of this shape. */
export function shapeValue(shape: readonly number[], attributes: Attributes): Known {
  const rank = shape.length;
  const at = (name: string, otherwise: number) => {
    const value = intOf(attributes, name, otherwise);
    return value < 0 ? value + rank : value;
  };
  const part = shape.slice(at("start", 0), at("end", rank));
  return known("int", [part.length], part);
}
