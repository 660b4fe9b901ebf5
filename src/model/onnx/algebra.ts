/**
 * Constructors of expressions. They keep one form for what exporters write in many: constant factors are moved outwards
 * (to the scores of attention, out of an activation), so is taking the first token, and whole formulas become one
 * expression (a norm from its means and roots, GELU from its error function).
 *
 * Promise: none of this changes what is computed, but for the rounding.
 */
import type { ActivationName } from "../../layers/activation.js";
import type { Expr, FunctionName, Stored } from "./expression.js";
import type { Known } from "./known.js";

/** Whether a number read from a float32 constant is this one. */
export function near(seen: number, wanted: number): boolean {
  return Math.abs(seen - wanted) <= 1e-6 * Math.abs(wanted);
}

/** The decimal number that a float32 constant was written from, if it has at most 7 digits; else the constant. */
export function shortest(value: number): number {
  const decimal = Number(value.toPrecision(7));
  return Math.fround(decimal) === Math.fround(value) ? decimal : value;
}

/** Applies to x what is inside a factor and a "first token". */
export function outward(x: Expr, make: (inner: Expr) => Expr): Expr {
  if (x.op === "scale") return scale(outward(x.x, make), x.by);
  if (x.op === "first") return first(outward(x.x, make));
  return make(x);
}

/** The same for a function that doesn't commute with factors. */
function ofFirst(x: Expr, make: (inner: Expr) => Expr): Expr {
  return x.op === "first" ? first(make(x.x)) : make(x);
}

export function first(x: Expr): Expr {
  return x.op === "first" ? x : { op: "first", x };
}

export function scale(x: Expr, by: number): Expr {
  if (x.op === "first") return first(scale(x.x, by));
  const factor = x.op === "scale" ? x.by * by : by;
  const inner = x.op === "scale" ? x.x : x;
  return factor === 1 ? inner : { op: "scale", x: inner, by: factor };
}

export function linear(x: Expr, weight: Stored): Expr {
  return ofFirst(x, (inner) => ({ op: "linear", x: inner, weight, bias: null }));
}

/** Outputs `from` to `to` of a linear map, or null if it is none. */
export function part(x: Expr, from: number, to: number): Expr | null {
  if (x.op === "first") {
    const inner = part(x.x, from, to);
    return inner === null ? null : first(inner);
  }
  if (x.op !== "linear") return null;
  const { weight, bias } = x;
  return {
    ...x,
    weight: { ...weight, from: weight.from + from, to: weight.from + to },
    bias: bias === null ? null : { ...bias, from: bias.from + from, to: bias.from + to },
  };
}

export function sum(a: Expr, b: Expr): Expr {
  // What is said of keys holds for every query.
  if (a.op === "first" && isOfKeys(b)) return first(sum(a.x, b));
  if (a.op === "first" && b.op === "first") return first(sum(a.x, b.x));
  return cubic(a, b) ?? cubic(b, a) ?? { op: "sum", a, b };
}

const isOfKeys = (x: Expr): boolean =>
  x.op === "scale" ? isOfKeys(x.x) : x.op === "lengths" && x.turned === "keys";

function cubic(x: Expr, y: Expr): Expr | null {
  const cube = y.op === "scale" && near(y.by, 0.044715) ? y.x : null;
  return cube?.op === "power" && cube.exponent === 3 && cube.x === x ? { op: "cubic", x } : null;
}

export function difference(a: Expr, b: Expr): Expr {
  if (b.op === "mean" && b.x === a)
    return { op: "norm", kind: "center", x: a, epsilon: 0, weight: null, bias: null };
  if (b.op === "first" && a.op === "first") return first(difference(a.x, b.x));
  return sum(a, scale(b, -1));
}

/** x + by, where `by` is one number or a vector along the last axis of size `width`. */
export function shift(x: Expr, by: Known, width: number): Expr {
  if (x.op === "first") return first(shift(x.x, by, width));
  const number = by.data.length === 1 ? by.data[0]! : null;
  if (x.op === "linear" && x.bias === null && (number === null || width === x.weight.to - x.weight.from))
    return { ...x, bias: { value: by, from: 0, to: width } };
  if (x.op === "norm" && x.bias === null && number === null) return { ...x, bias: by };
  if (number === 1) {
    if (x.op === "function" && x.name === "erf" && x.x.op === "scale" && near(x.x.by, Math.SQRT1_2))
      return { op: "gate", name: "gelu", x: x.x.x };
    const argument = x.op === "activation" && x.name === "tanh" ? x.x : null;
    if (argument?.op === "scale" && near(argument.by, Math.sqrt(2 / Math.PI)) && argument.x.op === "cubic")
      return { op: "gate", name: "gelu-tanh", x: argument.x.x };
  }
  return { op: "shift", x, by };
}

/** x times a vector along the last axis. */
export function weigh(x: Expr, by: Known): Expr {
  if (x.op === "first") return first(weigh(x.x, by));
  return x.op === "norm" && x.weight === null && x.bias === null
    ? { ...x, weight: by }
    : { op: "weigh", x, by };
}

export function product(a: Expr, b: Expr): Expr {
  if (a.op === "first" && b.op === "first") return first(product(a.x, b.x));
  if (a.op === "scale") return scale(product(a.x, b), a.by);
  if (b.op === "scale") return scale(product(a, b.x), b.by);
  return formula(a, b) ?? formula(b, a) ?? { op: "product", a, b };
}

function formula(x: Expr, y: Expr): Expr | null {
  if (x === y) return { op: "power", x, exponent: 2 };
  if (y.op === "power" && y.x === x) return { op: "power", x, exponent: y.exponent + 1 };
  if (y.op === "gate" && y.x === x) return scale({ op: "activation", name: y.name, x }, 2);
  if (y.op === "reciprocal") return quotient(x, y.x);
  if (y.op === "shift" && y.by.data.length === 1 && y.by.data[0] === 1) {
    // x (1 + 0.044715 x^2)
    const square = y.x.op === "scale" && near(y.x.by, 0.044715) ? y.x.x : null;
    if (square?.op === "power" && square.exponent === 2 && square.x === x) return { op: "cubic", x };
  }
  if (y.op !== "activation") return null;
  if (y.name === "sigmoid") {
    if (y.x === x) return { op: "activation", name: "silu", x };
    if (y.x.op === "scale" && y.x.x === x && near(y.x.by, 1.702))
      return { op: "activation", name: "quick-gelu", x };
  }
  if (y.name === "tanh" && y.x.op === "activation" && y.x.name === "softplus" && y.x.x === x)
    return { op: "activation", name: "mish", x };
  return null;
}

export function reciprocal(x: Expr): Expr {
  if (x.op === "scale") return scale(reciprocal(x.x), 1 / x.by);
  return ofFirst(x, (inner) => ({ op: "reciprocal", x: inner }));
}

export function quotient(a: Expr, b: Expr): Expr {
  if (a.op === "first" && b.op === "first") return first(quotient(a.x, b.x));
  if (a.op === "scale") return scale(quotient(a.x, b), a.by);
  return rooted(a, b) ?? { op: "quotient", a, b };
}

/** x over the root of (the mean of its squares, or the sum of those of each head, plus epsilon). */
function rooted(x: Expr, root: Expr): Expr | null {
  if (root.op !== "function" || root.name !== "sqrt") return null;
  const { x: inside } = root;
  const shifted = inside.op === "shift" && inside.by.data.length === 1 && !inside.by.usesIds;
  const epsilon = shifted ? shortest(inside.by.data[0]!) : 0;
  const squares = shifted ? inside.x : inside;
  if (squares.op === "lengths" && x.op === "split" && x.x === squares.x && squares.turned === null)
    return { op: "split", x: { op: "unit", x: x.x, epsilon }, heads: x.heads };
  if (squares.op !== "mean" || squares.x.op !== "power" || squares.x.exponent !== 2 || squares.x.x !== x)
    return null;
  if (x.op === "norm" && x.kind === "center" && x.weight === null && x.bias === null)
    return { ...x, kind: "layer", epsilon };
  return { op: "norm", kind: "rms", x, epsilon, weight: null, bias: null };
}

export function power(x: Expr, exponent: number): Expr {
  return ofFirst(x, (inner) => ({ op: "power", x: inner, exponent }));
}

export function activation(name: ActivationName, x: Expr): Expr {
  return ofFirst(x, (inner) => ({ op: "activation", name, x: inner }));
}

export function functionOf(name: FunctionName, x: Expr): Expr {
  return ofFirst(x, (inner) => ({ op: "function", name, x: inner }));
}

export function mean(x: Expr): Expr {
  return ofFirst(x, (inner) => ({ op: "mean", x: inner }));
}

export function total(x: Expr): Expr {
  return ofFirst(x, (inner) =>
    inner.op === "power" && inner.exponent === 2 && inner.x.op === "split"
      ? { op: "lengths", x: inner.x.x, heads: inner.x.heads, turned: null }
      : { op: "total", x: inner },
  );
}
