/** Means, maxima and their smooth relatives along axes. */
import { axisOf, reducedShape } from "../shape.js";
import { floats, type Tensor } from "../tape.js";
import { reshape, sum } from "./broadcast.js";
import { mul, scale, sub } from "./elementwise.js";
import { topMask } from "./select.js";

/** @param axes all of them if left out */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keep = false): Tensor {
  const counted = new Set(axes.map((axis) => axisOf(x.shape, axis)));
  const count = [...counted].reduce((product, axis) => product * x.shape[axis]!, 1);
  return scale(sum(x, axes, keep), 1 / count);
}

/** The largest along an axis; the first of the largest has the gradient. */
export function max(x: Tensor, axis: number, keep = false): Tensor {
  return reduced("max", x, axis, keep, (along) => topMask(x, along, 1));
}

/** log(sum(exp x)) along an axis, without overflow. */
export function logSumExp(x: Tensor, axis: number, keep = false): Tensor {
  return reduced("logSumExp", x, axis, keep, (along) => softmax(x, along));
}

function reduced(
  kind: "max" | "logSumExp",
  x: Tensor,
  axis: number,
  keep: boolean,
  derivative: (along: number) => Tensor,
): Tensor {
  floats(x);
  const along = axisOf(x.shape, axis);
  const kept = reducedShape(x.shape, [along], true);
  return x.tape.record({ kind, axis: along, keep }, [x], reducedShape(x.shape, [along], keep), [
    (g) => mul(reshape(g, kept), derivative(along)),
  ]);
}

export function softmax(x: Tensor, axis: number): Tensor {
  floats(x);
  const along = axisOf(x.shape, axis);
  return x.tape.record({ kind: "softmax", axis: along }, [x], x.shape, [
    (g, y) => mul(y, sub(g, sum(mul(g, y), [along], true))),
  ]);
}
