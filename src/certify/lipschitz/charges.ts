/**
 * What edits can take from the blocks' part of a margin: one block of attention and feed-forward over a bag of words.
 *
 * The blocks' part is G = sum over tokens i of [ gA c.o_i + gF c.FF(x_i + gA o_i) ], o_i = sum over heads of W_h (mixed values).
 * Edits keep some tokens, take away R and bring A. Per head and kept query i, with weights w, mass D_i = n0 + sum_j w_ij, and any
 * linear form u of the values,
 *
 *     u(o_i') - u(o_i) = N_i / D_i',   N_i = sum_A w_ia (u(z_a) - u(o_i)) - sum_R w_ir (u(z_r) - u(o_i)),
 *     D_i' = D_i + sum_A w_ia - sum_R w_ir                                                               (MATHS: exact)
 *
 * Theorem (`cost`). Let R_1, A_1 be part of what all edits take and bring, the rest being at most q tokens taken and q brought.
 * G falls by at most the sum, over such parts, of cost(R_p, A_p, q_p), where q_p covers all but part p.
 * Proof. N_i is the sum of the parts' numerators. D_i' lies in [lo, hi] with lo = D_i + own part - (the q heaviest weights of i) and not below n0,
 * hi = D_i + own part + q times the heaviest possible weight. x / D' over D' in [lo, hi] is least at an end, and the least of a sum
 * is at least the sum of the leasts. Feed-forward: |FF-part(y) - FF-part(y')| <= lipschitz |y - y'|, and |o_i' - o_i| <= sum of
 * w |z - o_i| / lo. Kept tokens are those that no part takes; a part sums over all that it doesn't take itself, which is too little
 * where another part takes a token with a negative term: the q most negative terms are left out (q tokens at most are taken by others).
 * A token taken loses its whole present contribution; one brought brings at least: feed-forward, that of its embedding alone less
 * lipschitz |gA o|; attention, u(o) = (N + sum over comers b of w_b u(z_b)) / (D + sum w_b), where N and D are over the keys that stay, N at
 * least what is there less the q largest positive terms, D between that less the q heaviest weights (not below n0) and what is
 * there. For given N and D the least over at most q comers is that of q times the same comer, or of none: it is
 * the least lambda for which some choice has N - lambda D + sum of (w_b u(z_b) - lambda w_b) <= 0, and each comer chooses by itself.
 * In D it is monotone, so least at an end. Where comers may be any rows, u(z_b) >= S, the least of all, and w_b <= W: with x = sum w_b
 * up to q W, (N + x S) / (D + x) is monotone in x, so least at an end. |o| is at most, by the same argument for the largest, that of
 * lengths in place of u(z).
 *
 * What any newcomer costs, or a given one whatever it scores, is in newcomer-lines.ts.
 *
 * Rounding. Every figure is computed in float64 from at most 2^20 terms, with a relative error below 2^-30 of the sum of their sizes; that sum
 * times 2^-30 is added. The size of u(z) is that of the terms it is summed from, and u(o) has at most the largest of the text's. Masses
 * from which weights are taken off err by SUMS of all weights that were in them: a heavy key that goes may leave a mass far below that.
 */

import type { Added } from "./embedded-words.js";
import { anyNewcomer, bagLine, type Line, newcomerOf } from "./newcomer-lines.js";
import { SLACK, SUMS } from "./rounding.js";
import type { SeenRows } from "./row-tables.js";
import type { Newcomer, TextState } from "./text-state.js";

export class Charges {
  /** Whether it counts where rows come. */
  readonly placed: boolean = false;
  /** [n] present contribution of each token. */
  readonly own: Float64Array;
  /** G, and the sum of its terms' sizes. */
  readonly total: number;
  readonly size: number;
  /** [heads * n] gA c.o_h,i */
  protected readonly seen: Float64Array;
  /** [heads * n] seen of the tokens themselves */
  protected readonly values: Float64Array;
  /** [heads * n] sizes of these, and [heads] the largest, which no u(o_i) exceeds */
  protected readonly sizes: Float64Array;
  protected readonly largest: Float64Array;
  private readonly lines = new Map<number, Line>();
  private readonly gone = new Map<number, Float64Array>();
  protected readonly gain: number;

  constructor(
    readonly text: TextState,
    protected readonly rows: SeenRows,
  ) {
    const { n, tables, tokens, forward } = text;
    const { mixed, hidden } = forward;
    const { heads, depth, block } = tables;
    const { forms, outer } = rows;
    this.gain = Math.abs(block.attentionGain);
    this.seen = new Float64Array(heads * n);
    this.values = new Float64Array(heads * n);
    this.sizes = new Float64Array(heads * n);
    this.largest = new Float64Array(heads);
    this.own = new Float64Array(n);
    let total = 0;
    let size = 0;
    for (let i = 0; i < n; i++) {
      rows.make(tokens[i]!);
      let own = 0;
      for (let h = 0; h < heads; h++) {
        const at = h * n + i;
        let sum = 0;
        for (let c = 0; c < depth; c++) sum += forms[h * depth + c]! * mixed[at * depth + c]!;
        this.seen[at] = sum;
        this.values[at] = rows.seenOf(tokens[i]!, h);
        this.sizes[at] = rows.sizeOf(tokens[i]!, h);
        this.largest[h] = Math.max(this.largest[h]!, this.sizes[at]!);
        own += sum;
      }
      let fed = 0;
      for (let u = 0; u < outer.length; u++) {
        const term = outer[u]! * hidden[i * outer.length + u]!;
        fed += term;
        size += Math.abs(term);
      }
      own += fed;
      this.own[i] = own;
      total += own;
    }
    for (const largest of this.largest) size += n * largest;
    this.total = total;
    this.size = size;
  }

  /** Rows of the embedding. */
  get rowCount(): number {
    return this.text.tables.model.embedding.rows;
  }

  /** [n] `cost` of taking each token by itself, in the company of at most `q` tokens taken and `q` brought. */
  goneBy(q: number): Float64Array {
    let costs = this.gone.get(q);
    if (costs === undefined) {
      costs = this.eachGone(q);
      this.gone.set(q, costs);
    }
    return costs;
  }

  /** As `cost([r], [], q)` for every r at once. */
  protected eachGone(q: number): Float64Array {
    const { text, seen, values, rows } = this;
    const { n, forward, apart, heaviest, tables } = text;
    const { weights, masses } = forward;
    const { heads, block } = tables;
    const { nullMass } = block.attention;
    const tops = text.heaviestOf(q);
    const steep = rows.lipschitz * this.gain;
    const totals = new Float64Array(n);
    const sizes = new Float64Array(n);
    const losses = new Float64Array(n);
    // [n * q] the most negative terms of each, the least first.
    const negative = new Float64Array(n * q);
    for (let i = 0; i < n; i++) {
      losses.fill(0);
      for (let h = 0; h < heads; h++) {
        const at = h * n + i;
        const here = seen[at]!;
        const mass = masses[at]!;
        const most = q * heaviest[at]!;
        const top = tops[at]!;
        for (let r = 0; r < n; r++) {
          const weight = weights[at * n + r]!;
          const there = values[h * n + r]!;
          const left = mass - weight;
          const error = SUMS * mass;
          const low = left - top - error;
          const share = weight / (low > nullMass ? low : nullMass);
          const fall = there - here;
          const moved = steep * share * apart[at * n + r]!;
          losses[r] =
            losses[r]! + moved + (fall < 0 ? (weight * fall) / (left + most + error) : share * fall);
          sizes[r] = sizes[r]! + moved + share * (this.sizes[h * n + r]! + this.largest[h]!);
        }
      }
      losses[i] = 0;
      for (let r = 0; r < n; r++) {
        const loss = losses[r]!;
        totals[r] = totals[r]! + loss;
        if (q > 0 && loss < negative[(r + 1) * q - 1]!) {
          let p = (r + 1) * q - 1;
          for (; p > r * q && negative[p - 1]! > loss; p--) negative[p] = negative[p - 1]!;
          negative[p] = loss;
        }
      }
    }
    return totals.map((total, r) => {
      let cost = total + this.own[r]!;
      for (let p = r * q; p < (r + 1) * q; p++) cost -= negative[p]!;
      return cost + SLACK * (sizes[r]! + Math.abs(this.own[r]!));
    });
  }

  /**
   * The most that G falls by when tokens `taken` (indices) go and rows `brought` come, while others take and bring at most
   * `q` tokens, of the rows `others` (null: of any rows). Where rows come is said by how many tokens are before them, `_at`, which
   * counts where heads have windows (window-charges.ts).
   */
  cost(
    taken: readonly number[],
    brought: Added,
    q: number,
    others: readonly number[] | null = null,
    _at = 0,
  ): number {
    for (const row of others ?? []) this.rows.make(row);
    const { text, seen, rows } = this;
    const { n, forward, apart, heaviest, tables } = text;
    const { weights, masses } = forward;
    const { heads, block } = tables;
    const { nullMass } = block.attention;
    const tops = text.heaviestOf(q);
    const comers = brought.map((row) => this.comer(row));
    const steep = rows.lipschitz * this.gain;
    const losses = new Float64Array(n);
    let size = 0;
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < n; i++) {
        const at = h * n + i;
        const here = seen[at]!;
        let numerator = 0;
        let distance = 0;
        let mass = masses[at]!;
        let all = mass;
        let sizes = 0;
        for (let a = 0; a < comers.length; a++) {
          const comer = comers[a]!;
          const weight = comer.read[at]!;
          const there = rows.seenOf(comer.row, h);
          numerator += weight * (there - here);
          sizes += weight * (rows.sizeOf(comer.row, h) + this.largest[h]!);
          distance += weight * comer.apart[at]!;
          mass += weight;
          all += weight;
        }
        for (let t = 0; t < taken.length; t++) {
          const r = taken[t]!;
          const weight = weights[at * n + r]!;
          const there = this.values[h * n + r]!;
          numerator -= weight * (there - here);
          sizes += weight * (this.sizes[h * n + r]! + this.largest[h]!);
          distance += weight * apart[at * n + r]!;
          mass -= weight;
        }
        const error = SUMS * all;
        const lo = Math.max(nullMass, mass - tops[at]! - error);
        const hi = Math.max(nullMass, mass + q * heaviest[at]! + error);
        const moved = (steep * distance) / lo;
        losses[i] = losses[i]! + moved - numerator / (numerator > 0 ? hi : lo);
        size += moved + sizes / lo;
      }
    for (const r of taken) losses[r] = 0;
    let total = 0;
    for (let i = 0; i < n; i++) total += losses[i]!;
    if (q > 0) {
      const negative = losses.filter((loss) => loss < 0).sort();
      for (let i = 0; i < q && i < negative.length; i++) total -= negative[i]!;
    }
    for (const r of taken) {
      total += this.own[r]!;
      size += Math.abs(this.own[r]!);
    }
    for (const comer of comers) {
      const least = this.leastBrought(comer, taken, brought, q, others);
      total -= least;
      size += Math.abs(least) + Math.abs(rows.alone(comer.row));
    }
    return total + SLACK * size;
  }

  /** `cost` of one row that comes, wherever. */
  costAnywhere(row: number, q: number): number {
    return this.cost([], [row], q);
  }

  /** The most that G falls by for one token that comes, whatever its row, when at most 2k go and 2k come in all. */
  newcomer(edits: number): number {
    return anyNewcomer(this.lineOf(edits), this.rows, this.text.tables);
  }

  /** The same for a row, as it is and whatever it scores. */
  comes(row: number, edits: number): number {
    this.rows.make(row);
    return newcomerOf(row, this.lineOf(edits), this.rows, this.text.tables);
  }

  /** What `newcomer` and `comes` have in common. */
  private lineOf(edits: number): Line {
    let line = this.lines.get(edits);
    if (line === undefined) {
      line = this.newLine(edits);
      this.lines.set(edits, line);
    }
    return line;
  }

  protected newLine(edits: number): Line {
    return bagLine(this.text, this.rows, this.seen, this.gain, edits);
  }

  /** The least that a token brings that comes. */
  protected leastBrought(
    comer: Newcomer,
    taken: readonly number[],
    brought: Added,
    q: number,
    others: readonly number[] | null,
  ): number {
    const { text, rows, values } = this;
    const { n, tables, valueLengths } = text;
    const { heads, block } = tables;
    const { nullMass } = block.attention;
    const { row, reads } = comer;
    let least = rows.alone(row);
    let size = Math.abs(least);
    for (let h = 0; h < heads; h++) {
      let numerator = 0;
      let mass = nullMass;
      let length = 0;
      let heaviest = 0;
      let largest = 0;
      let sizes = 0;
      // Of q keys that may be lost or come, the size of one.
      let widest = 0;
      const tally = (size: number) => {
        sizes += size;
        if (size > widest) widest = size;
      };
      for (let j = 0; j < n; j++) {
        if (taken.length > 0 && taken.includes(j)) continue;
        const weight = reads[h * n + j]!;
        const part = weight * values[h * n + j]!;
        numerator += part;
        tally(weight * this.sizes[h * n + j]!);
        mass += weight;
        length += weight * valueLengths[h * n + j]!;
        if (weight > heaviest) heaviest = weight;
        if (part > largest) largest = part;
      }
      for (const other of brought) {
        const weight = other === row ? comer.onItself[h]! : this.between(row, other, h);
        const part = weight * rows.seenOf(other, h);
        numerator += part;
        tally(weight * rows.sizeOf(other, h));
        mass += weight;
        length += weight * tables.lengths[other * heads + h]!;
        if (weight > heaviest) heaviest = weight;
        if (part > largest) largest = part;
      }
      const lo = q === 0 ? mass : Math.max(nullMass, mass * (1 - SUMS) - q * heaviest);
      const stays = numerator - q * largest;
      let shortest = Math.min(stays / lo, stays / mass);
      let longest = length / lo;
      const offer = (weight: number, part: number, reach: number, size: number) => {
        const least = stays + q * part;
        shortest = Math.min(shortest, least / (lo + q * weight), least / (mass + q * weight));
        longest = Math.max(longest, (length + q * reach) / (lo + q * weight));
        if (size > widest) widest = size;
      };
      if (q > 0 && others === null) {
        const weight = tables.heaviest(row, h);
        const size = weight * rows.largestSize()[h]!;
        offer(weight, weight * rows.leastSeen()[h]!, weight * tables.seenLengths()[h]!, size);
      } else if (q > 0)
        for (const other of others!) {
          const weight = this.between(row, other, h);
          const reach = weight * tables.lengths[other * heads + h]!;
          offer(weight, weight * rows.seenOf(other, h), reach, weight * rows.sizeOf(other, h));
        }
      const forward = rows.lipschitz * this.gain * longest;
      least += shortest - forward;
      size += (sizes + 2 * q * widest) / lo + forward;
    }
    return least - SLACK * size;
  }

  /** Weight of row b as a key for row a as a query. */
  protected between(a: number, b: number, head: number): number {
    const { tables } = this.text;
    const { heads, width, queries, keys } = tables;
    return tables.weight(queries, (a * heads + head) * width, keys, (b * heads + head) * width);
  }

  protected comer(row: number): Newcomer {
    this.rows.make(row);
    return this.text.newcomer(row);
  }
}
