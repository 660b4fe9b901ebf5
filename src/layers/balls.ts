/**
 * What is known about a changed sequence: every token lies in a ball, |x_i - center_i| <= radius_i, each token by itself.
 *
 * Every layer maps balls to balls. Promise of each such function: for every input in the balls, the layer's float64
 * forward of it, token by token, is in the balls that come out; their centers are the forward of the centers.
 * So what is known exactly (an added token whose vector was computed) stays exact, and radii only carry what isn't known.
 *
 * Rounding. 1. Radii are made of numbers >= 0 by sums, products, quotients by positive lower bounds and roots: the
 * computed value of such an expression with N operations is at least (1 + 2^-53)^-N times the real one (no term cancels), so
 * `outward`, which multiplies by 1 + 2^-30, makes it an upper bound for N <= 2^22. Where something is subtracted, the place
 * says why that is safe. 2. The forward itself rounds, at the center and at the changed sequence; each image's
 * `rounding` bounds both, and is part of the radius that comes out. 3. Math.exp, tanh, log1p and expm1
 * are taken to be right to 2^-44 of their size; engines are within 2^-51.
 */
import { UserError } from "../failure.js";

export interface Balls {
  /** Width of a token. */
  readonly d: number;
  /** [n * d] */
  readonly centers: Float64Array;
  /** [n], each >= 0; Infinity if nothing is known. */
  readonly radii: Float64Array;
}

/** What a layer makes of balls. */
export interface Image extends Balls {
  /**
   * [n] What the layer's forward can be away from the real function, at the center and at the changed input together; it is
   * part of the radius.
   */
  readonly rounding: Float64Array;
}

/** Covers the rounding of up to 2^10 steps of 2^-53, twice, and of Math's functions: relative size of a forward's error. */
export const ROUNDING = 2 ** -41;

/** At least the real value of a computed expression of terms >= 0; Infinity for NaN. */
export function outward(value: number): number {
  return value >= 0 ? value * (1 + 2 ** -30) : Number.POSITIVE_INFINITY;
}

/** The error of a forward's sum of `terms` products relative to the sum of their sizes, at the center and at the change together. */
export function sumRounding(terms: number): number {
  return (2 * terms + 64) * 2 ** -52;
}

/** |values[from .. from + n)|, from above. */
export function lengthUp(values: ArrayLike<number>, from = 0, n = values.length): number {
  let squares = 0;
  for (let i = from; i < from + n; i++) squares += values[i]! * values[i]!;
  if (squares > 1e-200) return outward(Math.sqrt(squares));
  // Squares may have underflowed, or be NaN.
  let sum = 0;
  for (let i = from; i < from + n; i++) sum += Math.abs(values[i]!);
  return outward(sum);
}

/** |a - b| over n numbers, from above. */
export function distanceUp(
  a: ArrayLike<number>,
  fromA: number,
  b: ArrayLike<number>,
  fromB: number,
  n: number,
): number {
  const difference = new Float64Array(n);
  for (let i = 0; i < n; i++) difference[i] = a[fromA + i]! - b[fromB + i]!;
  return lengthUp(difference);
}

/** Length of every center. */
export function centerLengths({ d, centers }: Balls): Float64Array {
  const lengths = new Float64Array(d === 0 ? 0 : centers.length / d);
  for (let i = 0; i < lengths.length; i++) lengths[i] = lengthUp(centers, i * d, d);
  return lengths;
}

/** Is nothing but the zero vector in ball i? */
export function isZero({ d, centers, radii }: Balls, i: number): boolean {
  if (radii[i] !== 0) return false;
  for (let c = i * d; c < (i + 1) * d; c++) if (centers[c] !== 0) return false;
  return true;
}

/** How a changed sequence differs from the base. */
export interface Perturbation {
  /** [n'] In the order of the changed sequence: the base token that each token is, or -1 for an added one. */
  readonly origins: Int32Array;
  /** [n'] Kept tokens: |x' - x| <= radius; added ones: radius about their center. */
  readonly radii: Float64Array;
  /** Centers of the added tokens, [d] each, in order; the zero vector where only a norm is known. */
  readonly added: readonly Float64Array[];
}

/**
 * The changed sequence as balls: kept tokens about their base activations [n * d], added ones about their centers; removed tokens
 * (base tokens that are no origin) are gone.
 * @throws UserError if the shapes don't fit or an origin is used twice
 */
export function ballsOf(base: Float64Array, d: number, { origins, radii, added }: Perturbation): Balls {
  if (radii.length !== origins.length)
    throw new UserError(`a perturbation has ${radii.length} radii for ${origins.length} tokens`);
  const centers = new Float64Array(origins.length * d);
  const seen = new Set<number>();
  let next = 0;
  origins.forEach((origin, i) => {
    if (!(radii[i]! >= 0)) throw new UserError(`the radius of token ${i} is ${radii[i]}; it must be >= 0`);
    if (origin === -1) {
      const center = added[next++];
      if (center?.length !== d)
        throw new UserError(`added token ${next - 1} has ${center?.length ?? "no"} numbers, not ${d}`);
      centers.set(center, i * d);
    } else {
      if (!(origin >= 0 && (origin + 1) * d <= base.length) || seen.has(origin))
        throw new UserError(
          `token ${i} comes from base token ${origin}; each of 0 to ${base.length / d - 1} can be used once`,
        );
      seen.add(origin);
      centers.set(base.subarray(origin * d, (origin + 1) * d), i * d);
    }
  });
  if (next !== added.length)
    throw new UserError(`${added.length} added tokens were given for ${next} places`);
  return { d, centers, radii };
}

/** What balls say about the change against the base activations [n * d] at this layer. */
export function perturbationOf(balls: Balls, origins: Int32Array, base: Float64Array): Perturbation {
  const { d, centers } = balls;
  const radii = balls.radii.slice();
  const added: Float64Array[] = [];
  origins.forEach((origin, i) => {
    if (origin === -1) added.push(centers.slice(i * d, (i + 1) * d));
    else radii[i] = outward(radii[i]! + distanceUp(centers, i * d, base, origin * d, d));
  });
  return { origins, radii, added };
}
