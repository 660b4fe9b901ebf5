/**
 * The most that k edits can cost a text, when what they cost a site is known.
 *
 * Theorem. Let cost(site, level) bound what a member of the level can cost in the place of the site's own tokens, and let
 * costs of different sites add up. No text within j edits costs more than `mostBy(reached, cost)[j]`.
 * Proof. By the theorem of tokenizer/reach/levels.ts its tokens come from parting the stretches into sites with
 * budgets of at most j in all, so its cost is at most the sum of theirs. The table takes the greatest such sum over all
 * partings and budgets, from the last stretch to the first: the first site of a parting of stretches s, s + 1, ...
 * takes some edits and leaves the others to a parting of the rest. Sums are rounded up.
 */
import { addUp } from "../numeric/rounding.js";
import type { Reached, ReachedSite } from "../tokenizer/reach.js";

/**
 * [edits + 1] the most by number of edits.
 * @param cost what a level of a site costs, >= 0; `level` indexes `site.levels`, `index` is the site's own among all
 */
export function mostBy(
  { sites, stretches, edits }: Reached,
  cost: (site: ReachedSite, level: number, index: number) => number,
): Float64Array {
  const width = edits + 1;
  // Row s: what stretches s, s + 1, ... can cost, by edits.
  const table = new Float64Array((stretches + 1) * width).fill(-1);
  table.fill(0, stretches * width);
  for (let n = sites.length - 1; n >= 0; n--) {
    const site = sites[n]!;
    const row = site.first * width;
    const rest = (site.first + site.stretches) * width;
    for (const [place, level] of site.levels.entries()) {
      const own = cost(site, place, n);
      for (let j = level.edits; j < width; j++) {
        const total = addUp(own, table[rest + j - level.edits]!);
        if (!(total <= table[row + j]!)) table[row + j] = total;
      }
    }
  }
  return table.slice(0, width);
}
