/**
 * The residual connection x + g B, with a fixed gain g.
 *
 * Theorem (triangle inequality). If x moves by at most r and the branch by at most b, x + g B moves by at most r + |g| b. Gradients add the
 * same way. Where the branch is known better than by its size (feed-forward), x + B is bounded as one map instead.
 */
import type { Balls, Image } from "./balls.js";
import { centerLengths, outward } from "./balls.js";

/** [n * d] each gives [n * d]. */
export function residual(x: Float64Array, branch: Float64Array, gain = 1): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = x[i]! + gain * branch[i]!;
  return y;
}

export function residualBalls(x: Balls, branch: Image, gain = 1): Image {
  const lengths = centerLengths(x);
  const others = centerLengths(branch);
  const size = Math.abs(gain);
  const rounding = x.radii.map((r, i) =>
    outward(
      size * branch.rounding[i]! + 2 ** -49 * (lengths[i]! + r + size * (others[i]! + branch.radii[i]!)),
    ),
  );
  return {
    d: x.d,
    centers: residual(x.centers, branch.centers, gain),
    // The branch's own rounding is in its radius already.
    radii: x.radii.map((r, i) => outward(r + size * branch.radii[i]! + rounding[i]!)),
    rounding,
  };
}

/** Gradient at x from that through the skip path and that through the branch. */
export function addGradients(skip: Balls, branch: Balls): Balls {
  return residualBalls(skip, { ...branch, rounding: new Float64Array(branch.radii.length) });
}
