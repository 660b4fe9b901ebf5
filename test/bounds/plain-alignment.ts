/** Edit distance with real penalty by the textbook's recursion over whole sequences; norms by their definitions. */
import type { NormName } from "../../src/bounds/token-costs.js";

export const plainNorm = (norm: NormName, x: readonly number[]): number => {
  if (norm === "l1") return x.reduce((sum, value) => sum + Math.abs(value), 0);
  if (norm === "l2") return Math.hypot(...x);
  return Math.max(0, ...x.map(Math.abs));
};

/** Rows are vectors; the gap is the zero vector. */
export function plainAlignment(
  norm: NormName,
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): number {
  const cost = (x: readonly number[] | undefined, y: readonly number[] | undefined): number =>
    plainNorm(
      norm,
      (x ?? y)!.map((_, c) => (x?.[c] ?? 0) - (y?.[c] ?? 0)),
    );
  const table = a.concat([[]]).map(() => new Array<number>(b.length + 1).fill(0));
  for (let i = 0; i <= a.length; i++)
    for (let j = 0; j <= b.length; j++) {
      if (i + j === 0) continue;
      const options: number[] = [];
      if (i > 0) options.push(table[i - 1]![j]! + cost(a[i - 1], undefined));
      if (j > 0) options.push(table[i]![j - 1]! + cost(undefined, b[j - 1]));
      if (i > 0 && j > 0) options.push(table[i - 1]![j - 1]! + cost(a[i - 1], b[j - 1]));
      table[i]![j] = Math.min(...options);
    }
  return table[a.length]![b.length]!;
}
