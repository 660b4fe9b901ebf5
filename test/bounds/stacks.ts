/** Random stacks for tests of bounds, and what every bound has to hold on them. */
import { absoluteBound } from "../../src/bounds/absolute.js";
import { eclipseBound, lipsdpBound } from "../../src/bounds/eclipse.js";
import { eclipseFastBound } from "../../src/bounds/eclipse-fast.js";
import { lipltBound } from "../../src/bounds/liplt.js";
import { productBound } from "../../src/bounds/product.js";
import type { NormName, Stack } from "../../src/bounds/stack.js";
import { fromRows } from "../../src/numeric/matrix.js";
import { normals } from "../oracle/normals.js";
import { type Rows, worstOverSlopes } from "../oracle/worst-slopes.js";

/** Slopes: ReLU, GELU, SiLU, leaky, around zero, negative alpha in size, a line, away from zero. */
export const ranges: readonly (readonly [string, number, number])[] = [
  ["ReLU", 0, 1],
  ["GELU", -0.12891, 1.12891],
  ["SiLU", -0.09984, 1.09984],
  ["leaky ReLU", 0.01, 1],
  ["slopes from -0.5 to 1", -0.5, 1],
  ["slopes from -1 to 1", -1, 1],
  ["slopes from -1 to 0.5", -1, 0.5],
  ["slopes from 0.3 to 0.7", 0.3, 0.7],
  ["slopes of no float64 center", 0.1, 0.7000000000000001],
  ["the identity", 1, 1],
  ["nothing", 0, 0],
];

export const shapes: readonly (readonly number[])[] = [
  [1, 1, 1],
  [2, 3, 1],
  [4, 6, 3],
  [3, 1, 3],
  [2, 4, 4, 2],
  [5, 3, 3, 3, 1],
  [2, 2, 2, 2, 2, 2],
];

export function randomMaps(widths: readonly number[], seed: number): number[][][] {
  const values = normals(
    widths.slice(1).reduce((sum, w, i) => sum + w * widths[i]!, 0),
    seed,
  );
  return widths.slice(1).map((rows, i) => Array.from({ length: rows }, () => values.splice(0, widths[i]!)));
}

export const stackOf = (maps: readonly Rows[], slopes: readonly (readonly [number, number])[]): Stack => ({
  maps: maps.map((map) => fromRows(map)),
  slopes: slopes.map(([least, most]) => ({ least, most })),
});

/** Every method by itself; null where it has no answer. */
const methods: Readonly<Record<string, (stack: Stack, norm: NormName) => number | null>> = {
  product: productBound,
  liplt: lipltBound,
  absolute: (stack, norm) => absoluteBound([{ stack, activation: null, windows: null }], norm),
  "eclipse-fast": (stack, norm) => (norm === "l2" ? eclipseFastBound(stack) : null),
  eclipse: (stack, norm) => (norm === "l2" ? eclipseBound(stack) : null),
  lipsdp: (stack, norm) => (norm === "l2" ? lipsdpBound(stack) : null),
};

/** Every bound of a random stack is at least what the worst slopes reach. */
export function checkReached(shape: readonly number[], seed: number, least: number, most: number): void {
  const maps = randomMaps(shape, seed);
  const slopes = maps.slice(1).map(() => [least, most] as const);
  for (const norm of ["l1", "l2", "linf"] as const) {
    const reached = worstOverSlopes(maps, slopes, norm);
    for (const [name, method] of Object.entries(methods)) {
      const bound = method(stackOf(maps, slopes), norm);
      // No slack: every bound has paid for its rounding.
      if (bound !== null && !(bound >= reached))
        throw new Error(`${name} in ${norm} of widths ${shape}, seed ${seed}: ${bound} < ${reached}`);
    }
  }
}
