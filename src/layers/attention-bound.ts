/**
 * Attention on balls.
 *
 * Theorem. Per query i, with the weights p^h, values and M_h = W_o W_v of the heads at the centers, exactly
 *     out' - out = sum_h sum_j p'^h_j M_h delta_j + sum_h sum_j (p'^h_j - p^h_j) z^h_j;
 * the second sum is bounded in attention-heads.ts. In the first, |sum_h p'^h_j M_h| <= m |sum_h M_h| + sum_h (|p^h_j - m| + shift^h_j) |M_h|
 * for any m (the mean over heads is taken), or sum_h max p'^h_j |M_h|, or |W_o| |W_v| max_h max p'^h_j; each times r_j; or, all j at once,
 * sum_h |M_h| max sum_j p'_j r_j. Both sums together are bounded in attention-jacobian.ts, to first order as one map; the least counts.
 *
 * Tokens that were removed or added (o' - o = (sum_A w (v - o) - sum_R w (v - o)) / D') are exact here: the centers' forward is
 * that of the changed sequence, so only what isn't known about its tokens is bounded.
 */
import type { Projected } from "./attention.js";
import { attention, project } from "./attention.js";
import type { HeadState } from "./attention-heads.js";
import { andOne, headState } from "./attention-heads.js";
import { jacobianMoves } from "./attention-jacobian.js";
import type { AttentionBound } from "./attention-parts.js";
import { rowWidths } from "./attention-scores.js";
import type { Balls, Image } from "./balls.js";
import { lengthUp, outward, ROUNDING, sumRounding } from "./balls.js";
import { linearRounding } from "./linear.js";
import { residualBalls } from "./residual.js";
import { largestForm } from "./weight-box.js";

export interface AttentionState {
  readonly projected: Projected;
  readonly heads: readonly HeadState[];
  /** [n * n] Bound of |sum_h p'^h_ij M_h|. */
  readonly through: Float64Array;
}

/**
 * Balls of the branch (`skip` false) or of x + attention(x). Only the first `needed` of them are bounded as tightly as may be: the others are
 * for what doesn't read them (the last block under pooling `first`).
 */
export function attentionBalls(
  bound: AttentionBound,
  balls: Balls,
  skip: boolean,
  needed = balls.radii.length,
): { balls: Image; state: AttentionState } {
  const { layer } = bound;
  const { d, centers, radii } = balls;
  const n = radii.length;
  const projected = project(layer, centers);
  const heads = bound.heads.map((_, h) => headState(bound, h, projected, balls, needed));
  const through = throughNorms(bound, heads, n);
  const out = attention(layer, centers);
  let longest = 0;
  for (let i = 0; i < n; i++) longest = Math.max(longest, lengthUp(centers, i * d, d) + radii[i]!);
  const longestValue = outward(bound.value.l2 * longest + bound.value.bias);
  const mass = layer.kind === "sigmoid" ? n / (layer.divisor === "tokens" ? n : Math.abs(layer.divisor)) : 1;
  const mixed = outward(mass * longestValue * (1 + 2 ** -30));
  const ofValues =
    linearRounding(bound.output, mixed * layer.heads) +
    bound.output.l2 *
      (mass * linearRounding(bound.value, longest) + (sumRounding(n) + 2 * ROUNDING) * mixed) *
      layer.heads;
  const rounding = radii.map((_, i) => {
    // Scores that err by e make weights that differ by e^2e - 1 <= 4e of each, for small e, and by 2 in any case.
    let error = ofValues;
    for (const { box } of heads) error += Math.min(2, 4 * box.rounding[i]!) * bound.output.l2 * mixed;
    return outward(error);
  });
  const apart = radii.map((_, i) => {
    let total = valueMove(bound, heads, through, radii, i);
    for (const { moves } of heads) total += moves[i]!;
    return outward(total);
  });
  // With the skip path one map holds both: the branch by itself isn't needed as tightly.
  const alone = skip ? apart : jacobianMoves(bound, heads, balls, false, apart, needed);
  const branch = radii.map((_, i) => outward(Math.min(apart[i]!, alone[i]!) + rounding[i]!));
  const state = { projected, heads, through };
  const image = { d, centers: out, radii: branch, rounding };
  if (!skip) return { balls: image, state };
  const sum = residualBalls(balls, image);
  const together = jacobianMoves(bound, heads, balls, true, sum.radii, needed);
  const least = sum.radii.map((r, i) => Math.min(r, outward(together[i]! + sum.rounding[i]!)));
  return { balls: { ...sum, radii: least }, state };
}

/** [n * n] Bounds of |sum_h p'^h_ij M_h|. */
function throughNorms(
  { heads, through, output, value }: AttentionBound,
  states: readonly HeadState[],
  n: number,
): Float64Array {
  const norms = new Float64Array(n * n);
  for (let ij = 0; ij < n * n; ij++) {
    let mean = 0;
    for (const { weights } of states) mean += weights[ij]! / states.length;
    let together = Math.abs(mean) * through;
    let apart = 0;
    let most = 0;
    states.forEach(({ weights, shifts }, h) => {
      const p = weights[ij]!;
      const shift = shifts[ij]!;
      together += (Math.abs(p - mean) + shift) * heads[h]!.through;
      apart += (Math.abs(p) + shift) * heads[h]!.through;
      most = Math.max(most, Math.abs(p) + shift);
    });
    norms[ij] = outward(Math.min(together, apart, most * output.l2 * value.l2) * (1 + 2 ** -40));
  }
  return norms;
}

function valueMove(
  { layer, heads }: AttentionBound,
  states: readonly HeadState[],
  through: Float64Array,
  radii: Float64Array,
  i: number,
): number {
  const n = radii.length;
  let sum = 0;
  for (let j = 0; j < n; j++) if (radii[j]! > 0) sum += through[i * n + j]! * radii[j]!;
  if (layer.kind === "sigmoid") return outward(sum);
  let forms = 0;
  states.forEach(({ weights, nulls, box }, h) => {
    const own = weights.subarray(i * n, (i + 1) * n);
    const widths = rowWidths(layer, box, i, n);
    const full = andOne(own, nulls && nulls[i]!);
    forms +=
      heads[h]!.through * largestForm(full, andOne(widths, nulls && ROUNDING), andOne(radii, nulls && 0));
  });
  return outward(Math.min(sum, forms));
}
