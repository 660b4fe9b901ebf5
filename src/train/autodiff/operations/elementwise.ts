/**
 * Operations entry by entry. Two operands are broadcast as numpy does.
 *
 * Where a derivative jumps, one side is taken: that of relu, abs and sign at 0 is 0; of two equal operands of maximum
 * and minimum the second has the gradient.
 */
import type { BinaryKind, UnaryKind } from "../operation.js";
import { broadcastShape, sameShape } from "../shape.js";
import { type Backward, floats, type Tensor } from "../tape.js";
import { sumTo, unrepeated } from "./broadcast.js";

function unary(kind: UnaryKind, x: Tensor, backward: Backward | null): Tensor {
  floats(x);
  return x.tape.record({ kind }, [x], x.shape, [backward]);
}

type Rule = (gradient: Tensor, output: Tensor, a: Tensor, b: Tensor) => Tensor;

function binary(
  kind: BinaryKind,
  first: Tensor,
  second: Tensor,
  rules: readonly [Rule, Rule] | null,
): Tensor {
  floats(first, second);
  const shape = broadcastShape(first.shape, second.shape);
  const a = unrepeated(first, shape, second);
  const b = unrepeated(second, shape, a);
  const back = (rule: Rule | undefined, x: Tensor): Backward | null =>
    rule === undefined ? null : (g, y) => sumTo(rule(g, y, a, b), x.shape);
  return a.tape.record({ kind }, [a, b], shape, [back(rules?.[0], a), back(rules?.[1], b)]);
}

export function add(a: Tensor, b: Tensor): Tensor {
  return binary("add", a, b, [(g) => g, (g) => g]);
}

export function sub(a: Tensor, b: Tensor): Tensor {
  return binary("sub", a, b, [(g) => g, (g) => neg(g)]);
}

export function mul(a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(a.shape, b.shape);
  if (isOne(a) && sameShape(b.shape, shape)) return b;
  if (isOne(b) && sameShape(a.shape, shape)) return a;
  return binary("mul", a, b, [(g, _, _a, y) => mul(g, y), (g, _, x) => mul(g, x)]);
}

export function div(a: Tensor, b: Tensor): Tensor {
  if (isOne(b) && sameShape(a.shape, broadcastShape(a.shape, b.shape))) return a;
  return binary("div", a, b, [(g, _, _a, y) => div(g, y), (g, out, _a, y) => neg(div(mul(g, out), y))]);
}

/** The number 1, repeated or not. */
function isOne(x: Tensor): boolean {
  const { operation, inputs } = x.tape.node(x);
  if (operation.kind === "broadcast" || operation.kind === "reshape") return isOne(inputs[0]!);
  return operation.kind === "constant" && operation.data.length === 1 && operation.data[0] === 1;
}

/** 1 where a > b, else 0; without gradient. */
export function greater(a: Tensor, b: Tensor): Tensor {
  return binary("greater", a, b, null);
}

export function maximum(a: Tensor, b: Tensor): Tensor {
  return binary("maximum", a, b, [
    (g, _, x, y) => mul(g, greater(x, y)),
    (g, _, x, y) => mul(g, sub(x.tape.scalar(1), greater(x, y))),
  ]);
}

export function minimum(a: Tensor, b: Tensor): Tensor {
  return binary("minimum", a, b, [
    (g, _, x, y) => mul(g, greater(y, x)),
    (g, _, x, y) => mul(g, sub(x.tape.scalar(1), greater(y, x))),
  ]);
}

export function neg(x: Tensor): Tensor {
  const { operation, inputs } = x.tape.node(x);
  if (operation.kind === "neg") return inputs[0]!;
  return unary("neg", x, (g) => neg(g));
}

export function scale(x: Tensor, by: number): Tensor {
  return mul(x, x.tape.scalar(by));
}

export function exp(x: Tensor): Tensor {
  return unary("exp", x, (g, y) => mul(g, y));
}

export function log(x: Tensor): Tensor {
  return unary("log", x, (g) => div(g, x));
}

export function tanh(x: Tensor): Tensor {
  return unary("tanh", x, (g, y) => mul(g, sub(x.tape.scalar(1), square(y))));
}

/** Its derivative at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  return unary("sqrt", x, (g, y) => scale(div(g, y), 0.5));
}

export function square(x: Tensor): Tensor {
  return mul(x, x);
}

export function abs(x: Tensor): Tensor {
  return unary("abs", x, (g) => mul(g, sign(x)));
}

/** -1, 0 or 1; without gradient. */
export function sign(x: Tensor): Tensor {
  return unary("sign", x, null);
}

export function relu(x: Tensor): Tensor {
  return unary("relu", x, (g) => mul(g, greater(x, x.tape.scalar(0))));
}

export function sigmoid(x: Tensor): Tensor {
  return unary("sigmoid", x, (g, y) => mul(g, mul(y, sub(x.tape.scalar(1), y))));
}

/** log(1 + exp x), without overflow. */
export function softplus(x: Tensor): Tensor {
  return unary("softplus", x, (g) => mul(g, sigmoid(x)));
}

export function erf(x: Tensor): Tensor {
  return unary("erf", x, (g) => mul(g, scale(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))));
}

/** x times the normal distribution function of x (Hendrycks and Gimpel, 2016), by erf. */
export function gelu(x: Tensor): Tensor {
  const { tape } = x;
  return mul(x, scale(add(erf(scale(x, Math.SQRT1_2)), tape.scalar(1)), 0.5));
}

/** a where the mask isn't 0, else b; all three are broadcast. The mask has no gradient. */
export function where(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  floats(mask, a, b);
  const shape = broadcastShape(mask.shape, broadcastShape(a.shape, b.shape));
  const zero = mask.tape.scalar(0);
  return mask.tape.record({ kind: "where" }, [mask, a, b], shape, [
    null,
    (g) => sumTo(where(mask, g, zero), a.shape),
    (g) => sumTo(where(mask, zero, g), b.shape),
  ]);
}

/** The same values; no gradient goes back through them. */
export function stopGradient(x: Tensor): Tensor {
  floats(x);
  return x.tape.record({ kind: "stop" }, [x], x.shape, [null]);
}
