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
import { mixed, scores, softmax } from "./attention-algebra.js";
import { axesOf, castType, intOf } from "./evaluate.js";
import type { Expr, Symbolic } from "./expression.js";
import { broadcast, every, type Known, scalarOf } from "./known.js";
import { fits, isKnown, isSymbolic, isVector, type Operator, symbolic } from "./operator.js";
import { SHAPES } from "./shape-operators.js";

const unary =
  (make: (x: Expr) => Expr): Operator =>
  ([x]) =>
    x?.kind === "symbolic" ? symbolic(x.shape, make(x.expr)) : null;

const named = (name: ActivationName): Operator => unary((x) => activation(name, x));

const same: Operator = ([x]) => (x === null || x === undefined ? null : [x]);

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
  // All the same: a mask, or a number that is written for each sequence.
  if (!fits(x, by) || !every(by, by.data[0]!)) return null;
  const number = factor(by.data[0]!);
  return Number.isFinite(number) && number !== 0 ? symbolic(x.shape, scale(x.expr, number)) : null;
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
  Dropout: (...given) => (given[2] === 1 ? same(...given) : null),
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
  Elu: (...given) => ((given[1].get("alpha") ?? 1) === 1 ? named("elu")(...given) : null),
  Gelu: (...given) => named(given[1].get("approximate") === "tanh" ? "gelu-tanh" : "gelu")(...given),
  MatMul: matMul,
  Gemm: gemm,
  LayerNormalization: (...given) => (given[2] === 1 ? layerNormalization(...given) : null),
  Softmax: softmaxOf,
  ...SHAPES,
  ReduceMean: reduction(mean, "mean"),
  ReduceSum: reduction(total, "sum"),
  ReduceSumSquare: reduction((x) => total(power(x, 2)), null),
  Where: where,
};
