/**
 * The largest norm of W_l D_(l-1) ... D_1 W_1 over all diagonal D with entries at the ends of the slopes, by trying every one: what
 * some activations with these slopes really reach, so no sound bound is below it. Plain arrays, for up to about 12 neurons.
 */
import { singularValues } from "./singular-values.js";

export type Rows = readonly (readonly number[])[];
export type Norm = "l1" | "l2" | "linf";

export function worstOverSlopes(
  maps: readonly Rows[],
  slopes: readonly (readonly [number, number])[],
  norm: Norm,
): number {
  let worst = 0;
  const visit = (product: Rows, layer: number): void => {
    if (layer === slopes.length) {
      worst = Math.max(worst, operatorNorm(product, norm));
      return;
    }
    for (let choice = 0; choice < 2 ** product.length; choice++) {
      const scaled = product.map((row, k) => row.map((x) => x * slopes[layer]![(choice >> k) & 1]!));
      visit(times(maps[layer + 1]!, scaled), layer + 1);
    }
  };
  visit(maps[0]!, 0);
  return worst;
}

export function times(a: Rows, b: Rows): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
}

export function operatorNorm(a: Rows, norm: Norm): number {
  if (norm === "l2") return singularValues(a)[0] ?? 0;
  const lines = norm === "linf" ? a : a[0]!.map((_, j) => a.map((row) => row[j]!));
  return Math.max(...lines.map((line) => line.reduce((sum, x) => sum + Math.abs(x), 0)));
}
