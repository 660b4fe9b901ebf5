/**
 * A network on balls, step by step, and back again: forward the balls of every step, backward the gradient of a margin.
 *
 * Theorem. Let the steps be f_1 .. f_m, x_l the changed sequence's float64 activations behind step l, c_l the centers, r_l the radii, and M_l the real function
 * from there to the margin. If at every point of the balls behind step l the gradient of M_l at token i is within rho_i of G_i, then
 *     |margin(x) - margin(c)| <= sum_i (|G_i| + rho_i) r_i  +  sum_{l' > l} sum_i (|G_i| + rho_i) rounding_i      for every l.
 * If the changes delta_i = x_i - c_i are known vectors, the first sum may be replaced by the interval sum_i G_i . delta_i +- sum_i rho_i |delta_i|.
 * Proof. Mean value theorem on the segment from c_l to x_l, which lies in the balls since balls are convex: M_l(x_l) - M_l(c_l) is the mean of
 * gradient . delta over it. What the float64 forward of a later step is away from the real function, at x and at c, moves the
 * margin by at most the gradient there times it, again on a segment in that step's balls, whose radii contain the rounding.
 *
 * On the segment, the point at t lies in balls of radius t r, so the bound may be averaged over t: with `parts` pieces, each piece by its far end
 * (gradient balls only grow with the radii). That halves, nearly, what the gradient's own variation costs.
 */
import type { Balls, Image } from "../layers/balls.js";
import { isZero, lengthUp, outward } from "../layers/balls.js";

export interface Step {
  /** Such as `block 2 attention`. */
  readonly name: string;
  readonly input: Balls;
  readonly output: Image;
  /**
   * The gradient at the input from that at the output, and what rounding inside the step moves the margin by; null where
   * nothing is known.
   */
  readonly back: (gradient: Balls) => { readonly gradient: Balls; readonly inside: number } | null;
}

/** At one place between two steps. */
export interface Cut {
  /** The steps from here on are bounded by their gradient. */
  readonly before: string;
  /** What the margin can move by, as seen from here. */
  readonly radius: number;
}

export interface MarginChange {
  /** Least over all cuts. */
  readonly radius: number;
  /** From the logits back to the input of the first step, as far as gradients are known. */
  readonly cuts: readonly Cut[];
  /** At the input of the first step; null if unknown. */
  readonly gradient: Balls | null;
  /** What rounding alone moves the margin by, seen from there. */
  readonly rounding: number;
}

/** How far the difference of logits a and b can move. */
export function marginChange(steps: readonly Step[], a: number, b: number): MarginChange {
  const last = steps[steps.length - 1]!.output;
  const seed = new Float64Array(last.d);
  seed[a] = 1;
  seed[b] = -1;
  let gradient: Balls = { d: last.d, centers: seed, radii: new Float64Array(1) };
  let rounding = 2 ** -52 * lengthUp(last.centers);
  const cuts: Cut[] = [{ before: "logits", radius: outward(across(gradient, last.radii) + rounding) }];
  for (let l = steps.length - 1; l >= 0; l--) {
    const { name, input, output, back } = steps[l]!;
    rounding = outward(rounding + across(gradient, output.rounding));
    const result = back(gradient);
    if (result === null) return { radius: least(cuts), cuts, gradient: null, rounding };
    gradient = result.gradient;
    rounding = outward(rounding + result.inside);
    cuts.push({ before: name, radius: outward(across(gradient, input.radii) + rounding) });
  }
  return { radius: least(cuts), cuts, gradient, rounding };
}

function least(cuts: readonly Cut[]): number {
  return Math.min(...cuts.map(({ radius }) => radius));
}

/** sum_i (|G_i| + rho_i) r_i; a token that can't move costs nothing, whatever its gradient, nor does one that the margin doesn't depend on. */
export function across(gradient: Balls, moves: Float64Array): number {
  const { d, centers, radii } = gradient;
  let sum = 0;
  for (let i = 0; i < moves.length; i++)
    if (moves[i] !== 0 && !isZero(gradient, i)) sum += (lengthUp(centers, i * d, d) + radii[i]!) * moves[i]!;
  return outward(sum);
}

/** The interval of sum_i gradient_i . delta_i for known changes [n * d]. */
export function along({ d, centers, radii }: Balls, delta: Float64Array): { lower: number; upper: number } {
  let middle = 0;
  let spread = 0;
  for (let i = 0; i < radii.length; i++) {
    const length = lengthUp(delta, i * d, d);
    if (length === 0) continue;
    for (let c = 0; c < d; c++) middle += centers[i * d + c]! * delta[i * d + c]!;
    // The products and sums of the middle err by less than 2^-40 of |G| |delta|.
    spread += length * (radii[i]! + 2 ** -40 * lengthUp(centers, i * d, d));
  }
  const around = outward(spread);
  return { lower: middle - around, upper: middle + around };
}
