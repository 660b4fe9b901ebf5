/**
 * Weights as layers hold them, out of those that a graph stores: turned, cut, filled up.
 *
 * The same part of the same constant is one object, however often it is asked for.
 */
import type { Linear } from "../../layers/linear.js";
import type { Norm } from "../../layers/norm.js";
import type { Matrix, Vector } from "../../numeric/matrix.js";
import type { Expr, Stored, StoredVector } from "./expression.js";
import type { Known } from "./known.js";

export class StoredWeights {
  private readonly matrices = new Map<Known, Map<string, Matrix>>();

  linear(weight: Stored, bias: StoredVector | null): Linear {
    return { weight: this.matrix(weight), bias: bias === null ? null : vector(bias) };
  }

  /** A table [rows, columns] as it is. */
  table(value: Known): Matrix {
    return this.matrix({ value, transposed: false, from: 0, to: value.shape[0]! });
  }

  row(value: Known, at: number): Vector {
    const width = value.shape[1]!;
    return value.data.slice(at * width, (at + 1) * width);
  }

  private matrix(stored: Stored): Matrix {
    const { value, transposed, from, to } = stored;
    let parts = this.matrices.get(value);
    if (parts === undefined) {
      parts = new Map();
      this.matrices.set(value, parts);
    }
    const key = `${transposed} ${from} ${to}`;
    let found = parts.get(key);
    if (found === undefined) {
      found = transposed ? columns(value, from, to) : rows(value, from, to);
      parts.set(key, found);
    }
    return found;
  }
}

function rows(value: Known, from: number, to: number): Matrix {
  const width = value.shape[1]!;
  const whole = from === 0 && to === value.shape[0];
  return {
    rows: to - from,
    columns: width,
    data: whole ? value.data : value.data.slice(from * width, to * width),
  };
}

function columns({ shape, data }: Known, from: number, to: number): Matrix {
  const [into, out] = shape as [number, number];
  const result = new (data instanceof Float32Array ? Float32Array : Float64Array)((to - from) * into);
  for (let o = from; o < to; o++)
    for (let i = 0; i < into; i++) result[(o - from) * into + i] = data[i * out + o]!;
  return { rows: to - from, columns: into, data: result };
}

function vector({ value, from, to }: StoredVector): Vector {
  const { data } = value;
  if (data.length > 1) return data.slice(from, to);
  return new (data instanceof Float32Array ? Float32Array : Float64Array)(to - from).fill(data[0]!);
}

/** The norm that an expression is, or null. */
export function normOf(x: Expr): Norm | null {
  if (x.op === "weigh") return { kind: "scale", factors: x.by.data };
  if (x.op !== "norm") return null;
  const width = (x.weight ?? x.bias)?.data.length;
  if (width === undefined) return null;
  const weight = x.weight?.data ?? new Float32Array(width).fill(1);
  const bias = x.bias?.data ?? null;
  return x.kind === "center"
    ? { kind: "center", weight, bias }
    : { kind: x.kind, weight, bias, epsilon: x.epsilon };
}
