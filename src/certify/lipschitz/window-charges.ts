/**
 * Charges (charges.ts) where heads see windows: what edits take from the blocks' part when they also move the windows of the tokens near them.
 *
 * Let a head see the L nearest tokens on one side of a kept query i, and let parts p of the edits lie on that side, in the order of their distance: part p
 * takes m_p neighbouring tokens and brings b_p in their place.
 *
 * Lemma (steps). Make the changes one by one, the nearest part first. When p's turn comes, between i and p are some tokens, beyond p is the text as it
 * was. With `between` of them, the room for p and what is behind it is L - between: of the m_p the nearest that fit in are lost, of the b_p the nearest
 * that fit in are gained, and behind them the first max(0, room - m_p) tokens were seen and the first max(0, room - b_p) are. All this is known but for
 * `between`, and what i's window gained and lost in all is the sum over steps. With nothing nearer `between` is the number of old tokens
 * in between, delta; nearer parts bring it within [delta - min(delta, q), delta + q] if they take and bring at most q.
 *
 * Lemma (counts). If a part takes t_p tokens of the old window, then at most sum over p of max(0, b_p - m_p) kept tokens are pushed out of it, and at
 * most sum over p of max(0, t_p - b_p) are pulled in. Proof. A kept token at distance x is at x + s(x) afterwards, s(x) = sum of (b_p - m_p) over
 * nearer parts. Let x be the nearest pushed out: x <= L < x + s(x). Those pushed out are the kept ones of [x, L]: at most L + 1 - x <= s(x). Let y be the
 * farthest pulled in: y > L >= y + s(y). Those pulled in are the kept ones of (L, y]: y - L less those taken there, at most -s(y) less those,
 * which is the sum of (t_p - b_p) over nearer parts.
 *
 * Theorem (`cost`). As in charges.ts, where of the others each place of e edits takes at most 2e tokens and brings at most 2e, and these 2e add up to at most q.
 * Proof. N_i is the sum of the steps of both sides; of p's step the dearest case counts. A kept query has `between` < L, or its step is nothing; there are
 * at most L of them on a side, since the kept ones nearer to p are in between. So of those that may or may not be reached the L dearest count.
 * D_i' is the old mass less what goes, plus what comes. By the counts, a place takes t_p and pushes out at most b_p - m_p, if that is positive: others
 * at most max(t_p, b_p) <= 2e each, q in all, the query itself never; likewise they give it at most q, and neither is more than the window holds. What p brings within reach is there to stay, for later steps are farther. With no others all is known. What comes is a query whose
 * own window changes in the same way about the text with its own part changed: it loses at most q keys and gains at most q, which may be tokens
 * up to q places beyond. (A place may be charged piece by piece, its tokens taken and brought each for itself: then q is that of all edits, and the
 * same holds, since they are at most e + 2.)
 *
 * Theorem (`newcomer`, `comes`). As in newcomer-lines.ts, from sums over the queries that may see it, at most L on each side: sums of the largest of convex functions are
 * convex; and each of them pays for one key that is pushed out, which was from L - 2k to L + 2k tokens away.
 */
import { isWindowed, reach } from "../../layers/windows.js";
import { Charges } from "./charges.js";
import type { Added } from "./embedded-words.js";
import type { Line } from "./newcomer-lines.js";
import { SLACK, SUMS } from "./rounding.js";
import type { SeenRows } from "./row-tables.js";
import type { Newcomer, TextState } from "./text-state.js";
import { largestSum, leastAverage } from "./window-sums.js";

export class WindowCharges extends Charges {
  override readonly placed = true;
  /** [n] kept for `cost`, which leaves it as it was: all 0. */
  private readonly losses = new Float64Array(this.text.n);

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
    const { tables } = text;
    for (const row of others ?? []) rows.make(row);
    if (taken.some((token, t) => token !== at + t))
      throw new Error(`tokens ${taken} aren't those from ${at} on`);
    const comers = brought.map((row) => this.comer(row));
    const backwards = [...comers].reverse();
    const { losses } = this;
    const sums = { optional: 0, size: 0, touched: [] as number[] };
    const part = { at, takes: taken.length, q, losses, sums };
    const windows = tables.block.attention.windows!;
    for (let h = 0; h < tables.heads; h++) {
      const [before, after] = [reach(windows[h]!.before), reach(windows[h]!.after)];
      this.side({ ...part, h, limit: before, both: before + after, step: 1, comers: backwards });
      this.side({ ...part, h, limit: after, both: before + after, step: -1, comers });
    }
    let { size } = sums;
    let total = sums.optional;
    // Others take up to q of the queries: what these gain doesn't count. (A place is written down again where its sum came to 0.)
    const gains: number[] = [];
    for (const i of sums.touched) {
      total += losses[i]!;
      if (q > 0 && losses[i]! < 0) gains.push(-losses[i]!);
      losses[i] = 0;
    }
    total += largestSum(gains, q);
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
  private side({ at, takes, q, losses, sums, h, limit, both, step, comers }: Side): void {
    const { text, seen, values, rows } = this;
    const { n, forward, apart, heaviest, tables } = text;
    const { every, masses } = forward;
    const { nullMass } = tables.block.attention;
    const brings = comers.length;
    const steep = rows.lipschitz * this.gain;
    const endless = limit === Number.POSITIVE_INFINITY;
    const tops = text.heaviestOf(q === 0 ? 0 : q + (endless ? 0 : Math.max(0, brings - takes)));
    const queries = step === 1 ? n - at - takes : at;
    // Tokens behind the part, as the queries see it.
    const there = step === 1 ? at : n - at - takes;
    const optional: number[] = [];
    // Of the query that is looked at.
    let query = 0;
    let here = 0;
    let numerator = 0;
    let distance = 0;
    let mass = 0;
    let all = 0;
    let sizes = 0;
    let comes = 0;
    /** A key is gained (1) or lost (-1). */
    const count = (sign: number, weight: number, there: number, away: number, size: number) => {
      numerator -= sign * weight * (there - here);
      distance += weight * away;
      mass += sign * weight;
      all += weight;
      sizes += weight * (size + this.largest[h]!);
    };
    const written = (sign: number, j: number) => {
      const key = h * n + j;
      count(sign, every[query * n + j]!, values[key]!, apart[query * n + j]!, this.sizes[key]!);
    };
    const beyond = (x: number) => (step === 1 ? at - 1 - x : at + takes + x);
    /** The window's change where so many tokens are between. */
    const changed = (between: number) => {
      numerator = 0;
      distance = 0;
      mass = 0;
      all = masses[query]!;
      sizes = 0;
      comes = 0;
      const room = limit - between;
      for (let k = 0; k < takes && k < room; k++) written(-1, step === 1 ? at + takes - 1 - k : at + k);
      for (let k = 0; k < brings && k < room; k++) {
        const { row, read, apart: away } = comers[k]!;
        count(1, read[query]!, rows.seenOf(row, h), away[query]!, rows.sizeOf(row, h));
        comes += read[query]!;
      }
      const before = Math.max(0, room - takes);
      const after = Math.max(0, room - brings);
      for (let x = before; x < after && x < there; x++) written(1, beyond(x));
      for (let x = after; x < before && x < there; x++) written(-1, beyond(x));
    };
    for (let delta = 0; delta < queries && delta < limit + q; delta++) {
      const i = step === 1 ? at + takes + delta : at - 1 - delta;
      query = h * n + i;
      here = seen[query]!;
      const nearest = endless ? delta : Math.max(0, delta - q);
      const farthest = endless ? delta : delta + q;
      let lo = masses[query]!;
      let hi = lo;
      if (q > 0) {
        const within = Math.max(0, Math.min(takes, limit - delta));
        for (let k = 0; k < within; k++) lo -= every[query * n + (step === 1 ? at + takes - 1 - k : at + k)]!;
        hi = lo + (Math.min(q, both) + (endless ? 0 : Math.max(0, within - brings))) * heaviest[query]!;
        for (const { read } of comers) hi += read[query]!;
        lo -= tops[query]!;
      }
      let most = farthest < limit ? Number.NEGATIVE_INFINITY : 0;
      for (let between = nearest; between <= farthest && between < limit; between++) {
        changed(between);
        const now = lo + (q === 0 ? mass : comes);
        const error = SUMS * all;
        const least = Math.max(nullMass, now - error);
        const highest = Math.max(nullMass, (q === 0 ? now : hi) + error);
        const moved = (steep * distance) / least;
        const loss = moved + numerator / (numerator > 0 ? least : highest);
        if (loss > most) most = loss;
        sums.size += moved + sizes / least;
      }
      if (farthest < limit) {
        if (losses[i] === 0) sums.touched.push(i);
        losses[i] = losses[i]! + most;
      } else if (most > 0) optional.push(most);
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
      const brought = (b: number) => {
        const other = comers[b]!.row;
        const weight = b === a || other === row ? onItself[h]! : this.between(row, other, h);
        return [
          weight,
          weight * rows.seenOf(other, h),
          weight * tables.lengths[other * tables.heads + h]!,
          weight * rows.sizeOf(other, h),
        ] as const;
      };
      const written = (j: number) => {
        const weight = reads[h * n + j]!;
        const key = h * n + j;
        return [
          weight,
          weight * values[key]!,
          weight * valueLengths[key]!,
          weight * this.sizes[key]!,
        ] as const;
      };
      const { before, after } = windows![h]!;
      const average = leastAverage(nullMass, brought(a), Math.min(q, reach(before) + reach(after)));
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
        average.comes(
          weight,
          weight * rows.leastSeen()[h]!,
          weight * tables.seenLengths()[h]!,
          weight * rows.largestSize()[h]!,
        );
      } else if (q > 0)
        for (const other of others!) {
          const weight = this.between(row, other, h);
          average.comes(
            weight,
            weight * rows.seenOf(other, h),
            weight * tables.lengths[other * tables.heads + h]!,
            weight * rows.sizeOf(other, h),
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
    const widest = rows.largestSize();
    let fixed = 0;
    let size = 0;
    for (let h = 0; h < heads; h++) {
      const { before, after } = windows![h]!;
      const share = (i: number) =>
        heaviest[h * n + i]! / Math.max(nullMass, now.masses[h * n + i]! * (1 - SUMS) - tops[h * n + i]!);
      const all = (value: (i: number) => number, count: number) =>
        largestSum(
          Array.from({ length: n }, (_, i) => value(i)),
          count,
        );
      const both = reach(before) + reach(after);
      atLeast[h] = all((i) => share(i) * Math.max(0, seen[h * n + i]! - least[h]!), both);
      const atMost = all((i) => share(i) * Math.max(0, seen[h * n + i]! - most[h]!), both);
      perLength[h] = forward * all(share, both);
      size += widest[h]! + 4 * widest[h]! * all(share, both);
      fixed += forward * (longest[h]! + all((i) => share(i) * lengths[h * n + i]!, both)) - least[h]!;
      // Where a side has no end, nothing is pushed out of it.
      const q = 2 * edits;
      if (before !== null)
        fixed += all(
          (i) => this.dearestPush(h, i, i - before - q, i - Math.max(1, before - q), tops),
          before,
        );
      if (after !== null)
        fixed += all((i) => this.dearestPush(h, i, i + Math.max(1, after - q), i + after + q, tops), after);
      const span = most[h]! - least[h]!;
      slope[h] = span > 0 ? (atMost - atLeast[h]!) / span : 0;
    }
    return { fixed, size: size + fixed, atLeast, slope, perLength };
  }

  /** The most that query i loses when it loses one of these keys. */
  private dearestPush(h: number, i: number, first: number, last: number, tops: Float64Array): number {
    const { text, seen, values, rows } = this;
    const { n, forward, apart, tables } = text;
    const query = h * n + i;
    const mass = forward.masses[query]! * (1 - SUMS);
    const lo = Math.max(tables.block.attention.nullMass, mass - tops[query]!);
    let most = 0;
    for (let j = Math.max(0, first); j <= last && j < n; j++) {
      const weight = forward.every[query * n + j]! / lo;
      const fall = Math.max(0, values[h * n + j]! - seen[query]!);
      const error = SLACK * (this.sizes[h * n + j]! + this.largest[h]!);
      most = Math.max(most, weight * (fall + rows.lipschitz * this.gain * apart[query * n + j]! + error));
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
  readonly sums: { optional: number; size: number; readonly touched: number[] };
  readonly h: number;
  readonly limit: number;
  /** The same of both sides. */
  readonly both: number;
  /** 1: queries behind the part; -1: those before it. */
  readonly step: 1 | -1;
  /** The nearest first. */
  readonly comers: readonly Newcomer[];
}

/** What a margin sees of a text's first block, with windows or without. */
export function chargesOf(text: TextState, rows: SeenRows): Charges {
  return isWindowed(text.tables.block.attention) ? new WindowCharges(text, rows) : new Charges(text, rows);
}
