/**
 * The best of the bounds for a stack of maps, and the bound of each pair of classes' margin.
 *
 * Promise: `value` is at least |f(x') - f(x)| / |x' - x| for all x, x' and all activations with the slopes given, entry by entry. No
 * method is best everywhere, so the least is taken; each is proven in its own file.
 *
 * Margin of classes a and b: the last map's rows are replaced by C_a - C_b, which is far smaller than sqrt(2) |C|. The
 * difference is rounded, each entry by at most u of its size, so the row is off by at most u times its norm, and the margin by that times
 * the product bound of what lies before.
 */
import { matrix } from "../numeric/matrix.js";
import { addUp, multiplyUp, subtractDown, subtractUp, UNIT_ROUNDOFF } from "../numeric/rounding.js";
import { absoluteBound } from "./absolute.js";
import { eclipseBound, lipsdpBound } from "./eclipse.js";
import { eclipseFastBound } from "./eclipse-fast.js";
import { lipltBound } from "./liplt.js";
import { productBound } from "./product.js";
import { checkStack, type NormName, operatorNormUp, type Stack, steepest } from "./stack.js";

export type StackMethod = "product" | "liplt" | "absolute" | "eclipse-fast" | "eclipse" | "lipsdp";

export interface StackBound {
  readonly value: number;
  /** The method that gives it. */
  readonly method: StackMethod;
  /** Of every method that was tried and had a result. */
  readonly values: Readonly<Partial<Record<StackMethod, number>>>;
}

/** Limits on what is tried; a method beyond them is left out. */
export interface StackEffort {
  /** Hidden neurons for which the semidefinite programs are solved (40: below a second; time grows with the cube). Default 40. */
  readonly programs?: number;
  /** Inputs and hidden neurons together for ECLipsE-Fast (1,600: a second or two). Default 1,600. */
  readonly fast?: number;
}

/** @throws UserError if the stack doesn't fit together or isn't finite. */
export function stackBound(stack: Stack, norm: NormName, effort: StackEffort = {}): StackBound {
  checkStack(stack);
  const values: Partial<Record<StackMethod, number>> = {};
  const found: [StackMethod, number | null][] = [["product", productBound(stack, norm)]];
  if (stack.slopes.length > 0) {
    found.push(["liplt", lipltBound(stack, norm)]);
    if (norm === "l2") found.push(...semidefinite(stack, effort));
    else found.push(["absolute", absoluteBound([{ stack, activation: null, windows: null }], norm)]);
  }
  let method: StackMethod = "product";
  for (const [name, value] of found) {
    if (value === null || Number.isNaN(value)) continue;
    values[name] = value;
    if (value < values[method]!) method = name;
  }
  return { value: values[method]!, method, values };
}

function semidefinite(stack: Stack, effort: StackEffort): [StackMethod, number | null][] {
  const neurons = stack.maps.slice(1).reduce((sum, map) => sum + map.columns, 0);
  const found: [StackMethod, number | null][] = [];
  if (neurons + stack.maps[0]!.columns <= (effort.fast ?? 1600))
    found.push(["eclipse-fast", eclipseFastBound(stack)]);
  if (neurons <= (effort.programs ?? 40)) {
    found.push(["lipsdp", lipsdpBound(stack)]);
    // With one hidden layer the two are the same program.
    if (stack.slopes.length > 1) found.push(["eclipse", eclipseBound(stack)]);
  }
  return found;
}

/**
 * For classes a and b at [a * classes + b], an upper bound of |margin' - margin| / |x' - x|, margin = logit a - logit b; symmetric,
 * 0 on the diagonal.
 * @throws UserError as `stackBound`
 */
export function pairBounds(stack: Stack, norm: NormName, effort: StackEffort = {}): Float64Array {
  checkStack(stack);
  const last = stack.maps[stack.maps.length - 1]!;
  const before = { maps: stack.maps.slice(0, -1), slopes: stack.slopes.slice(0, -1) };
  const reaching =
    before.maps.length === 0
      ? 1
      : multiplyUp(productBound(before, norm), steepest(stack.slopes[stack.slopes.length - 1]!));
  const classes = last.rows;
  const result = new Float64Array(classes * classes);
  for (let a = 0; a < classes; a++)
    for (let b = 0; b < a; b++) {
      const row = matrix(1, last.columns);
      let exact = true;
      for (let k = 0; k < last.columns; k++) {
        const [x, y] = [last.data[a * last.columns + k]!, last.data[b * last.columns + k]!];
        row.data[k] = x - y;
        exact &&= subtractUp(x, y) === subtractDown(x, y);
      }
      const { value } = stackBound({ maps: [...before.maps, row], slopes: stack.slopes }, norm, effort);
      const off = exact ? 0 : multiplyUp(UNIT_ROUNDOFF, operatorNormUp(norm, row));
      result[a * classes + b] = addUp(value, multiplyUp(off, reaching));
      result[b * classes + a] = result[a * classes + b]!;
    }
  return result;
}
