/**
 * A stack of linear maps with activations between them, x -> W_l f_(l-1)(... f_1(W_1 x)), as data, and what its bounds are
 * made of. Biases change no difference, so they are left out.
 */
import { UserError } from "../failure.js";
import type { Slopes } from "../layers/slopes.js";
import { allFinite, type Matrix } from "../numeric/matrix.js";
import { frobeniusNormUp, l1OperatorNormUp, linfOperatorNormUp, spectralNormUp } from "../numeric/norms.js";
import { addDown, multiplyDown, multiplyUp, subtractUp } from "../numeric/rounding.js";

export interface Stack {
  /** W_1, ..., W_l; at least one. The columns of each are the rows of the one before. */
  readonly maps: readonly Matrix[];
  /** Slopes of f_1, ..., f_(l-1), entry by entry: (f(x') - f(x)) / (x' - x) lies in [least, most]. */
  readonly slopes: readonly Slopes[];
}

export type NormName = "l1" | "l2" | "linf";

/** @throws UserError if there is no map, shapes don't fit, or a number isn't finite. */
export function checkStack({ maps, slopes }: Stack): void {
  if (maps.length === 0) throw new UserError("a stack has 0 linear maps; it needs at least one");
  if (slopes.length !== maps.length - 1)
    throw new UserError(
      `a stack of ${maps.length} linear maps has ${slopes.length} activations; it needs ${maps.length - 1}`,
    );
  maps.forEach((map, i) => {
    const before = maps[i - 1];
    if (before !== undefined && map.columns !== before.rows)
      throw new UserError(
        `linear map ${i + 1} of a stack takes ${map.columns} numbers; the one before gives ${before.rows}`,
      );
    if (!allFinite(map)) throw new UserError(`linear map ${i + 1} of a stack has an entry that isn't finite`);
  });
  slopes.forEach(({ least, most }, i) => {
    if (!(Number.isFinite(least) && Number.isFinite(most) && least <= most))
      throw new UserError(
        `the slopes of activation ${i + 1} are ${least} to ${most}; they must be finite, the least first`,
      );
  });
}

/** The largest size of a slope. */
export function steepest({ least, most }: Slopes): number {
  return Math.max(Math.abs(least), Math.abs(most));
}

/**
 * Slopes as center +- radius. The center is a float64 number and the radius is rounded up, so every slope lies within;
 * `product` is at most (center - radius) (center + radius), the alpha beta of the literature.
 */
export interface Spread {
  readonly center: number;
  readonly radius: number;
  readonly product: number;
}

export function spreadOf({ least, most }: Slopes): Spread {
  const center = (least + most) / 2;
  const radius = Math.max(subtractUp(most, center), subtractUp(center, least));
  return {
    center,
    radius,
    product: addDown(multiplyDown(center, center), -multiplyUp(radius, radius)),
  };
}

/** An upper bound of max |a x| / |x|. */
export function operatorNormUp(norm: NormName, a: Matrix): number {
  if (norm === "l1") return l1OperatorNormUp(a);
  return norm === "linf" ? linfOperatorNormUp(a) : spectralNormUp(a);
}

/** An upper bound of a norm that is at least the operator norm, submultiplicative, and sees only the sizes of entries. */
export function entrywiseNormUp(norm: NormName, a: Matrix): number {
  return norm === "l2" ? frobeniusNormUp(a) : operatorNormUp(norm, a);
}
