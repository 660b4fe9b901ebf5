/**
 * ONNX operators on values of which at least one is an expression: what they make of it, and the shape.
 *
 * Each is for the forms that encoders need; null stands for any other form.
 */
import type { ActivationName } from "../../layers/activation.js";
import {
  activation,
  difference,
  first,
  functionOf,
  linear,
  mean,
  part,
  power,
  product,
  quotient,
  reciprocal,
  scale,
  shift,
  shortest,
  sum,
  total,
  weigh,
} from "./algebra.js";
import { mixed, mixedStage, scores, softmax, split, turned } from "./attention-algebra.js";
import {
  axesOf,
  castType,
  intOf,
  reshapedShape,
  sliceRange,
  squeezedShape,
  unsqueezedShape,
} from "./evaluate.js";
import type { Expr, Symbolic, Value } from "./expression.js";
import { broadcast, every, type Known, sameShape, scalarOf, sizeOf } from "./known.js";
import type { AttributeValue } from "./parse.js";

type Attributes = ReadonlyMap<string, AttributeValue>;
type Operator = (
  inputs: readonly Value[],
  attributes: Attributes,
  outputs: number,
) => readonly (Symbolic | Known)[] | null;

const symbolic = (shape: readonly number[], expr: Expr | null): readonly Symbolic[] | null =>
  expr === null ? null : [{ kind: "symbolic", shape, expr }];

const unary =
  (make: (x: Expr) => Expr): Operator =>
  ([x]) =>
    x?.kind === "symbolic" ? symbolic(x.shape, make(x.expr)) : null;

const named = (name: ActivationName): Operator => unary((x) => activation(name, x));

const same: Operator = ([x]) => (x === null || x === undefined ? null : [x]);

const isSymbolic = (x: Value | undefined): x is Symbolic => x?.kind === "symbolic";
const isKnown = (x: Value | undefined): x is Known => x?.kind === "known";

/** Whether a known value changes no shape when it is combined with x, and doesn't depend on the ids. */
const fits = (x: Symbolic, by: Known): boolean => {
  const shape = broadcast(x.shape, by.shape);
  return shape !== null && sameShape(shape, x.shape) && !by.usesIds;
};

/** A vector along the last axis of tokens, be it written with leading dimensions of 1. */
const isVector = (x: Symbolic, by: Known): boolean =>
  x.shape.length <= 3 &&
  fits(x, by) &&
  by.data.length > 1 &&
  by.data.length === by.shape.at(-1) &&
  by.data.length === x.shape.at(-1);

function added(x: Symbolic, by: Known): readonly Symbolic[] | null {
  if (isVector(x, by) && by.type === "float") return symbolic(x.shape, shift(x.expr, by, by.data.length));
  if (!fits(x, by)) return null;
  // A mask of which all is open.
  if (by.data.length !== 1 || x.shape.length === 4) if (every(by, 0)) return [x];
  return scalarOf(by) === null ? null : symbolic(x.shape, shift(x.expr, by, x.shape.at(-1) ?? 1));
}

const add: Operator = ([a, b]) => {
  if (isSymbolic(a) && isSymbolic(b)) {
    const shape = broadcast(a.shape, b.shape);
    return shape === null ? null : symbolic(shape, sum(a.expr, b.expr));
  }
  if (isSymbolic(a) && isKnown(b)) return added(a, b);
  return isSymbolic(b) && isKnown(a) ? added(b, a) : null;
};

const subtract: Operator = ([a, b]) => {
  if (!isSymbolic(a)) return null;
  if (isSymbolic(b)) {
    const shape = broadcast(a.shape, b.shape);
    return shape === null ? null : symbolic(shape, difference(a.expr, b.expr));
  }
  return isKnown(b) && fits(a, b) && every(b, 0) ? [a] : null;
};

function times(x: Symbolic, by: Known, factor: (y: number) => number): readonly Symbolic[] | null {
  if (!fits(x, by)) return null;
  const number = scalarOf(by);
  if (number !== null) return symbolic(x.shape, scale(x.expr, factor(number)));
  // All the same: a mask, or a number that is written for each sequence.
  if (every(by, by.data[0]!) && !isVector(x, by))
    return symbolic(x.shape, scale(x.expr, factor(by.data[0]!)));
  return null;
}

const multiply: Operator = ([a, b]) => {
  if (isSymbolic(a) && isSymbolic(b)) {
    const shape = broadcast(a.shape, b.shape);
    return shape === null ? null : symbolic(shape, product(a.expr, b.expr));
  }
  const [x, by] = isSymbolic(a) ? [a, b] : [b, a];
  if (!isSymbolic(x) || !isKnown(by)) return null;
  return isVector(x, by) ? symbolic(x.shape, weigh(x.expr, by)) : times(x, by, (y) => y);
};

const divide: Operator = ([a, b]) => {
  if (isSymbolic(a) && isSymbolic(b)) {
    const shape = broadcast(a.shape, b.shape);
    return shape === null ? null : symbolic(shape, quotient(a.expr, b.expr));
  }
  if (isSymbolic(a) && isKnown(b)) return times(a, b, (y) => 1 / y);
  if (isSymbolic(b) && isKnown(a)) {
    const number = scalarOf(a);
    return number === null ? null : symbolic(b.shape, scale(reciprocal(b.expr), number));
  }
  return null;
};

const matMul: Operator = ([a, b]) => {
  if (!isSymbolic(a)) return null;
  if (isKnown(b)) {
    if (b.shape.length !== 2 || b.usesIds || a.shape.at(-1) !== b.shape[0] || b.type !== "float") return null;
    const out = b.shape[1]!;
    const weight = { value: b, transposed: true, from: 0, to: out };
    return symbolic([...a.shape.slice(0, -1), out], linear(a.expr, weight));
  }
  if (!isSymbolic(b) || a.shape.length !== 4 || b.shape.length !== 4) return null;
  if (a.shape[3] !== b.shape[2] || a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1]) return null;
  const shape = [...a.shape.slice(0, 3), b.shape[3]!];
  return symbolic(shape, scores(a.expr, b.expr) ?? mixed(a.expr, b.expr));
};

const gemm: Operator = ([x, w, c], attributes) => {
  if (!isSymbolic(x) || x.shape.length !== 2 || !isKnown(w) || w.shape.length !== 2 || w.usesIds) return null;
  if ((attributes.get("alpha") ?? 1) !== 1 || (attributes.get("beta") ?? 1) !== 1) return null;
  if (intOf(attributes, "transA", 0) !== 0) return null;
  const transposed = intOf(attributes, "transB", 0) === 0;
  const [into, out] = (transposed ? w.shape : [w.shape[1], w.shape[0]]) as [number, number];
  if (into !== x.shape[1]) return null;
  const y = linear(x.expr, { value: w, transposed, from: 0, to: out });
  const shape = [x.shape[0]!, out];
  if (c === null || c === undefined) return symbolic(shape, y);
  return isKnown(c) ? added({ kind: "symbolic", shape, expr: y }, c) : null;
};

const layerNormalization: Operator = ([x, weight, bias], attributes) => {
  if (!isSymbolic(x) || !isKnown(weight) || !isVector(x, weight)) return null;
  const axis = intOf(attributes, "axis", -1);
  if (axis !== -1 && axis !== x.shape.length - 1) return null;
  if (bias != null && (!isKnown(bias) || !isVector(x, bias))) return null;
  const epsilon = attributes.get("epsilon");
  const make = (inner: Expr): Expr => ({
    op: "norm",
    kind: "layer",
    x: inner,
    epsilon: shortest(typeof epsilon === "number" ? epsilon : 1e-5),
    weight,
    bias: bias ?? null,
  });
  return symbolic(x.shape, x.expr.op === "first" ? first(make(x.expr.x)) : make(x.expr));
};

const transpose: Operator = ([x], attributes) => {
  const perm = attributes.get("perm");
  if (!isSymbolic(x) || !Array.isArray(perm) || perm.length !== 4) return null;
  const order = perm.join("");
  const shape = (perm as number[]).map((axis) => x.shape[axis]!);
  const { expr } = x;
  if (order === "0213") {
    // To heads, or back from them.
    const back = mixedStage(expr, "heads", "tokens");
    return symbolic(shape, back ?? (bare(expr).op === "split" ? turned("heads", expr) : null));
  }
  if (order === "0231" && ["split", "lengths"].includes(bare(expr).op))
    return symbolic(shape, turned("keys", expr));
  if (order === "0132") {
    if (bare(expr).op === "heads") return symbolic(shape, turned("keys", expr));
    if (bare(expr).op === "keys") return symbolic(shape, turned("heads", expr));
  }
  return null;
};

const bare = (x: Expr): Expr => (x.op === "scale" || x.op === "first" ? bare(x.x) : x);

function toShape(x: Symbolic, shape: readonly number[]): readonly Symbolic[] | null {
  const from = x.shape;
  if (sameShape(shape, from)) return [x];
  if (sizeOf(shape) !== sizeOf(from)) return null;
  const agree = shape[0] === from[0] && shape[1] === from[1];
  if (from.length === 3 && shape.length === 4 && agree && bare(x.expr).op !== "mixed")
    return symbolic(shape, split(x.expr, shape[2]!));
  if (from.length === 4 && shape.length === 3 && agree)
    return symbolic(shape, mixedStage(x.expr, "tokens", "merged"));
  // Dimensions of 1 come and go where there is one token left.
  const core = (s: readonly number[]) => [s[0]!, ...s.slice(1).filter((n) => n !== 1)];
  const single = x.expr.op === "first" && sameShape(core(shape), core(from));
  return single && shape.length <= 3 && from.length <= 3 ? symbolic(shape, x.expr) : null;
}

const reshape: Operator = ([x, wanted], attributes) => {
  if (!isSymbolic(x) || !isKnown(wanted) || wanted.usesIds) return null;
  const shape = reshapedShape(x.shape, Array.from(wanted.data), intOf(attributes, "allowzero", 0) === 1);
  return shape === null ? null : toShape(x, shape);
};

const gather: Operator = ([x, chosen], attributes) => {
  if (!isSymbolic(x) || !isKnown(chosen) || x.shape.length !== 3) return null;
  const axis = intOf(attributes, "axis", 0);
  const one = chosen.data.length === 1 && chosen.data[0] === 0 && !chosen.usesIds;
  if (!one || (axis !== 1 && axis !== -2)) return null;
  return symbolic([x.shape[0]!, ...chosen.shape, x.shape[2]!], first(x.expr));
};

const slice: Operator = ([x, starts, ends, axesInput, steps]) => {
  if (!isSymbolic(x) || !isKnown(starts) || !isKnown(ends) || starts.data.length !== 1) return null;
  if (isKnown(steps) && !every(steps, 1)) return null;
  const axes = isKnown(axesInput) ? axesOf(new Map(), axesInput, x.shape.length)! : [0];
  const [axis] = axes as [number];
  const size = x.shape[axis]!;
  const [from, to] = sliceRange(size, starts.data[0]!, ends.data[0]!);
  const shape = x.shape.map((n, i) => (i === axis ? to - from : n));
  if (from === 0 && to === size && !(axis === 1 && x.shape.length === 3)) return [x];
  if (axis === x.shape.length - 1) return symbolic(shape, part(x.expr, from, to));
  return x.shape.length === 3 && axis === 1 && from === 0 && to === 1 ? symbolic(shape, first(x.expr)) : null;
};

const splitParts: Operator = ([x, sizesInput], attributes, outputs) => {
  if (!isSymbolic(x)) return null;
  const axis = intOf(attributes, "axis", 0);
  if (axis !== -1 && axis !== x.shape.length - 1) return null;
  const given = attributes.get("split") ?? (isKnown(sizesInput) ? Array.from(sizesInput.data) : null);
  const width = x.shape.at(-1)!;
  const sizes = Array.isArray(given) ? (given as number[]) : new Array<number>(outputs).fill(width / outputs);
  if (sizes.length !== outputs || sizes.reduce((a, b) => a + b, 0) !== width) return null;
  let at = 0;
  const parts: Symbolic[] = [];
  for (const size of sizes) {
    const expr = part(x.expr, at, at + size);
    if (expr === null) return null;
    parts.push({ kind: "symbolic", shape: [...x.shape.slice(0, -1), size], expr });
    at += size;
  }
  return parts;
};

/** Over the last axis, or over the tokens: then it is a pooling. */
const reduction =
  (last: (x: Expr) => Expr, pooled: "mean" | "sum" | null): Operator =>
  ([x, axesInput], attributes) => {
    if (!isSymbolic(x)) return null;
    const rank = x.shape.length;
    const axes = axesOf(attributes, isKnown(axesInput) ? axesInput : null, rank);
    if (axes === null || axes.length !== 1) return null;
    const keep = intOf(attributes, "keepdims", 1) === 1;
    const shape = keep
      ? x.shape.map((n, i) => (i === axes[0] ? 1 : n))
      : x.shape.filter((_, i) => i !== axes[0]);
    if (axes[0] === rank - 1) return keep ? symbolic(shape, last(x.expr)) : null;
    if (axes[0] !== 1 || rank !== 3 || pooled === null || x.expr.op === "first") return null;
    return symbolic(shape, { op: "pool", kind: pooled, x: x.expr });
  };

const softmaxOf: Operator = ([x], attributes) => {
  if (!isSymbolic(x)) return null;
  const axis = intOf(attributes, "axis", -1);
  return axis === -1 || axis === x.shape.length - 1 ? symbolic(x.shape, softmax(x.expr)) : null;
};

const where: Operator = ([condition, a, b]) => {
  if (isKnown(condition)) {
    const chosen = every(condition, 0) ? b : every(condition, 1) ? a : null;
    return isSymbolic(chosen) && fits(chosen, condition) ? [chosen] : null;
  }
  // What a row without an open key would give: NaN, replaced by 0.
  const tested = isSymbolic(condition) && condition.expr.op === "function" ? condition.expr : null;
  return tested?.name === "is-nan" && isSymbolic(b) && b.expr === tested.x && isKnown(a) && every(a, 0)
    ? [b]
    : null;
};

const powerOf: Operator = ([x, exponent]) => {
  const number = isKnown(exponent) ? scalarOf(exponent) : null;
  return isSymbolic(x) && number !== null ? symbolic(x.shape, power(x.expr, number)) : null;
};

export const SYMBOLIC: Readonly<Record<string, Operator>> = {
  Identity: same,
  Dropout: (inputs, attributes, outputs) => (outputs === 1 ? same(inputs, attributes, 1) : null),
  Cast: ([x], attributes) => (isSymbolic(x) && castType(attributes) === "float" ? [x] : null),
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Pow: powerOf,
  Sqrt: unary((x) => functionOf("sqrt", x)),
  Reciprocal: unary(reciprocal),
  Erf: unary((x) => functionOf("erf", x)),
  Exp: unary((x) => functionOf("exp", x)),
  IsNaN: unary((x) => functionOf("is-nan", x)),
  Relu: named("relu"),
  Tanh: named("tanh"),
  Sigmoid: named("sigmoid"),
  Softplus: named("softplus"),
  Mish: named("mish"),
  Elu: (inputs, attributes) =>
    (attributes.get("alpha") ?? 1) === 1 ? named("elu")(inputs, attributes, 1) : null,
  Gelu: (inputs, attributes) =>
    named(attributes.get("approximate") === "tanh" ? "gelu-tanh" : "gelu")(inputs, attributes, 1),
  MatMul: matMul,
  Gemm: gemm,
  LayerNormalization: (inputs, attributes, outputs) =>
    outputs === 1 ? layerNormalization(inputs, attributes, 1) : null,
  Softmax: softmaxOf,
  Transpose: transpose,
  Reshape: reshape,
  Flatten: ([x], attributes) =>
    isSymbolic(x) && intOf(attributes, "axis", 1) === 1
      ? toShape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))])
      : null,
  Squeeze: ([x, axes], attributes) =>
    isSymbolic(x)
      ? toShape(x, squeezedShape(x.shape, axesOf(attributes, isKnown(axes) ? axes : null, x.shape.length)))
      : null,
  Unsqueeze: ([x, axes], attributes) => {
    const given = isSymbolic(x) ? axesOf(attributes, isKnown(axes) ? axes : null, x.shape.length + 1) : null;
    if (!isSymbolic(x) || given === null) return null;
    // Rows of a table for every sequence alike.
    const shape = unsqueezedShape(x.shape, given);
    return x.expr.op === "lookup" && shape[0] === 1 ? symbolic(shape, x.expr) : toShape(x, shape);
  },
  Expand: ([x, shape]) => {
    if (!isSymbolic(x) || !isKnown(shape) || shape.usesIds) return null;
    const to = broadcast(x.shape, Array.from(shape.data));
    return to !== null && (x.expr.op === "lookup" || sameShape(to, x.shape)) ? symbolic(to, x.expr) : null;
  },
  Gather: gather,
  Slice: slice,
  Split: splitParts,
  ReduceMean: reduction(mean, "mean"),
  ReduceSum: reduction(total, "sum"),
  ReduceSumSquare: reduction((x) => total(power(x, 2)), null),
  Where: where,
};
