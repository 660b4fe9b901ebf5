/**
 * The score of a query for a key: the one place that says what it is, for every kind of attention.
 *
 * A query and a key are compared by q.k, by the cosine of both (their product once `project` has shortened them) or by |q - k|^2. A
 * score is a monotone function of that one number; with a null mass it stays within the limit:
 *
 *     dot: limit tanh(scale q.k / limit)     cosine: limit u.w     distance: limit tanh(-scale |q - k|^2 / limit), never above 0
 */
import type { Attention } from "./attention-kinds.js";

export type Similarity = "dot" | "cosine" | "distance";

export const SIMILARITIES = ["dot", "cosine", "distance"] as const satisfies readonly Similarity[];

export function similarityOf(layer: Attention): Similarity {
  if (layer.kind === "null-mass") return layer.similarity ?? "dot";
  return layer.kind === "cosine" || layer.kind === "distance" ? layer.kind : "dot";
}

/** What the comparison is multiplied by; for `distance` what it is multiplied by and taken off. */
export function factorOf(layer: Attention): number {
  if (layer.kind === "cosine") return layer.temperature;
  return layer.kind === "null-mass" && layer.similarity === "cosine" ? layer.limit : layer.scale;
}

/** What is added to the squares of rows that are shortened; 0 where none are. */
export function epsilonOf(layer: Attention): number {
  return "epsilon" in layer ? layer.epsilon : 0;
}

/** q.k, or |q - k|^2, of `width` numbers from q[qi] and k[kj] on; for `cosine` the rows are shortened ones. */
export function compare(
  similarity: Similarity,
  q: Float64Array,
  qi: number,
  k: Float64Array,
  kj: number,
  width: number,
): number {
  let sum = 0;
  if (similarity === "distance") for (let c = 0; c < width; c++) sum += (q[qi + c]! - k[kj + c]!) ** 2;
  else for (let c = 0; c < width; c++) sum += q[qi + c]! * k[kj + c]!;
  return sum;
}

/** The score, from what `compare` gives. */
export function scoreOf(layer: Attention, compared: number): number {
  const by = factorOf(layer) * compared;
  const raw = similarityOf(layer) === "distance" ? -by : by;
  if (layer.kind === "sigmoid") return raw + layer.shift;
  // A cosine is bounded as it is.
  if (layer.kind !== "null-mass" || layer.similarity === "cosine") return raw;
  return layer.limit * Math.tanh(raw / layer.limit);
}

/** The largest score that there can be. */
export function largestScore(layer: Attention): number {
  if (similarityOf(layer) === "distance" && factorOf(layer) >= 0) return 0;
  if (layer.kind === "null-mass") return layer.limit;
  return layer.kind === "cosine" ? Math.abs(layer.temperature) : Number.POSITIVE_INFINITY;
}

/** Each stretch of `width` numbers becomes u / sqrt(|u|^2 + epsilon), in place. */
export function shorten(rows: Float64Array, width: number, epsilon: number): void {
  for (let from = 0; from < rows.length; from += width) {
    let squares = epsilon;
    for (let c = 0; c < width; c++) squares += rows[from + c]! ** 2;
    const length = Math.sqrt(squares);
    for (let c = 0; c < width; c++) rows[from + c] = rows[from + c]! / length;
  }
}
