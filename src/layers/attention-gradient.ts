/**
 * Gradients through softmax attention, on balls.
 *
 * Let g_i be the gradient at output i, w_i = W_o' g_i in a head, b_ij = (v_j - o_i) . w_i. The gradient of the score s_ij is p_ij b_ij, and token j gets
 *     sum_heads W_v' sum_i p_ij w_i + f W_k' sum_i p_ij b_ij q_i     (as key and value; f the scores' factor)
 *     sum_heads f W_q' sum_j p_ij b_ij k_j                           (token i as query; any k* may be taken from k_j, as sum_j p_ij b_ij = 0).
 * Theorem. At every point of the balls the gradient is within the radius given here of that at the centers.
 * Proof. Products of things that each lie in a ball: |p' - p| <= shift (weight-box.ts); |v'_j - v_j| along w_i is at most |W_v' w_i| r_j; o' - o
 * along w_i at most |W_v' w_i| sum_k p'_k r_k + sum_k shift_k |b_k|; w' - w at most |W_o| rho_i; so b' - b <= beta_ij, the sum of these (the last times
 * |v'_j - o'_i|); p'b' - pb <= shift |b| + p^max beta = tau_ij; and the three sums move by at most
 *     sum_i sum_heads shift_ij |W_v' w_i| + sum_i rho_i |sum_heads p'_ij M_h|,
 *     f sum_heads sum_i ( tau_ij |W_k' q_i| + (|p b| + tau_ij) |W_q' W_k| r_i ),
 *     f sum_heads sum_j ( tau_ij |W_q' (k_j - k*)| + (|p b| + tau_ij) |W_q' W_k| r_j ).
 */

import { applyTransposed } from "../numeric/matrix.js";
import type { AttentionState } from "./attention-bound.js";
import type { HeadState } from "./attention-heads.js";
import type { AttentionBound, HeadParts } from "./attention-parts.js";
import { pulledBack } from "./attention-parts.js";
import type { Balls } from "./balls.js";
import { isZero, lengthUp, outward, ROUNDING } from "./balls.js";

/** Gradients at the input tokens; null for kinds of attention that it isn't written for. */
export function attentionGradient(
  bound: AttentionBound,
  state: AttentionState,
  balls: Balls,
  gradient: Balls,
): Balls | null {
  if (bound.layer.kind !== "softmax") return null;
  const { d, radii } = balls;
  const n = radii.length;
  const sum: Balls = { d, centers: new Float64Array(n * d), radii: new Float64Array(n) };
  state.heads.forEach((head, h) => {
    addHead(bound, bound.heads[h]!, h, head, state, balls, gradient, sum);
  });
  for (let j = 0; j < n; j++) {
    let total = sum.radii[j]!;
    for (let i = 0; i < n; i++) {
      const rho = gradient.radii[i]!;
      if (rho > 0) total += rho * state.through[i * n + j]!;
    }
    sum.radii[j] = outward(total);
  }
  return sum;
}

function addHead(
  { layer }: AttentionBound,
  parts: HeadParts,
  h: number,
  head: HeadState,
  { projected }: AttentionState,
  { d, radii }: Balls,
  gradient: Balls,
  sum: Balls,
): void {
  const n = radii.length;
  const depth = parts.value.rows;
  const stride = layer.value.weight.rows;
  const { weights, shifts, box } = head;
  const { factor, keysBack, queriesBack } = box;
  let rounding = 0;
  for (let i = 0; i < n; i++) {
    const p = weights.subarray(i * n, (i + 1) * n);
    const shift = shifts.subarray(i * n, (i + 1) * n);
    const g = gradient.centers.subarray(i * d, (i + 1) * d);
    // The margin doesn't depend on this output.
    if (isZero(gradient, i)) continue;
    const w = applyTransposed(parts.output, g);
    const back = pulledBack(parts.value, w, 1, depth, 0);
    const along = lengthUp(back) + ROUNDING * depth * parts.valueNorm * lengthUp(w);
    const values = rowsAbout(projected.values, p, n, stride, h * depth, depth);
    const b = new Float64Array(n);
    const spread = new Float64Array(n);
    let longest = 0;
    for (let j = 0; j < n; j++) {
      for (let c = 0; c < depth; c++) b[j] = b[j]! + values[j * depth + c]! * w[c]!;
      spread[j] = lengthUp(values, j * depth, depth);
      longest = Math.max(longest, lengthUp(projected.values, j * stride + h * depth, depth));
    }
    let output = 0;
    let outputAlong = 0;
    for (let j = 0; j < n; j++) {
      const most = p[j]! + shift[j]!;
      output += most * radii[j]! * parts.valueNorm + shift[j]! * spread[j]!;
      outputAlong += most * radii[j]! * along + shift[j]! * Math.abs(b[j]!);
    }
    const omega = parts.outputNorm * gradient.radii[i]!;
    const star = keyMean(keysBack, p, n, d);
    const queryLength = lengthUp(queriesBack, i * d, d);
    let asQuery = 0;
    for (let j = 0; j < n; j++) {
      const most = p[j]! + shift[j]!;
      const beta =
        along * radii[j]! +
        outputAlong +
        (omega > 0 ? (spread[j]! + parts.valueNorm * radii[j]! + output) * omega : 0);
      const tau = shift[j]! * Math.abs(b[j]!) + most * beta;
      const pb = p[j]! * b[j]!;
      const pbMost = Math.abs(pb) + tau;
      let key = 0;
      let apart = 0;
      for (let c = 0; c < d; c++) {
        key += (keysBack[j * d + c]! - star[c]!) ** 2;
        sum.centers[j * d + c]! += p[j]! * back[c]! + factor * pb * queriesBack[i * d + c]!;
        sum.centers[i * d + c]! += factor * pb * keysBack[j * d + c]!;
      }
      apart = Math.sqrt(key);
      asQuery += factor * (tau * apart + pbMost * parts.cross * radii[j]!);
      sum.radii[j]! += shift[j]! * along + factor * (tau * queryLength + pbMost * parts.cross * radii[i]!);
      const sizes =
        parts.valueNorm * depth + 2 * factor * longest * depth * (queryLength + lengthUp(keysBack, j * d, d));
      rounding += ROUNDING * most * sizes * (lengthUp(w) + parts.outputNorm * depth * lengthUp(g));
    }
    sum.radii[i]! += asQuery;
  }
  for (let j = 0; j < n; j++) sum.radii[j] = outward(sum.radii[j]! + rounding);
}

/** v_j less their mean under p, [n * depth]. */
function rowsAbout(
  values: Float64Array,
  p: Float64Array,
  n: number,
  stride: number,
  at: number,
  depth: number,
): Float64Array {
  const mean = new Float64Array(depth);
  for (let j = 0; j < n; j++)
    for (let c = 0; c < depth; c++) mean[c] = mean[c]! + p[j]! * values[j * stride + at + c]!;
  const rows = new Float64Array(n * depth);
  for (let j = 0; j < n; j++)
    for (let c = 0; c < depth; c++) rows[j * depth + c] = values[j * stride + at + c]! - mean[c]!;
  return rows;
}

function keyMean(keysBack: Float64Array, p: Float64Array, n: number, d: number): Float64Array {
  const mean = new Float64Array(d);
  for (let j = 0; j < n; j++) for (let c = 0; c < d; c++) mean[c] = mean[c]! + p[j]! * keysBack[j * d + c]!;
  return mean;
}
