/**
 * Values of an ONNX graph that are known: constants, and what follows from the shape of the input.
 */

/** Numbers in row-major order. Integers and truth values (0, 1) are held as float64, which is exact below 2^53. */
export interface Known {
  readonly kind: "known";
  readonly type: "float" | "int" | "bool";
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** Whether it depends on the token ids, not only on how many there are. */
  readonly usesIds: boolean;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

export function known(
  type: Known["type"],
  shape: readonly number[],
  data: ArrayLike<number>,
  usesIds = false,
): Known {
  const held =
    data instanceof Float64Array || (type === "float" && data instanceof Float32Array)
      ? data
      : type === "float"
        ? Float32Array.from(data)
        : Float64Array.from(data);
  return { kind: "known", type, shape, data: held, usesIds };
}

/** The one number of a value of size 1 that doesn't depend on the ids, else null. */
export function scalarOf(value: Known): number | null {
  return value.data.length === 1 && !value.usesIds ? value.data[0]! : null;
}

export function every(value: Known, is: number): boolean {
  return !value.usesIds && value.data.every((x: number) => x === is);
}

/** Shape of what an elementwise operator gives, or null if the shapes don't fit. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
