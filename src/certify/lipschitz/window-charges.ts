/**
 * Charges (charges.ts) where heads see windows: what edits take from the blocks' part when they also move the windows of the tokens near them.
 *
 * Let a head see the L nearest tokens on one side of a kept query i, and let parts p of the edits lie on that side: part p takes m_p
 * neighbouring tokens, of which t_p were in the window, and brings b_p in their place, delta_p old tokens from i. Old distances from i are 1, 2, ...;
 * a kept token at x is at x + s(x) afterwards, s(x) = sum of (b_p - m_p) over parts nearer than it.
 *
 * Theorem (windows). Besides tokens taken and brought, the window changes by kept tokens alone: either by at most sum over p of max(0, t_p - b_p) that
 * are pulled in, from distances L + 1 to L + sum of the (m_p - b_p) of parts nearer, or by at most sum over p of min(b_p - m_p, L - delta_p - m_p), where
 * positive, that are pushed out, from distances L + 1 - sum of the (b_p - m_p) to L; each beyond every part that the sum counts for it.
 * Proof. Kept tokens stay in order, so not both. Let y be the farthest pulled in: y > L >= y + s(y). All kept tokens in (L, y] are pulled in: y - L less those
 * taken there, at most -s(y) less those = sum of (t_p - b_p) over parts nearer than y. Let x be the nearest pushed out: x <= L < x + s(x). All
 * kept ones in [x, L] are: at most L + 1 - x <= s(x), less those taken there: at most the sum of (b_p - m_p) over parts nearer than x, for
 * which delta_p + m_p + 1 <= x <= L; and at most L - delta_p - m_p lie beyond such a part.
 * So each part pays for as many of them as its own term says, the dearest of those that can be meant, or none.
 *
 * Theorem (`cost`). As in charges.ts, where of the others each place of e edits takes at most 2e tokens and brings at most 2e, and these 2e add up to at most q.
 * Proof. N_i is the sum over tokens gained and lost, and D_i' = D_i + their weights. Each of those tokens is paid for by one part: what it takes
 * in the old window, what it brings in the new one, what is pulled in or pushed out. Between i and a part, others take and bring at most q:
 * so of its b_p at least the L - delta_p - q nearest are seen, and at most the L - (delta_p - q)+ nearest: the dearest case is taken. A token is
 * in the windows of at most L kept queries on a side, so of the queries that may or may not see it only L pay. Others lose i at most
 * q keys: a place of e edits takes t_p and pushes out at most b_p - t_p, if that is positive: at most max(t_p, b_p) <= 2e. Likewise they give it
 * at most q. With no others everything is known. What comes is a query whose own window changes in the same way about the text with its own part
 * changed; it loses at most q keys and gains at most q, which may be tokens of the text up to q places beyond. (A place may be charged piece by
 * piece, its tokens taken and brought each for itself: then q is that of all edits, and the same holds, since they are at most e + 2.)
 *
 * Theorem (`newcomer`, `comes`). As in charges.ts, from sums over the queries that may see it, at most L on each side: sums of the largest of convex functions are
 * convex; and each of them pays for one key that is pushed out.
 */
import { isWindowed, reach } from "../../layers/windows.js";
import { Charges, type Line, SLACK } from "./charges.js";
import type { Added } from "./embedded-words.js";
import type { SeenRows } from "./row-tables.js";
import type { Newcomer, TextState } from "./text-state.js";
import { largestSum, leastAverage } from "./window-sums.js";

export class WindowCharges extends Charges {
  override readonly placed = true;

  override costAnywhere(row: number, q: number): number {
    let most = Number.NEGATIVE_INFINITY;
    for (let at = 0; at <= this.text.n; at++) most = Math.max(most, this.cost([], [row], q, null, at));
    return most;
  }

  protected override eachGone(q: number): Float64Array {
    return Float64Array.from({ length: this.text.n }, (_, r) => this.cost([r], [], q, null, r));
  }

  /** @param taken tokens from number `at` on, without a gap */
  override cost(
    taken: readonly number[],
    brought: Added,
    q: number,
    others: readonly number[] | null = null,
    at = 0,
  ): number {
    const { text, rows } = this;
    const { n, tables } = text;
    for (const row of others ?? []) rows.make(row);
    if (taken.some((token, t) => token !== at + t))
      throw new Error(`tokens ${taken} aren't those from ${at} on`);
    const comers = brought.map((row) => this.comer(row));
    const backwards = [...comers].reverse();
    const losses = new Float64Array(n);
    const sums = { optional: 0, size: 0 };
    const part = { at, takes: taken.length, q, losses, sums };
    const windows = tables.block.attention.windows!;
    for (let h = 0; h < tables.heads; h++) {
      this.side({ ...part, h, limit: reach(windows[h]!.before), step: 1, comers: backwards });
      this.side({ ...part, h, limit: reach(windows[h]!.after), step: -1, comers });
    }
    let { size } = sums;
    let total = sums.optional;
    for (let i = 0; i < n; i++) total += losses[i]!;
    if (q > 0) total -= negativeSum(losses, q);
    for (const r of taken) {
      total += this.own[r]!;
      size += Math.abs(this.own[r]!);
    }
    for (let a = 0; a < comers.length; a++) {
      const least = this.leastAt(comers, a, at, taken.length, q, others);
      total -= least;
      size += Math.abs(least) + Math.abs(rows.alone(comers[a]!.row));
    }
    return total + SLACK * size;
  }

  /** Adds what the queries on one side of a part lose by it. */
  private side({ at, takes, q, losses, sums, h, limit, step, comers }: Side): void {
    const { text, seen, values, rows } = this;
    const { n, forward, apart, heaviest, tables } = text;
    const { every, masses } = forward;
    const { nullMass } = tables.block.attention;
    const brings = comers.length;
    const steep = rows.lipschitz * this.gain;
    const [tops, pushTops] = [text.heaviestOf(q), text.heaviestOf(q + Math.max(0, brings - takes))];
    const queries = step === 1 ? n - at - takes : at;
    const optional: number[] = [];
    for (let delta = 0; delta < queries && delta < limit + (brings > 0 ? q : 0); delta++) {
      const i = step === 1 ? at + takes + delta : at - 1 - delta;
      const query = h * n + i;
      const here = seen[query]!;
      let [numerator, distance, sizes] = [0, 0, 0];
      let mass = masses[query]!;
      /** Key j, of this weight, is gained (1) or lost (-1). */
      const count = (sign: number, weight: number, there: number, away: number) => {
        numerator -= sign * weight * (there - here);
        distance += weight * away;
        mass += sign * weight;
        sizes += weight * (Math.abs(there) + Math.abs(here));
      };
      const written = (sign: number, j: number) =>
        count(sign, every[query * n + j]!, values[h * n + j]!, apart[query * n + j]!);
      const gained = (k: number) => {
        const { row, read, apart: away } = comers[k]!;
        count(1, read[query]!, rows.seenOf(row, h), away[query]!);
      };
      const within = Math.min(takes, Math.max(0, limit - delta));
      for (let k = 0; k < within; k++) written(-1, step === 1 ? at + takes - 1 - k : at + k);
      // Of what is brought, the nearest are seen: so many at least, and at most.
      const sure = clamp(limit - delta - q, brings);
      const most = clamp(limit - Math.max(0, delta - q), brings);
      for (let k = 0; k < sure; k++) gained(k);
      // Token x behind the part, counted from it.
      const beyond = (x: number) => (step === 1 ? at - 1 - x : at + takes + x);
      const there = step === 1 ? at : n - at - takes;
      const before = Math.max(0, limit - delta - takes);
      const after = Math.max(0, limit - delta - brings);
      if (q === 0) {
        for (let x = before; x < after && x < there; x++) written(1, beyond(x));
        for (let x = after; x < before && x < there; x++) written(-1, beyond(x));
      }
      // Where there is no end, nothing is beyond it.
      const unknown = q > 0 && limit < Number.POSITIVE_INFINITY;
      const pulls = unknown ? Math.max(0, within - brings) : 0;
      const pushes = unknown ? clamp(brings - takes, limit - delta - takes) : 0;
      const lo = Math.max(nullMass, mass - (pushes > 0 ? pushTops : tops)[query]!);
      let hi = mass + (q + pulls) * heaviest[query]!;
      for (let k = sure; k < most; k++) hi += comers[k]!.read[query]!;
      const moved = (steep * distance) / lo;
      let loss = moved + (numerator > 0 ? numerator / lo : numerator / hi);
      sums.size += moved + sizes / lo;
      /** What gaining or losing one key more costs. */
      const more = (sign: number, weight: number, seenOfKey: number, away: number) => {
        const term = -sign * weight * (seenOfKey - here);
        const moved = (steep * weight * away) / lo;
        sums.size += moved + (weight * (Math.abs(seenOfKey) + Math.abs(here))) / lo;
        return moved + (term > 0 ? term / lo : term / hi);
      };
      const moreOf = (sign: number, x: number) => {
        const j = beyond(x);
        return more(sign, every[query * n + j]!, values[h * n + j]!, apart[query * n + j]!);
      };
      if (pulls > 0) {
        const costs: number[] = [];
        const end = Math.min(there, before + q + takes - brings);
        for (let x = before; x < end; x++) costs.push(moreOf(1, x));
        loss += largestSum(costs, pulls);
      }
      if (pushes > 0) {
        const costs: number[] = [];
        const end = Math.min(there, before);
        for (let x = Math.max(0, before - q - (brings - takes)); x < end; x++) costs.push(moreOf(-1, x));
        loss += largestSum(costs, pushes);
      }
      let [run, dearest] = [0, 0];
      for (let k = sure; k < most; k++) {
        const { row, read, apart: away } = comers[k]!;
        run += more(1, read[query]!, rows.seenOf(row, h), away[query]!);
        if (run > dearest) dearest = run;
      }
      if (sure > 0) loss += dearest;
      else if (dearest > 0) optional.push(dearest);
      losses[i] = losses[i]! + loss;
    }
    sums.optional += largestSum(optional, limit);
  }

  /** The least that comer `a` of those that come at a place brings. */
  private leastAt(
    comers: readonly Newcomer[],
    a: number,
    at: number,
    takes: number,
    q: number,
    others: readonly number[] | null,
  ): number {
    const { text, rows, values } = this;
    const { n, tables, valueLengths } = text;
    const { nullMass, windows } = tables.block.attention;
    const { row, reads, onItself } = comers[a]!;
    let least = rows.alone(row);
    let size = Math.abs(least);
    for (let h = 0; h < tables.heads; h++) {
      const average = leastAverage(nullMass, q);
      const brought = (b: number) => {
        const other = comers[b]!.row;
        const weight = b === a || other === row ? onItself[h]! : this.between(row, other, h);
        return [
          weight,
          weight * rows.seenOf(other, h),
          weight * tables.lengths[other * tables.heads + h]!,
        ] as const;
      };
      const written = (j: number) => {
        const weight = reads[h * n + j]!;
        return [weight, weight * values[h * n + j]!, weight * valueLengths[h * n + j]!] as const;
      };
      const { before, after } = windows![h]!;
      average.stays(...brought(a));
      // Those behind the window may come into it.
      for (let x = 0; x < a + at && x < reach(before) + q; x++)
        average[x < reach(before) ? "stays" : "comes"](
          ...(x < a ? brought(a - 1 - x) : written(at - 1 - (x - a))),
        );
      const behind = comers.length - 1 - a;
      for (let x = 0; x < behind + n - at - takes && x < reach(after) + q; x++)
        average[x < reach(after) ? "stays" : "comes"](
          ...(x < behind ? brought(a + 1 + x) : written(at + takes + (x - behind))),
        );
      if (q > 0 && others === null) {
        const weight = tables.heaviest(row, h);
        average.comes(weight, weight * rows.leastSeen()[h]!, weight * tables.seenLengths()[h]!);
      } else if (q > 0)
        for (const other of others!) {
          const weight = this.between(row, other, h);
          average.comes(
            weight,
            weight * rows.seenOf(other, h),
            weight * tables.lengths[other * tables.heads + h]!,
          );
        }
      const { shortest, longest, sizes } = average.least();
      const forward = rows.lipschitz * this.gain * longest;
      least += shortest - forward;
      size += sizes + forward;
    }
    return least - SLACK * size;
  }

  protected override newLine(edits: number): Line {
    const { text, seen, rows } = this;
    const { n, forward: now, heaviest, lengths, tables } = text;
    const { heads, block } = tables;
    const { nullMass, windows } = block.attention;
    const tops = text.heaviestOf(2 * edits);
    const [least, most, longest] = [rows.leastSeen(), rows.mostSeen(), tables.seenLengths()];
    const forward = rows.lipschitz * this.gain;
    const atLeast = new Float64Array(heads);
    const slope = new Float64Array(heads);
    const perLength = new Float64Array(heads);
    let fixed = 0;
    for (let h = 0; h < heads; h++) {
      const { before, after } = windows![h]!;
      const share = (i: number) =>
        heaviest[h * n + i]! / Math.max(nullMass, now.masses[h * n + i]! - tops[h * n + i]!);
      const all = (value: (i: number) => number, count: number) =>
        largestSum(
          Array.from({ length: n }, (_, i) => value(i)),
          count,
        );
      const both = reach(before) + reach(after);
      atLeast[h] = all((i) => share(i) * Math.max(0, seen[h * n + i]! - least[h]!), both);
      const atMost = all((i) => share(i) * Math.max(0, seen[h * n + i]! - most[h]!), both);
      perLength[h] = forward * all(share, both);
      fixed += forward * (longest[h]! + all((i) => share(i) * lengths[h * n + i]!, both)) - least[h]!;
      // Where a side has no end, nothing is pushed out of it.
      if (before !== null) fixed += all((i) => this.dearestPush(h, i, i - before, i - 1, tops), before);
      if (after !== null) fixed += all((i) => this.dearestPush(h, i, i + 1, i + after, tops), after);
      const span = most[h]! - least[h]!;
      slope[h] = span > 0 ? (atMost - atLeast[h]!) / span : 0;
    }
    return { fixed, atLeast, slope, perLength };
  }

  /** The most that query i loses when it loses one of these keys. */
  private dearestPush(h: number, i: number, first: number, last: number, tops: Float64Array): number {
    const { text, seen, values, rows } = this;
    const { n, forward, apart, tables } = text;
    const query = h * n + i;
    const lo = Math.max(tables.block.attention.nullMass, forward.masses[query]! - tops[query]!);
    let most = 0;
    for (let j = Math.max(0, first); j <= last && j < n; j++) {
      const weight = forward.weights[query * n + j]! / lo;
      const fall = Math.max(0, values[h * n + j]! - seen[query]!);
      most = Math.max(most, weight * (fall + rows.lipschitz * this.gain * apart[query * n + j]!));
    }
    return most;
  }
}

/** One side of a part, for one head: the queries there see it on their other side, up to `limit` tokens away. */
interface Side {
  readonly at: number;
  readonly takes: number;
  readonly q: number;
  /** [n] added to */
  readonly losses: Float64Array;
  readonly sums: { optional: number; size: number };
  readonly h: number;
  readonly limit: number;
  /** 1: queries behind the part; -1: those before it. */
  readonly step: 1 | -1;
  /** The nearest first. */
  readonly comers: readonly Newcomer[];
}

/** What a margin sees of a text's first block, with windows or without. */
export function chargesOf(text: TextState, rows: SeenRows): Charges {
  return isWindowed(text.tables.block.attention) ? new WindowCharges(text, rows) : new Charges(text, rows);
}

/** x, and not below 0 or above `most`, which may itself be below 0. */
function clamp(x: number, most: number): number {
  return Math.max(0, Math.min(x, most));
}

/** Sum of the q least of those below 0. */
function negativeSum(losses: Float64Array, q: number): number {
  return -largestSum(
    Array.from(losses, (loss) => -loss),
    q,
  );
}
