/**
 * The product bound: |W_l| s_(l-1) |W_(l-1)| ... s_1 |W_1|, s_i the steepest slope of activation i. Every other bound has
 * to be below it to be worth its time.
 *
 * Proof. Each map stretches a difference by its operator norm at most, and each activation every entry of one by s_i at most.
 */
import { multiplyUp } from "../numeric/rounding.js";
import { type NormName, operatorNormUp, type Stack, steepest } from "./stack.js";

export function productBound({ maps, slopes }: Stack, norm: NormName): number {
  let bound = 1;
  for (const map of maps) bound = multiplyUp(bound, operatorNormUp(norm, map));
  for (const slope of slopes) bound = multiplyUp(bound, steepest(slope));
  return bound;
}
