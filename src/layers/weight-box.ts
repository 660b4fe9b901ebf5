/**
 * Weights of a softmax whose scores are known up to a box: s'_j = s_j + e_j + t with |e_j| <= width_j and any common t.
 *
 * Theorem. With p_j the weights at s, the weights at s' are p'_j = p_j e^{e_j} / sum_k p_k e^{e_k}.
 * 1. p'_j is largest with e_j = width_j and all other e_k = -width_k, least the other way round (it grows in e_j and falls in every other).
 * 2. max sum_j p'_j a_j is reached with e_j = width_j where a_j is above some threshold and -width_j elsewhere: the quotient's derivative
 *    in e^{e_j} has the sign of a_j - (its value), whatever e_j is, so every e_j can be moved to an end without loss.
 * Differences p'_j - p_j are computed without cancellation, from sums that leave j out:
 *    p^max_j - p_j = p_j [ (e^{w_j} - 1) sum_{k != j} p_k + sum_{k != j} p_k (1 - e^{-w_k}) ] / (p_j e^{w_j} + sum_{k != j} p_k e^{-w_k}),
 * and the same with all signs of w changed for p_j - p^min_j. A null mass is one more key whose width is zero.
 */
import { outward } from "./balls.js";

/** How far each weight can move, up or down, from above. */
export function weightShifts(p: Float64Array, widths: Float64Array): Float64Array {
  const grow = widths.map((w) => Math.expm1(w));
  const shrink = widths.map((w) => -Math.expm1(-w));
  const mass = sumsOfOthers(p);
  const growth = sumsOfOthers(p.map((value, j) => value * grow[j]!));
  const shrinkage = sumsOfOthers(p.map((value, j) => value * shrink[j]!));
  const raised = sumsOfOthers(p.map((value, j) => value * Math.exp(widths[j]!)));
  const lowered = sumsOfOthers(p.map((value, j) => value * Math.exp(-widths[j]!)));
  return p.map((own, j) => {
    const up = (own * (grow[j]! * mass[j]! + shrinkage[j]!)) / (own * Math.exp(widths[j]!) + lowered[j]!);
    const down = (own * (shrink[j]! * mass[j]! + growth[j]!)) / (own * Math.exp(-widths[j]!) + raised[j]!);
    // Not a number: some width is infinite. A weight is never more than 1; the addend is for what underflowed.
    return up >= 0 && down >= 0 ? Math.min(1, outward(Math.max(up, down)) + 2 ** -900) : 1;
  });
}

/** For each j the sum of all others, by sums from both ends: nothing is taken away. */
function sumsOfOthers(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length);
  let before = 0;
  for (let j = 0; j < values.length; j++) {
    sums[j] = before;
    before += values[j]!;
  }
  let behind = 0;
  for (let j = values.length - 1; j >= 0; j--) {
    sums[j] = sums[j]! + behind;
    behind += values[j]!;
  }
  return sums;
}

/** The largest sum_j p'_j a_j, a_j >= 0. */
export function largestForm(p: Float64Array, widths: Float64Array, a: Float64Array): number {
  const order = Array.from(a.keys()).sort((x, y) => a[y]! - a[x]!);
  let most = 0;
  for (const value of a) most = Math.max(most, value);
  let weight = 0;
  let sum = 0;
  for (let j = 0; j < p.length; j++) {
    const w = p[j]! * Math.exp(-widths[j]!);
    weight += w;
    sum += w * a[j]!;
  }
  let best = weight > 0 ? sum / weight : most;
  for (const j of order) {
    // Added, never taken away: the sums only grow.
    const more = p[j]! * 2 * Math.sinh(widths[j]!);
    weight += more;
    sum += more * a[j]!;
    const form = sum / weight;
    if (Number.isNaN(form)) return outward(most);
    best = Math.max(best, form);
  }
  return outward(Math.min(best, most));
}
