/** Sums and averages of which it isn't known what is in them, for window-charges.ts. */
import { SUMS } from "./rounding.js";

/** Sum of the `count` largest of those above 0. */
export function largestSum(values: readonly number[], count: number): number {
  const above = values.filter((value) => value > 0);
  if (count < above.length) above.sort((a, b) => b - a);
  let sum = 0;
  for (let k = 0; k < above.length && k < count; k++) sum += above[k]!;
  return sum;
}

/** A key's weight, that times what is seen of it, that times its length, and that times the size of what is seen (row-tables.ts). */
export type Weighed = readonly [weight: number, part: number, length: number, size: number];

/**
 * The least that (sum of parts) / (null mass + sum of weights) can be, and the most that (sum of lengths) / (...) can be, when of what stays, but for
 * the query itself, at most q are lost, and at most q of what may come are there too.
 *
 * Proof as in charges.ts (`leastBrought`): for a given sum and mass of what stays the least is that of q times one comer, or of none, and it is
 * monotone in both: the sum is at least what is there less the q largest parts, the mass between what is there less the q heaviest and what is there.
 */
export function leastAverage(nullMass: number, itself: Weighed, q: number) {
  let [mass, parts, lengths, sizes] = [nullMass + itself[0], itself[1], itself[2], itself[3]];
  const weights: number[] = [];
  const above: number[] = [];
  const comers: Weighed[] = [];
  return {
    stays(weight: number, part: number, length: number, size: number): void {
      mass += weight;
      parts += part;
      lengths += length;
      sizes += size;
      weights.push(weight);
      above.push(part);
    },
    comes(weight: number, part: number, length: number, size: number): void {
      comers.push([weight, part, length, size]);
    },
    least(): { shortest: number; longest: number; sizes: number } {
      const lo = Math.max((nullMass + itself[0]) * (1 - SUMS), mass * (1 - SUMS) - largestSum(weights, q));
      const gone = largestSum(above, q);
      const stays = parts - gone;
      let shortest = Math.min(stays / lo, stays / mass);
      let longest = lengths / lo;
      let most = 0;
      for (const [weight, part, length, size] of comers) {
        const least = stays + q * part;
        shortest = Math.min(shortest, least / (lo + q * weight), least / (mass + q * weight));
        longest = Math.max(longest, (lengths + q * length) / (lo + q * weight));
        if (size > most) most = size;
      }
      return { shortest, longest, sizes: (2 * sizes + q * most) / lo };
    },
  };
}
