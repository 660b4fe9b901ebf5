/** Sums and averages of which it isn't known what is in them, for window-charges.ts. */

/** Sum of the `count` largest of those above 0. */
export function largestSum(values: readonly number[], count: number): number {
  const above = values.filter((value) => value > 0);
  if (count < above.length) above.sort((a, b) => b - a);
  let sum = 0;
  for (let k = 0; k < above.length && k < count; k++) sum += above[k]!;
  return sum;
}

/**
 * The least that (sum of parts) / (null mass + sum of weights) can be, and the most that (sum of lengths) / (...) can be, when of what stays at
 * most q are lost, and at most q of what may come are there too. Each key is given as its weight, and as that times what is seen of it, and its length.
 *
 * Proof in charges.ts (`leastBrought`): for a given sum and mass of what stays the least is that of q times one comer, or of none, and it is
 * monotone in both.
 */
export function leastAverage(nullMass: number, q: number) {
  let [mass, parts, lengths, heaviest, largest, sizes] = [nullMass, 0, 0, 0, 0, 0];
  const comers: (readonly [number, number, number])[] = [];
  return {
    stays(weight: number, part: number, length: number): void {
      mass += weight;
      parts += part;
      lengths += length;
      sizes += Math.abs(part);
      if (weight > heaviest) heaviest = weight;
      if (part > largest) largest = part;
    },
    comes(weight: number, part: number, length: number): void {
      comers.push([weight, part, length]);
    },
    least(): { shortest: number; longest: number; sizes: number } {
      const lo = q === 0 ? mass : Math.max(nullMass, mass - q * heaviest);
      const stays = parts - q * largest;
      let shortest = Math.min(stays / lo, stays / mass);
      let longest = lengths / lo;
      let most = 0;
      for (const [weight, part, length] of comers) {
        const least = stays + q * part;
        shortest = Math.min(shortest, least / (lo + q * weight), least / (mass + q * weight));
        longest = Math.max(longest, (lengths + q * length) / (lo + q * weight));
        if (-part > most) most = -part;
      }
      return { shortest, longest, sizes: (sizes + q * (largest + most)) / lo };
    },
  };
}
