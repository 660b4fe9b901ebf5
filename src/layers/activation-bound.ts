/**
 * Activations on balls: each neuron has its own interval, and so its own slopes.
 *
 * Theorem. Let neuron f stand at z_f and move by at most w_f. Its output moves by s_f times that, s_f a slope of a secant
 * from z_f to a point of [z_f - w_f, z_f + w_f], so by at most max|s_f| w_f; all of them together by at most max_f |s_f| times the move of z in l2.
 * Secants from z_f: for ReLU exactly [z / (z - low), 1] where z >= 0 > low, [0, high / (high - z)] where z < 0 < high; for the others the slopes on the interval.
 * Gradients at a point of the interval are s_f g_f with s_f a slope there: middle and half-width of the range make a ball.
 */
import type { ActivationName } from "./activation.js";
import { activate } from "./activation.js";
import type { Balls, Image } from "./balls.js";
import { lengthUp, outward, ROUNDING } from "./balls.js";
import { globalSlopes, slopesOn } from "./slopes.js";

/** Ranges of slopes of the neurons of one token, as middle and half-width. */
export interface SlopeRange {
  readonly middle: Float64Array;
  readonly spread: Float64Array;
  /** Largest size of any slope. */
  readonly most: number;
}

/** Slopes of derivatives (`secant` false) or of secants from z. */
export function slopeRange(
  name: ActivationName,
  z: ArrayLike<number>,
  widths: ArrayLike<number>,
  secant: boolean,
): SlopeRange {
  const n = z.length;
  const middle = new Float64Array(n);
  const spread = new Float64Array(n);
  let most = 0;
  for (let f = 0; f < n; f++) {
    const low = z[f]! - outward(widths[f]!);
    const high = z[f]! + outward(widths[f]!);
    let { least, most: top } = slopesOn(name, low, high);
    if (secant && name === "relu" && low < 0 && high > 0 && high < Number.POSITIVE_INFINITY) {
      if (z[f]! >= 0) least = (z[f]! / (z[f]! - low)) * (1 - 2 ** -40);
      else top = Math.min(1, outward(high / (high - z[f]!)));
    }
    middle[f] = (least + top) / 2;
    // Rounded apart, so that middle -+ spread holds both ends.
    spread[f] = outward((top - least) / 2 + 2 ** -50 * (Math.abs(least) + Math.abs(top)));
    most = Math.max(most, Math.abs(least), Math.abs(top));
  }
  return { middle, spread, most };
}

/** Error of the activation at two inputs, for outputs of at most this length. */
export function activationRounding(name: ActivationName, length: number, neurons: number): number {
  return name === "identity" || name === "relu" ? 0 : outward(ROUNDING * (length + Math.sqrt(neurons)));
}

/** Balls behind the activation; `widths` [n * d] is what each neuron can move by, at most its token's radius. */
export function activationBalls(name: ActivationName, balls: Balls, widths: Float64Array): Image {
  const { d, centers, radii } = balls;
  const rounding = new Float64Array(radii.length);
  if (name === "identity") return { ...balls, rounding };
  const out = activate(name, centers);
  return {
    d,
    centers: out,
    radii: radii.map((r, i) => {
      const own = widths.subarray(i * d, (i + 1) * d);
      const { middle, spread, most } = slopeRange(name, centers.subarray(i * d, (i + 1) * d), own, true);
      const moves = own.map((w, f) => w * (Math.abs(middle[f]!) + spread[f]!));
      const moved = Math.min(outward(most * r), lengthUp(moves));
      rounding[i] = activationRounding(name, lengthUp(out, i * d, d) + moved, d);
      return outward(moved + rounding[i]!);
    }),
    rounding,
  };
}

/** Gradients before the activation; `balls` and `widths` are those before it. */
export function activationGradient(
  name: ActivationName,
  balls: Balls,
  widths: Float64Array,
  gradient: Balls,
): Balls {
  if (name === "identity") return gradient;
  const { d } = balls;
  const centers = new Float64Array(gradient.centers.length);
  const radii = gradient.radii.map((rho, i) => {
    const own = slopeRange(
      name,
      balls.centers.subarray(i * d, (i + 1) * d),
      widths.subarray(i * d, (i + 1) * d),
      false,
    );
    const apart = new Float64Array(d);
    for (let f = 0; f < d; f++) {
      const g = gradient.centers[i * d + f]!;
      centers[i * d + f] = own.middle[f]! * g;
      apart[f] = (own.spread[f]! + 2 ** -50) * Math.abs(g);
    }
    return outward(own.most * rho + lengthUp(apart));
  });
  return { d, centers, radii };
}

/** Lipschitz constant in l1, l2 and linf alike: each neuron is by itself. */
export function activationLipschitz(name: ActivationName): number {
  const { least, most } = globalSlopes(name);
  return Math.max(-least, most);
}
