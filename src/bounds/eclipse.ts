/**
 * Bounds in l2 from multipliers that differ from neuron to neuron: ECLipsE's, found layer after layer, and LipSDP-Neuron's,
 * found for all layers together. Each is a semidefinite program for barrier.ts; the bound is what multipliers.ts proves from
 * the multipliers, so nothing here has to be accurate.
 *
 * ECLipsE (Xu and Sivaranjani, NeurIPS 2024): given X_(i-1), layer i's multipliers D_i maximise c such that X_i - c W_(i+1)'W_(i+1) is positive
 * semidefinite, X_i = D_i - c_i^2 D_i W_i (X_(i-1) + p_i W_i'D_i W_i)^-1 W_i'D_i. By Schur's complement that is linear in D_i and c:
 *     [[X_(i-1) + p_i W_i'D_i W_i, -c_i W_i'D_i], [-c_i D_i W_i, D_i - c W_(i+1)'W_(i+1)]] >= 0,
 * where neuron k's part is d_k times the symmetric part of (e_k - a_i w_k)(e_k - b_i w_k)', w_k its row of W_i, a_i and b_i the ends of the slopes.
 * Only W_i X_(i-1)^-1 W_i' matters, so the first block is replaced by the identity and W_i by a factor of that matrix.
 * LipSDP-Neuron (Fazlyab and others, NeurIPS 2019): all blocks at once, maximising q of multipliers.ts.
 */
import type { Slopes } from "../layers/slopes.js";
import { cholesky, solveRows } from "../numeric/cholesky.js";
import { type DenseMatrix, dense, gram, identity, type Matrix, matrix } from "../numeric/matrix.js";
import { maximise } from "./barrier.js";
import { eclipseFast, type Multipliers, seenThrough } from "./eclipse-fast.js";
import { provenBound } from "./multipliers.js";
import { type Stack, spreadOf } from "./stack.js";

/** Shares of ECLipsE-Fast's multipliers that are mixed in, the smallest first. */
const SHARES = [0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3];

/** Layer after layer; null if the programs can't be started or prove nothing. */
export function eclipseBound(stack: Stack): number | null {
  return proven(stack, eclipse(stack));
}

/** All layers at once; null if the program can't be started or proves nothing. */
export function lipsdpBound(stack: Stack): number | null {
  return proven(stack, lipsdp(stack));
}

/**
 * The best multipliers make P singular, so rounding may hide that it is semidefinite. P is linear in multipliers and q
 * together, and with those of ECLipsE-Fast it is definite: a small share of them makes room, at the price of as small a share of q.
 */
function proven(stack: Stack, found: Multipliers | null): number | null {
  const fast = eclipseFast(stack);
  if (found === null || fast === null) return null;
  const squares = [found.estimate ** -2, 0.5 * fast.estimate ** -2] as const;
  for (const share of SHARES) {
    const mixed = found.diagonals.map((d, i) =>
      d.map((x, k) => (1 - share) * x + share * fast.diagonals[i]![k]!),
    );
    const estimate = ((1 - share) * squares[0] + share * squares[1]) ** -0.5;
    const bound = provenBound(stack, mixed, estimate, 1e-6);
    if (bound !== null) return bound;
  }
  return null;
}

export function eclipse({ maps, slopes }: Stack): Multipliers | null {
  const diagonals: Float64Array[] = [];
  let x: DenseMatrix | null = null;
  let estimate = Number.NaN;
  for (let i = 0; i < slopes.length; i++) {
    const map = reduced(x, maps[i]!);
    if (map === null) return null;
    // With what lies before in the reduced map, this is a net of two layers.
    const two = lipsdp({ maps: [map, maps[i + 1]!], slopes: [slopes[i]!] });
    if (two === null) return null;
    diagonals.push(two.diagonals[0]!);
    estimate = two.estimate;
    x = complement(map, two.diagonals[0]!, slopes[i]!);
    if (x === null) return null;
  }
  return { diagonals, estimate };
}

export function lipsdp(stack: Stack): Multipliers | null {
  const first = reduced(null, stack.maps[0]!);
  if (first === null) return null;
  const maps = [first, ...stack.maps.slice(1)];
  const start = eclipseFast({ maps, slopes: stack.slopes });
  if (start === null || stack.slopes.length === 0) return start;
  const sizes = maps.map((map) => map.columns);
  const order = sizes.reduce((sum, size) => sum + size, 0);
  const count = order - sizes[0]!;
  const [a, b] = [matrix(count, order), matrix(count, order)];
  for (let i = 0, neuron = 0, offset = 0; i < stack.slopes.length; offset += sizes[i]!, i++) {
    const { center, radius } = spreadOf(stack.slopes[i]!);
    const map = maps[i]!;
    for (let r = 0; r < map.rows; r++, neuron++) {
      for (let k = 0; k < map.columns; k++) {
        const weight = map.data[r * map.columns + k]!;
        a.data[neuron * order + offset + k] = -(center - radius) * weight;
        b.data[neuron * order + offset + k] = -(center + radius) * weight;
      }
      a.data[neuron * order + sizes[0]! + neuron] = 1;
      b.data[neuron * order + sizes[0]! + neuron] = 1;
    }
  }
  const f = matrix(order, order);
  for (let k = 0; k < sizes[0]!; k++) f.data[k * order + k] = 1;
  const last = maps[maps.length - 1]!;
  const v = matrix(last.rows, order);
  for (let r = 0; r < last.rows; r++)
    for (let k = 0; k < last.columns; k++)
      v.data[r * order + order - last.columns + k] = last.data[r * last.columns + k]!;
  const l = Float64Array.from(start.diagonals.flatMap((d) => [...d]));
  const best = maximise({ f, a, b, v }, { l, c: 0.5 / (start.estimate * start.estimate) });
  if (best === null) return start;
  const diagonals: Float64Array[] = [];
  for (let i = 1, from = 0; i < sizes.length; from += sizes[i]!, i++)
    diagonals.push(best.l.slice(from, from + sizes[i]!));
  return { diagonals, estimate: 1 / Math.sqrt(best.c) };
}

/** A map with fewer columns, if there is one, for which m m' = W x^-1 W' (x null: the identity). */
function reduced(x: DenseMatrix | null, map: Matrix): DenseMatrix | null {
  if (map.columns > map.rows) {
    const square = seenThrough(x, map);
    const half = square === null ? null : cholesky(square);
    if (half !== null) return half;
  }
  if (x === null) return dense(map);
  const factor = cholesky(x);
  return factor === null ? null : solveRows(factor, dense(map));
}

/** X_i for an identity before it. */
function complement(map: DenseMatrix, d: Float64Array, slopes: Slopes): DenseMatrix | null {
  const { center, product } = spreadOf(slopes);
  const scaled = matrix(map.columns, map.rows);
  for (let k = 0; k < map.columns; k++)
    for (let r = 0; r < map.rows; r++)
      scaled.data[k * map.rows + r] = map.data[r * map.columns + k]! * Math.sqrt(d[r]!);
  const m = gram(scaled);
  for (let k = 0; k < m.data.length; k++) m.data[k]! *= product;
  for (let k = 0; k < m.rows; k++) m.data[k * m.rows + k]! += 1;
  const through = seenThrough(m, map);
  if (through === null) return null;
  const n = map.rows;
  const x = identity(n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      x.data[i * n + j] =
        x.data[i * n + j]! * d[i]! - center * center * d[i]! * d[j]! * through.data[i * n + j]!;
  return x;
}
