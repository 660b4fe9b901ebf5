/**
 * Normalisations of each token by itself.
 *
 * Theorem (layer, rms). Let c be the centred row (rms: the row), R = sqrt(|c|^2 + d epsilon), |x' - x| <= r. Then the output changes by at most
 * max|weight| sqrt(d) chord(r / R), chord(t) = 2 sin(asin(t) / 2) = t sqrt(2 / (1 + sqrt(1 - t^2))) for t < 1, and never
 * by more than 2 max|weight| sqrt(d).
 * Proof. The output is sqrt(d) weight * c / R + bias. Put u = (c, sqrt(d epsilon)) in R^{d+1}: |u| = R, and c / R is u / |u| without
 * its last entry. |c' - c| <= |x' - x| (centring is a projection), so |u' - u| <= r: u' lies in a ball of radius r about u, so its angle to u is at
 * most asin(r / R) if r < R, and unit vectors at an angle t are 2 sin(t / 2) apart. All of c / R are shorter than 1: the second bound.
 *
 * Gradient. With w = weight * g, centred (rms: not), the gradient is sqrt(d) / R (w - e (e . w)), e = c / R: the first entries of N(u) w,
 * N(u) = (I - u u' / R^2) / R. In a ball of radius r < R about u it is within sqrt(d) |w| (2 / sqrt(3)) r / (R (R - r)) of the center's; r >= R:
 * nothing is known. Proof. With w = |w| (x e + y f), f at right angles to e, and a move a = a0 e + a1 f + a2 h, h at right angles to both, the derivative of
 * N(u) w along a is -|w| / R^2 (a1 y e + (a0 y + x a1) f + x a2 h). For |a| = 1 the square of its length is at most y^2 + x^2 a1^2 + 2 x y a0 a1 (a2 = 0 is
 * worst) <= 1 - s / 2 + sqrt(s - 3 s^2 / 4), s = x^2, at most 4/3 (at s = 1/3). On the segment R >= R - t r at t, and the integral of
 * r / (R - t r)^2 over t in [0, 1] is r / (R (R - r)).
 *
 * Center: max|weight| r, a constant everywhere. Scale: max|factor| r; zero stays zero. None: r.
 */
import type { Vector } from "../numeric/matrix.js";
import type { Balls, Image } from "./balls.js";
import { centerLengths, isZero, lengthUp, outward } from "./balls.js";

export type Norm =
  /** (x - mean) / sqrt(var + epsilon) * weight + bias; var divides by d. */
  | {
      readonly kind: "layer";
      readonly weight: Vector;
      readonly bias: Vector | null;
      readonly epsilon: number;
    }
  /** x / sqrt(mean of squares + epsilon) * weight + bias */
  | { readonly kind: "rms"; readonly weight: Vector; readonly bias: Vector | null; readonly epsilon: number }
  /** (x - mean) * weight + bias */
  | { readonly kind: "center"; readonly weight: Vector; readonly bias: Vector | null }
  /** x * factors: statistics frozen after training, no centring (CHAIN, Ni and Koniusz, CVPR 2024). */
  | { readonly kind: "scale"; readonly factors: Vector }
  | { readonly kind: "none" };

/** [n * d] gives [n * d], a new array unless the norm is none. */
export function normalize(norm: Norm, x: Float64Array, d: number): Float64Array {
  if (norm.kind === "none") return x;
  const y = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += d) normalizeToken(norm, x, y, from, d);
  return y;
}

function normalizeToken(
  norm: Exclude<Norm, { kind: "none" }>,
  x: Float64Array,
  y: Float64Array,
  from: number,
  d: number,
): void {
  if (norm.kind === "scale") {
    for (let c = 0; c < d; c++) y[from + c] = x[from + c]! * norm.factors[c]!;
    return;
  }
  const { weight, bias } = norm;
  let mean = 0;
  if (norm.kind !== "rms") {
    for (let c = 0; c < d; c++) mean += x[from + c]!;
    mean /= d;
  }
  let divisor = 1;
  if (norm.kind !== "center") {
    let squares = 0;
    for (let c = 0; c < d; c++) squares += (x[from + c]! - mean) ** 2;
    divisor = Math.sqrt(squares / d + norm.epsilon);
  }
  for (let c = 0; c < d; c++) {
    const value = ((x[from + c]! - mean) / divisor) * weight[c]!;
    y[from + c] = bias === null ? value : value + bias[c]!;
  }
}

/** chord(t) = 2 sin(asin(t) / 2), from above, and 2 from t = 1 on. */
export function chord(t: number): number {
  if (!(t < 1)) return 2;
  // 1 - t^2 as a product doesn't cancel beyond one rounding.
  return Math.min(2, outward(t * Math.sqrt(2 / (1 + Math.sqrt((1 - t) * (1 + t))))));
}

/** The most that the norm can stretch any change, in l2; for layer and rms the constant that holds everywhere, max|weight| / sqrt(epsilon). */
export function normLipschitz(norm: Norm): number {
  if (norm.kind === "none") return 1;
  if (norm.kind === "scale") return largest(norm.factors);
  if (norm.kind === "center") return largest(norm.weight);
  return outward(largest(norm.weight) / Math.sqrt(norm.epsilon));
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** R of a token, from below, and what its computing and that of its neighbours may err: relative to R for layer and rms. */
interface Sphere {
  readonly low: number;
  /** How far rounding may move the centred row, at two inputs. */
  readonly shift: number;
}

function sphere(
  norm: Extract<Norm, { kind: "layer" | "rms" }>,
  x: Float64Array,
  from: number,
  d: number,
  r: number,
): Sphere {
  let mean = 0;
  if (norm.kind === "layer") {
    for (let c = 0; c < d; c++) mean += x[from + c]!;
    mean /= d;
  }
  let squares = 0;
  for (let c = 0; c < d; c++) squares += (x[from + c]! - mean) ** 2;
  const shift = (4 * d + 64) * 2 ** -52 * (lengthUp(x, from, d) + r);
  // The mean that was computed isn't the real one; the centred row moves by at most the shift.
  const low = Math.sqrt(squares + d * norm.epsilon) * (1 - 2 ** -30) - shift;
  return { low, shift };
}

/** Balls of normalised tokens. */
export function normBalls(norm: Norm, balls: Balls): Image {
  if (norm.kind === "none") return { ...balls, rounding: new Float64Array(balls.radii.length) };
  const { d } = balls;
  const lengths = centerLengths(balls);
  const centers = normalize(norm, balls.centers, d);
  const bias = norm.kind === "scale" || norm.bias === null ? 0 : lengthUp(norm.bias);
  const most = norm.kind === "scale" ? largest(norm.factors) : largest(norm.weight);
  const unit = (4 * d + 64) * 2 ** -52;
  const rounding = new Float64Array(balls.radii.length);
  const radii = balls.radii.map((r, i) => {
    if (norm.kind === "scale" || norm.kind === "center") {
      rounding[i] = outward(unit * (most * (lengths[i]! + r) + bias) + 2 ** -900);
      return outward(most * r + rounding[i]!);
    }
    const { low, shift } = sphere(norm, balls.centers, i * d, d, r);
    const t = low > 0 ? outward((r + shift) / low) : 1;
    // At the changed token R is at least low - r, so its moving by `shift` turns it by at most their quotient.
    const least = (low - r - shift) * (1 - 2 ** -30);
    const turned = least > 0 ? Math.min(2, shift / least) : 2;
    rounding[i] = outward(most * Math.sqrt(d) * (turned + unit) + unit * bias);
    return outward(most * Math.sqrt(d) * (chord(t) + unit) + unit * bias);
  });
  return { d, centers, radii, rounding };
}

/** 2 / sqrt(3), from above. */
const TWO_OVER_ROOT_3 = 1.1547005383793;

/** Gradients at the input from gradients at the output; `balls` are those at the input. */
export function normGradient(norm: Norm, balls: Balls, gradient: Balls): Balls {
  if (norm.kind === "none") return gradient;
  const { d } = balls;
  const most = norm.kind === "scale" ? largest(norm.factors) : largest(norm.weight);
  const scales = norm.kind === "scale" ? norm.factors : norm.weight;
  const centers = new Float64Array(gradient.centers.length);
  const radii = new Float64Array(gradient.radii.length);
  for (let i = 0; i < radii.length; i++) {
    // The margin doesn't depend on this token, wherever it lies.
    if (isZero(gradient, i)) continue;
    const w = new Float64Array(d);
    let mean = 0;
    for (let c = 0; c < d; c++) mean += w[c] = gradient.centers[i * d + c]! * scales[c]!;
    mean = norm.kind === "layer" || norm.kind === "center" ? mean / d : 0;
    const size = lengthUp(w);
    for (let c = 0; c < d; c++) w[c] = w[c]! - mean;
    const rounding = (8 * d + 64) * 2 ** -52;
    let around = outward(most * gradient.radii[i]! + rounding * size + 2 ** -900);
    if (norm.kind === "layer" || norm.kind === "rms") {
      const r = balls.radii[i]!;
      const { low, shift } = sphere(norm, balls.centers, i * d, d, r);
      const far = r + shift;
      const root = Math.sqrt(d);
      // low - far is positive and exact to a few roundings of low, which the factor in low covers.
      const least = (low - far) * (1 - 2 ** -30);
      const left = shedRadial(norm, balls.centers, i * d, d, w);
      if (least > 0)
        around = outward(
          (root / least) * around +
            root * left * TWO_OVER_ROOT_3 * (far / (low * least)) +
            (root / low) * rounding * size,
        );
      else around = Number.POSITIVE_INFINITY;
    }
    for (let c = 0; c < d; c++) centers[i * d + c] = w[c]!;
    radii[i] = around;
  }
  return { d, centers, radii };
}

/** w becomes sqrt(d) / R (w - e (e . w)); gives |w| before. */
function shedRadial(
  norm: Extract<Norm, { kind: "layer" | "rms" }>,
  x: Float64Array,
  from: number,
  d: number,
  w: Float64Array,
): number {
  const size = lengthUp(w);
  let mean = 0;
  if (norm.kind === "layer") {
    for (let c = 0; c < d; c++) mean += x[from + c]!;
    mean /= d;
  }
  let squares = d * norm.epsilon;
  let along = 0;
  for (let c = 0; c < d; c++) {
    const value = x[from + c]! - mean;
    squares += value * value;
    along += value * w[c]!;
  }
  const scale = Math.sqrt(d / squares);
  for (let c = 0; c < d; c++) w[c] = scale * (w[c]! - ((x[from + c]! - mean) * along) / squares);
  return size;
}
