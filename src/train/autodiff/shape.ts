/** Shapes: how many entries, which axis is meant, what two of them broadcast to. Mistakes are errors that name the shapes. */

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

export function show(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** @throws Error unless every dimension is a positive integer */
export function checkShape(shape: Shape): void {
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension > 0))
    throw new Error(`the shape is ${show(shape)}; dimensions must be positive integers`);
}

/** The axis counted from the front; negative ones are counted from the back. */
export function axisOf(shape: Shape, axis: number): number {
  const counted = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(counted) || counted < 0 || counted >= shape.length)
    throw new Error(`the axis is ${axis}; ${show(shape)} has ${shape.length}`);
  return counted;
}

/** The shape that both broadcast to, as numpy does. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1)
      throw new Error(`the shapes ${show(a)} and ${show(b)} don't broadcast`);
    return da === 1 ? db : da;
  });
}

/** The shape without the axes, or with 1 in their place. */
export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return keep
    ? shape.map((dimension, i) => (axes.includes(i) ? 1 : dimension))
    : shape.filter((_, i) => !axes.includes(i));
}
