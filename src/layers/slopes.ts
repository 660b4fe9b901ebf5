/**
 * The slopes that an activation can have on an interval, from outside.
 *
 * Promise: for real x < x' in the interval, (f(x') - f(x)) / (x' - x) lies in the range given (mean value theorem; for ReLU the
 * slopes on either side of the kink and all between them).
 *
 * Theorem. Between the critical points below, f' is monotone, so its extremes on an interval are at the interval's ends or at
 * the critical points in it. Proof, from the sign of f'':
 * - tanh, sigmoid: f' is even and falls with |x|. Softplus: f' = sigmoid rises. ELU(1): f' = min(1, e^x) rises.
 * - GELU: f'' = phi(x) (2 - x^2).
 * - SiLU: f'' = sigmoid'(x) (2 - x tanh(x / 2)), and x tanh(x / 2) grows with |x|: one zero on each side. Quick-GELU is SiLU(1.702 x) / 1.702.
 * - GELU, tanh form, a = sqrt(2 / pi), b = 0.044715, T = tanh(a x + a b x^3): f'' = (1 - T^2) a (1 + 6 b x^2 - a x (1 + 3 b x^2)^2 T). The
 *   bracket is even; for x > 0, (1 + 3bx^2)^2 / (1 + 6bx^2) = 1 + 9b^2x^4 / (1 + 6bx^2) and x T grow: one zero.
 * - Mish, w = e^x: f'' has the sign of x a + 2 b, a = 2 + 2w - 3w^2 - 2w^3, b = 2 + 4w + 3w^2 + w^3. Where a != 0 the zeros are at x = -2b / a.
 *   The derivative of -b / a in w has the sign of -(3w^4 + 20w^3 + 36w^2 + 24w + 4) < 0, and x = log w rises: one zero on each
 *   side of a's only positive root (w = 0.88..), where f'' > 0 itself.
 * Near a critical point f' is flat: a shift of 10^-7 changes it by less than 10^-13, which the padding of 2^-40 covers along
 * with the rounding of f'. Beyond |x| = 10^4 every f' has reached its limit to that accuracy.
 */
import { erfc } from "../numeric/erf.js";
import type { ActivationName } from "./activation.js";
import { sigmoid, softplus } from "./activation.js";

export interface Slopes {
  readonly least: number;
  readonly most: number;
}

interface Shape {
  readonly derivative: (x: number) => number;
  /** Critical points and f' there. */
  readonly critical: readonly (readonly [at: number, slope: number])[];
  /** The range of f' everywhere, rounded outward. */
  readonly least: number;
  readonly most: number;
}

const PADDING = 2 ** -40;
const NEAR = 1e-7;
const FAR = 1e4;

const silu = (x: number) => {
  const s = sigmoid(x);
  return s + x * s * sigmoid(-x);
};
const A = Math.sqrt(2 / Math.PI);
const SILU_MOST = 1.099839320128867;

const SHAPES: Readonly<Record<Exclude<ActivationName, "identity" | "relu">, Shape>> = {
  gelu: {
    derivative: (x) => 0.5 * erfc(-x * Math.SQRT1_2) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
    critical: [
      [-Math.SQRT2, -0.12890414518515478],
      [Math.SQRT2, 1.1289041451851547],
    ],
    least: -0.12891,
    most: 1.12891,
  },
  "gelu-tanh": {
    derivative: (x) => {
      const t = Math.tanh(A * (x + 0.044715 * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t) * (1 + t) * A * (1 + 3 * 0.044715 * x * x);
    },
    critical: [
      [-1.4185040087908285, -0.12899306865877178],
      [1.4185040087908285, 1.1289930686587717],
    ],
    least: -0.129,
    most: 1.129,
  },
  silu: {
    derivative: silu,
    critical: [
      [-2.3993572805154675, 1 - SILU_MOST],
      [2.3993572805154675, SILU_MOST],
    ],
    least: -0.09984,
    most: 1.09984,
  },
  "quick-gelu": {
    derivative: (x) => silu(1.702 * x),
    critical: [
      [-2.3993572805154675 / 1.702, 1 - SILU_MOST],
      [2.3993572805154675 / 1.702, SILU_MOST],
    ],
    least: -0.09984,
    most: 1.09984,
  },
  tanh: {
    derivative: (x) => {
      const t = Math.tanh(x);
      return (1 - t) * (1 + t);
    },
    critical: [[0, 1]],
    least: 0,
    most: 1,
  },
  sigmoid: { derivative: (x) => sigmoid(x) * sigmoid(-x), critical: [[0, 0.25]], least: 0, most: 0.25 },
  softplus: { derivative: sigmoid, critical: [], least: 0, most: 1 },
  elu: { derivative: (x) => (x > 0 ? 1 : Math.exp(x)), critical: [], least: 0, most: 1 },
  mish: {
    derivative: (x) => {
      const t = Math.tanh(softplus(x));
      return t + x * sigmoid(x) * (1 - t) * (1 + t);
    },
    critical: [
      [-2.256376396360793, -0.11252612238946257],
      [1.4905711794854286, 1.0884981612517279],
    ],
    least: -0.11253,
    most: 1.0885,
  },
};

/** Slopes over all numbers. */
export function globalSlopes(name: ActivationName): Slopes {
  if (name === "identity") return { least: 1, most: 1 };
  if (name === "relu") return { least: 0, most: 1 };
  const { least, most } = SHAPES[name];
  return { least, most };
}

/** Slopes on [low, high]; all of them if an end is NaN. */
export function slopesOn(name: ActivationName, low: number, high: number): Slopes {
  if (name === "identity" || !(low <= high)) return globalSlopes(name);
  if (name === "relu") return { least: low >= 0 ? 1 : 0, most: high <= 0 ? 0 : 1 };
  const shape = SHAPES[name];
  const from = shape.derivative(Math.max(-FAR, Math.min(FAR, low)));
  const to = shape.derivative(Math.max(-FAR, Math.min(FAR, high)));
  let least = Math.min(from, to);
  let most = Math.max(from, to);
  for (const [at, slope] of shape.critical)
    if (low <= at + NEAR && high >= at - NEAR) {
      least = Math.min(least, slope);
      most = Math.max(most, slope);
    }
  return { least: Math.max(shape.least, least - PADDING), most: Math.min(shape.most, most + PADDING) };
}
