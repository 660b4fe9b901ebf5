/** Axes in another order, parts of a tensor, tensors side by side. */
import { axisOf, sameShape, show } from "../shape.js";
import { floats, type Tensor } from "../tape.js";

/** Axis i of the result is axis permutation[i] of x. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  floats(x);
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== x.shape.length || !sorted.every((axis, i) => axis === i))
    throw new Error(`${show(permutation)} doesn't permute the axes of ${show(x.shape)}`);
  if (permutation.every((axis, i) => axis === i)) return x;
  const { operation, inputs } = x.tape.node(x);
  if (operation.kind === "transpose")
    return transpose(
      inputs[0]!,
      permutation.map((axis) => operation.permutation[axis]!),
    );
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return x.tape.record(
    { kind: "transpose", permutation: [...permutation] },
    [x],
    permutation.map((axis) => x.shape[axis]!),
    [(g) => transpose(g, inverse)],
  );
}

/** Entries begin to end - 1 along an axis; a negative begin or end counts from the back. */
export function slice(x: Tensor, axis: number, begin: number, end: number): Tensor {
  floats(x);
  const along = axisOf(x.shape, axis);
  const size = x.shape[along]!;
  const from = begin < 0 ? begin + size : begin;
  const to = end < 0 ? end + size : end;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > size || from >= to)
    throw new Error(`the slice is ${begin} to ${end}; axis ${axis} of ${show(x.shape)} has ${size} entries`);
  if (to - from === size) return x;
  const shape = x.shape.map((dimension, i) => (i === along ? to - from : dimension));
  return x.tape.record({ kind: "slice", axis: along, begin: from, end: to }, [x], shape, [
    (g) => pad(g, along, from, size - to),
  ]);
}

/** Zeros before and after along an axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  floats(x);
  const along = axisOf(x.shape, axis);
  if (![before, after].every((count) => Number.isInteger(count) && count >= 0))
    throw new Error(
      `zeros before and after are ${before} and ${after}; they must be whole numbers from 0 on`,
    );
  if (before + after === 0) return x;
  const size = x.shape[along]!;
  const shape = x.shape.map((dimension, i) => (i === along ? before + size + after : dimension));
  return x.tape.record({ kind: "pad", axis: along, before, after }, [x], shape, [
    (g) => slice(g, along, before, before + size),
  ]);
}

export function concat(xs: readonly Tensor[], axis: number): Tensor {
  const first = xs[0];
  if (first === undefined) throw new Error("there is nothing to put side by side");
  floats(...xs);
  if (xs.length === 1) return first;
  const along = axisOf(first.shape, axis);
  const others = (x: Tensor) => x.shape.filter((_, i) => i !== along);
  for (const x of xs)
    if (x.shape.length !== first.shape.length || !sameShape(others(x), others(first)))
      throw new Error(`${show(first.shape)} and ${show(x.shape)} don't fit side by side along axis ${axis}`);
  const ends: number[] = [];
  for (const x of xs) ends.push((ends.at(-1) ?? 0) + x.shape[along]!);
  const shape = first.shape.map((dimension, i) => (i === along ? ends.at(-1)! : dimension));
  return first.tape.record(
    { kind: "concat", axis: along },
    xs,
    shape,
    xs.map((x, i) => (g) => slice(g, along, ends[i]! - x.shape[along]!, ends[i]!)),
  );
}
