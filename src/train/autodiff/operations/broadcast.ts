/**
 * Reshaping, repeating and summing: the gradient of each is made of the others. A broadcast operand's gradient is summed
 * back over what was repeated.
 */
import { axisOf, broadcastShape, reducedShape, sameShape, show, sizeOf } from "../shape.js";
import { floats, type Tensor } from "../tape.js";

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (sizeOf(shape) !== sizeOf(x.shape))
    throw new Error(`${show(x.shape)} can't be reshaped to ${show(shape)}`);
  if (sameShape(x.shape, shape)) return x;
  const { operation, inputs } = x.tape.node(x);
  if (operation.kind === "reshape") return reshape(inputs[0]!, shape);
  return x.tape.record({ kind: "reshape" }, [x], shape, [(g) => reshape(g, x.shape)], x.type);
}

/** As numpy's broadcast_to. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  floats(x);
  if (!sameShape(broadcastShape(x.shape, shape), shape))
    throw new Error(`${show(x.shape)} can't be broadcast to ${show(shape)}`);
  if (sameShape(x.shape, shape)) return x;
  return x.tape.record({ kind: "broadcast" }, [x], shape, [(g) => sumTo(g, x.shape)]);
}

/** @param axes negative ones count from the back; all axes if left out */
export function sum(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keep = false): Tensor {
  floats(x);
  const counted = [...new Set(axes.map((axis) => axisOf(x.shape, axis)))].sort((a, b) => a - b);
  const kept = reducedShape(x.shape, counted, true);
  const shape = reducedShape(x.shape, counted, keep);
  if (counted.every((axis) => x.shape[axis] === 1)) return reshape(x, shape);
  return x.tape.record({ kind: "sum", axes: counted, keep }, [x], shape, [
    (g) => broadcastTo(reshape(g, kept), x.shape),
  ]);
}

/** Sums over what broadcasting `shape` to x's shape repeated. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dimension, i) =>
    i < lead || (shape[i - lead] === 1 && dimension !== 1) ? [i] : [],
  );
  return reshape(sum(x, axes), shape);
}

/** An operand for broadcasting to `shape`: before it was repeated, where that does as well. */
export function unrepeated(x: Tensor, shape: readonly number[], other: Tensor): Tensor {
  const { operation, inputs } = x.tape.node(x);
  if (operation.kind !== "broadcast") return x;
  return sameShape(broadcastShape(inputs[0]!.shape, other.shape), shape) ? inputs[0]! : x;
}
