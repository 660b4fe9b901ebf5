/** Row-major float64 values moved about by their shapes, for evaluate.ts: written for clearness. */
import { sizeOf } from "./shape.js";

type Shape = readonly number[];

/** How many entries one step along each axis is. */
function strides(shape: Shape): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}

/** The values at which `steps` along the axes of `shape` lead, in row-major order. */
function walked(values: Float64Array, shape: Shape, steps: readonly number[], from = 0): Float64Array {
  const found = new Float64Array(sizeOf(shape));
  const at = shape.map(() => 0);
  let place = from;
  for (let i = 0; i < found.length; i++) {
    found[i] = values[place]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += steps[axis]!;
      at[axis] = at[axis]! + 1;
      if (at[axis]! < shape[axis]!) break;
      place -= steps[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
  return found;
}

export function broadcasted(values: Float64Array, from: Shape, to: Shape): Float64Array {
  const own = strides(from);
  const lead = to.length - from.length;
  return walked(
    values,
    to,
    to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!)),
  );
}

export function transposed(values: Float64Array, shape: Shape, permutation: readonly number[]): Float64Array {
  const own = strides(shape);
  return walked(
    values,
    permutation.map((axis) => shape[axis]!),
    permutation.map((axis) => own[axis]!),
  );
}

export function slice(values: Float64Array, shape: Shape, axis: number, begin: number, end: number) {
  const own = strides(shape);
  const part = shape.map((size, i) => (i === axis ? end - begin : size));
  return walked(values, part, own, begin * own[axis]!);
}

export function pad(values: Float64Array, shape: Shape, axis: number, before: number, after: number) {
  const inner = sizeOf(shape.slice(axis));
  const step = sizeOf(shape.slice(axis + 1));
  const outer = values.length / inner;
  const padded = new Float64Array(values.length + outer * (before + after) * step);
  for (let i = 0; i < outer; i++)
    padded.set(
      values.subarray(i * inner, (i + 1) * inner),
      i * (inner + (before + after) * step) + before * step,
    );
  return padded;
}

/** One number for each row along an axis, which goes away. */
export function reducedAlong(
  values: Float64Array,
  shape: Shape,
  axis: number,
  reduce: (row: Float64Array) => number,
): Float64Array {
  const rows = transposed(values, shape, lastAxis(shape, axis));
  const size = shape[axis]!;
  return Float64Array.from({ length: rows.length / size }, (_, i) =>
    reduce(rows.subarray(i * size, (i + 1) * size)),
  );
}

/** All axes, the given one last. */
function lastAxis(shape: Shape, axis: number): number[] {
  return [...shape.keys()].filter((i) => i !== axis).concat(axis);
}

export function topMask(values: Float64Array, shape: Shape, axis: number, k: number): Float64Array {
  const order = lastAxis(shape, axis);
  const rows = transposed(values, shape, order);
  const size = shape[axis]!;
  const mask = new Float64Array(rows.length);
  for (let begin = 0; begin < rows.length; begin += size) {
    const places = Array.from({ length: size }, (_, i) => begin + i);
    places.sort((i, j) => rows[j]! - rows[i]! || i - j);
    for (const place of places.slice(0, k)) mask[place] = 1;
  }
  const back = order.map((_, i) => order.indexOf(i));
  return transposed(
    mask,
    order.map((i) => shape[i]!),
    back,
  );
}

/** [..., m, n] [..., n, p] to `shape` = [..., m, p]. */
export function matmul(a: Float64Array, sa: Shape, b: Float64Array, sb: Shape, shape: Shape): Float64Array {
  const [m, n, p] = [sa.at(-2)!, sa.at(-1)!, sb.at(-1)!];
  const lead = shape.slice(0, -2);
  const left = broadcasted(a, sa, [...lead, m, n]);
  const right = broadcasted(b, sb, [...lead, n, p]);
  const product = new Float64Array(sizeOf(shape));
  for (let at = 0; at < sizeOf(lead); at++)
    for (let i = 0; i < m; i++)
      for (let k = 0; k < n; k++) {
        const x = left[(at * m + i) * n + k]!;
        const row = (at * m + i) * p;
        for (let j = 0; j < p; j++) product[row + j] = product[row + j]! + x * right[(at * n + k) * p + j]!;
      }
  return product;
}

export function gather(table: Float64Array, shape: Shape, ids: Float64Array): Float64Array {
  const width = sizeOf(shape.slice(1));
  const rows = new Float64Array(ids.length * width);
  ids.forEach((id, i) => {
    rows.set(table.subarray(inside(id, shape[0]!) * width, (id + 1) * width), i * width);
  });
  return rows;
}

export function scatter(values: Float64Array, ids: Float64Array, shape: Shape): Float64Array {
  const width = sizeOf(shape.slice(1));
  const table = new Float64Array(sizeOf(shape));
  ids.forEach((id, i) => {
    const row = inside(id, shape[0]!) * width;
    for (let j = 0; j < width; j++) table[row + j] = table[row + j]! + values[i * width + j]!;
  });
  return table;
}

export function oneHot(ids: Float64Array, depth: number): Float64Array {
  const rows = new Float64Array(ids.length * depth);
  ids.forEach((id, i) => {
    rows[i * depth + inside(id, depth)] = 1;
  });
  return rows;
}

function inside(id: number, count: number): number {
  if (!Number.isInteger(id) || id < 0 || id >= count)
    throw new Error(`the id is ${id}; allowed are 0 to ${count - 1}`);
  return id;
}
