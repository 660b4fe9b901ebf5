/**
 * The CRM loss, certified radius maximisation (Fazlyab et al., Certified robustness via dynamic margin maximization and improved
 * Lipschitz regularization, NeurIPS 2023), with radii in edits:
 *
 *     R_b = min_j M_bj / L_bj,      penalty = mean over texts b of [0 < R_b < r0] (1/t) log sum_j exp(-t M_bj / L_bj)
 *
 * M_bj is the margin of the label over rival j and L_bj the most that one edit can take from it, so that R_b edits can't bring it to 0. The log-sum-exp is
 * a smooth -R_b: it lies between -R_b and -R_b + log(rivals) / t. Gradients flow through margins and through L.
 * With lambda 15-150 and t 5-12, from some epoch on (the paper's settings, where radii are l2 distances).
 */
import {
  add,
  div,
  greater,
  logSumExp,
  max,
  mean,
  mul,
  neg,
  scale,
  stopGradient,
} from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/** Added to L, so that a margin that no edit can move isn't divided by 0. */
const TINY = 1e-6;

export interface CertifiedRadiusOptions {
  /** r0: texts with a larger radius are left alone, in edits. */
  readonly below: number;
  /** t: how sharply the smallest radius counts. */
  readonly temperature: number;
}

/** Certified radii of each text over each rival in edits, [B, R]. @param perEdit what one edit can take: [B, R], [R] or [1] */
export function editRadii(margins: Tensor, perEdit: Tensor): Tensor {
  return div(margins, add(perEdit, margins.tape.scalar(TINY)));
}

/**
 * The penalty, one number.
 * @param margins [B, R] of the label over each rival
 * @param perEdit the most that one edit can take from each: [B, R], [R] or [1], >= 0
 * @param radius [B] a radius found otherwise, to choose the texts by; the least of the radii here if left out
 */
export function certifiedRadius(
  margins: Tensor,
  perEdit: Tensor,
  { below, temperature }: CertifiedRadiusOptions,
  radius?: Tensor,
): Tensor {
  const { tape } = margins;
  const lost = neg(editRadii(margins, perEdit));
  const smooth = scale(logSumExp(scale(lost, temperature), 1), 1 / temperature);
  // Right is right by the margins, whatever the radius says.
  const right = greater(neg(max(neg(margins), 1)), tape.scalar(0));
  const near = greater(tape.scalar(below), radius ?? neg(max(lost, 1)));
  return mean(mul(smooth, stopGradient(mul(right, near))));
}
