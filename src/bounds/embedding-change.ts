/**
 * How much edits can change the embeddings of a site's tokens.
 *
 * Let b be the site's own tokens and t a member of the level, e_x the embedding of token x.
 *
 *     sum:      |sum of e_x over t - sum of e_x over b|
 *     aligned:  the least cost of an alignment of t with b (token-costs.ts); never below `sum`
 *
 * Theorem. No member of the level has more than the level's `sum` or `aligned`, and its length differs from the site's own by
 * between `shortest` and `longest`. Exact levels attain them, but for rounding upwards.
 * Proof. Exact levels: the greatest over all members; the rounding of sums is proven below. Other levels: t has between
 * `least` and `most` tokens, all from a set T. Pair p = min(|t|, |b|) of t's tokens with p of b's, in order; whichever these
 * are, that is an alignment, and it costs at most max over T of |e_x - e_b| for each pair, max over T of |e_x| for each
 * other token of t and |e_b| for each other one of b. The p are chosen such that this is least. For |t| >= |b| it grows with |t|,
 * so |t| = `most` is the worst of these. `sum` is at most the cost of any alignment by the triangle inequality.
 *
 * Positions aren't in it: position-shift.ts has what a change of length does to the tokens behind.
 */
import { addUp, gammaUp, multiplyUp } from "../numeric/rounding.js";
import type { Reached, ReachedSite, ReachLevel } from "../tokenizer/reach.js";
import { NORMS_UP, type TokenCosts } from "./token-costs.js";

export interface LevelChange {
  readonly edits: number;
  readonly exact: boolean;
  readonly sum: number;
  readonly aligned: number;
  /** Tokens more than the site's own has (less: below 0); Infinity where nothing is known. */
  readonly shortest: number;
  readonly longest: number;
}

/** Of every level of every site, in the order of `reached.sites` and `site.levels`. */
export function embeddingChange(reached: Reached, costs: TokenCosts): LevelChange[][] {
  return reached.sites.map((site) =>
    site.levels.map((level) =>
      level.exact ? exactChange(site, level, costs) : looseChange(site, level, costs),
    ),
  );
}

function exactChange(
  { base }: ReachedSite,
  { edits, sequences }: Extract<ReachLevel, { exact: true }>,
  costs: TokenCosts,
): LevelChange {
  let sum = 0;
  let aligned = 0;
  let shortest = Infinity;
  let longest = -Infinity;
  for (const ids of sequences) {
    sum = Math.max(sum, sumChange(base, ids, costs));
    aligned = Math.max(aligned, costs.aligned(base, ids));
    shortest = Math.min(shortest, ids.length - base.length);
    longest = Math.max(longest, ids.length - base.length);
  }
  // A level without members can't come about; it costs nothing and changes no length.
  if (sequences.length === 0) return { edits, exact: true, sum, aligned, shortest: 0, longest: 0 };
  return { edits, exact: true, sum, aligned, shortest, longest };
}

/**
 * |sum over `to` - sum over `from`|, rounded up: each coordinate is a sum of n terms, whose computed value
 * is within gamma(n) / (1 - gamma(n)) of the computed sum of sizes (numeric/sums.ts).
 */
export function sumChange(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { embedding: { columns, data }, norm }: TokenCosts,
): number {
  const total = new Float64Array(columns);
  const sizes = new Float64Array(columns);
  // What both begin with cancels.
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  const add = (ids: ArrayLike<number>, sign: number): void => {
    for (let i = same; i < ids.length; i++) {
      const row = ids[i]! * columns;
      for (let c = 0; c < columns; c++) {
        const value = data[row + c]!;
        total[c] = total[c]! + sign * value;
        sizes[c] = sizes[c]! + Math.abs(value);
      }
    }
  };
  add(from, -1);
  add(to, 1);
  const factor = gammaUp(2 * (from.length + to.length) + 2);
  for (let c = 0; c < columns; c++) total[c] = addUp(Math.abs(total[c]!), multiplyUp(factor, sizes[c]!));
  return NORMS_UP[norm](total);
}

function looseChange(
  { base }: ReachedSite,
  { edits, tokens, least, most }: Extract<ReachLevel, { exact: false }>,
  costs: TokenCosts,
): LevelChange {
  const lengths = { shortest: least - base.length, longest: most - base.length };
  if (most === Infinity) return { edits, exact: false, sum: Infinity, aligned: Infinity, ...lengths };
  let gap = 0;
  for (const token of tokens) gap = Math.max(gap, costs.gap(token));
  const pairs = Array.from(base, (own) => {
    let paired = 0;
    for (const token of tokens) paired = Math.max(paired, costs.substitution(own, token));
    return { paired, alone: costs.gap(own) };
  }).sort((a, b) => a.paired - a.alone - (b.paired - b.alone));
  let worst = 0;
  for (let n = least; n <= Math.min(most, base.length); n++)
    worst = Math.max(worst, addedUp(pairs.map(({ paired, alone }, i) => (i < n ? paired : alone))));
  if (most > base.length) {
    const own = addedUp(pairs.map(({ paired }) => paired));
    worst = Math.max(worst, addUp(own, multiplyUp(most - base.length, gap)));
  }
  return { edits, exact: false, sum: worst, aligned: worst, ...lengths };
}

function addedUp(values: readonly number[]): number {
  return values.reduce((sum, value) => addUp(sum, value), 0);
}
