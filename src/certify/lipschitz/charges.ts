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
 * A token taken loses its whole present contribution; one brought brings at least: attention, numerator over its keys less what q
 * others can take (its q largest positive terms) or bring (q times the least possible), over lo or hi; feed-forward, that of its
 * embedding alone less lipschitz |gA o|, |o| <= sum of w |z| / lo.
 *
 * Theorem (`newcomer`). A token brought, whatever its row, in the company of at most 2k taken and 2k brought in all, costs at most that.
 * Proof. The same with the heaviest weight, the least u(z) of all rows, and the longest z; its own output is an average of rows' z and 0.
 *
 * Theorem (`comes`). The same for a given row, from its own u(z), |z| and feed-forward, without its scores. Proof. As before; the cost of
 * attention to kept tokens, sum over i of (heaviest weight) max(0, u(o_i) - u(z)) / lo_i, is convex in u(z), so below its chord
 * between the least and the most that u(z) is for any row.
 *
 * Rounding. Every figure is computed in float64 from at most 2^20 terms, with a relative error below 2^-30 of the sum of their sizes; that sum
 * times 2^-30 is added.
 */
import type { SeenRows } from "./row-tables.js";
import type { Newcomer, TextState } from "./text-state.js";
import type { Added } from "./word-changes.js";

const SLACK = 2 ** -30;

/** What a row that comes costs: fixed + sum over heads of atLeast + slope (u(z) - least) + perLength |z|. */
interface Line {
  readonly fixed: number;
  /** [heads] each */
  readonly atLeast: Float64Array;
  readonly slope: Float64Array;
  readonly perLength: Float64Array;
}

export class Charges {
  /** [n] present contribution of each token. */
  readonly own: Float64Array;
  /** G, and the sum of its terms' sizes. */
  readonly total: number;
  readonly size: number;
  /** [heads * n] gA c.o_h,i */
  private readonly seen: Float64Array;
  /** [n] row by row [heads]: seen of the tokens themselves */
  private readonly values: Float64Array;
  private readonly tops = new Map<number, Float64Array>();
  private readonly lines = new Map<number, Line>();
  private readonly gain: number;

  constructor(
    readonly text: TextState,
    private readonly rows: SeenRows,
  ) {
    const { n, tables, tokens, mixed, middle } = text;
    const { heads, depth, d, block } = tables;
    this.gain = Math.abs(block.attentionGain);
    this.seen = new Float64Array(heads * n);
    this.values = new Float64Array(heads * n);
    this.own = new Float64Array(n);
    let total = 0;
    let size = 0;
    for (let i = 0; i < n; i++) {
      rows.make(tokens[i]!);
      for (let h = 0; h < heads; h++) {
        let sum = 0;
        for (let c = 0; c < depth; c++)
          sum += rows.forms[h * depth + c]! * mixed[(i * heads + h) * depth + c]!;
        this.seen[h * n + i] = sum;
        this.values[h * n + i] = rows.seenOf(tokens[i]!, h);
        this.own[i] = this.own[i]! + sum;
        size += Math.abs(sum);
      }
      const forward = rows.feedForward(middle, i * d);
      this.own[i] = this.own[i]! + forward;
      size += Math.abs(forward);
      total += this.own[i]!;
    }
    this.total = total;
    this.size = size;
  }

  /**
   * The most that G falls by when tokens `taken` (indices) go and rows `brought` come, while others take and bring at most
   * `q` tokens.
   */
  cost(taken: readonly number[], brought: Added, q: number): number {
    const { text, seen, rows } = this;
    const { n, weights, masses, apart, heaviest, tables } = text;
    const { heads, block } = tables;
    const { nullMass } = block.attention;
    const tops = this.topsOf(q);
    const comers = brought.map((row) => this.comer(row));
    let total = 0;
    let size = 0;
    const negative: number[] = [];
    for (let i = 0; i < n; i++) {
      if (taken.includes(i)) continue;
      let loss = 0;
      let moved = 0;
      for (let h = 0; h < heads; h++) {
        const at = h * n + i;
        const here = seen[at]!;
        let numerator = 0;
        let distance = 0;
        let mass = masses[at]!;
        let sizes = 0;
        for (const comer of comers) {
          const weight = comer.read[at]!;
          const there = rows.seenOf(comer.row, h);
          numerator += weight * (there - here);
          sizes += weight * (Math.abs(there) + Math.abs(here));
          distance += weight * comer.apart[at]!;
          mass += weight;
        }
        for (const r of taken) {
          const weight = weights[at * n + r]!;
          const there = this.values[h * n + r]!;
          numerator -= weight * (there - here);
          sizes += weight * (Math.abs(there) + Math.abs(here));
          distance += weight * apart[at * n + r]!;
          mass -= weight;
        }
        const lo = Math.max(nullMass, mass - tops[at]!);
        loss += numerator > 0 ? -numerator / (mass + q * heaviest[at]!) : -numerator / lo;
        moved += distance / lo;
        size += sizes / lo;
      }
      const forward = rows.lipschitz * this.gain * moved;
      loss += forward;
      size += forward;
      total += loss;
      if (q > 0 && loss < 0) negative.push(loss);
    }
    if (negative.length > 0) {
      negative.sort((a, b) => a - b);
      for (let i = 0; i < q && i < negative.length; i++) total -= negative[i]!;
    }
    for (const r of taken) {
      total += this.own[r]!;
      size += Math.abs(this.own[r]!);
    }
    for (const comer of comers) {
      const least = this.leastBrought(comer, taken, brought, q);
      total -= least;
      size += Math.abs(least) + Math.abs(rows.alone(comer.row));
    }
    return total + SLACK * size;
  }

  /** The most that G falls by for one token that comes, whatever its row, when at most 2k go and 2k come in all. */
  newcomer(edits: number): number {
    const { rows } = this;
    const line = this.lineOf(edits);
    const least = rows.leastSeen();
    const longest = this.text.tables.seenLengths();
    let total = line.fixed - rows.leastAloneOf();
    let size = line.fixed - rows.leastAloneOf();
    for (let h = 0; h < least.length; h++) {
      const part = line.atLeast[h]! + line.perLength[h]! * longest[h]!;
      total += part;
      size += part;
    }
    return total + SLACK * size;
  }

  /** The same for a row, as it is and whatever it scores. */
  comes(row: number, edits: number): number {
    const { rows, text } = this;
    rows.make(row);
    const { heads, squares } = text.tables;
    const line = this.lineOf(edits);
    const alone = rows.alone(row);
    let total = line.fixed - alone;
    let size = line.fixed + Math.abs(alone);
    for (let h = 0; h < heads; h++) {
      const seen = rows.seenOf(row, h) - rows.leastSeen()[h]!;
      const length = Math.sqrt(Math.max(0, squares[row * heads + h]!)) * (1 + 1e-9);
      total += line.atLeast[h]! + line.slope[h]! * seen + line.perLength[h]! * length;
      size += line.atLeast[h]! + Math.abs(line.slope[h]! * seen) + line.perLength[h]! * length;
    }
    return total + SLACK * size;
  }

  /** What `newcomer` and `comes` have in common. */
  private lineOf(edits: number): Line {
    let line = this.lines.get(edits);
    if (line !== undefined) return line;
    const { text, seen, rows } = this;
    const { n, masses, heaviest, lengths, tables } = text;
    const { heads, block } = tables;
    const { nullMass } = block.attention;
    const tops = this.topsOf(2 * edits);
    const least = rows.leastSeen();
    const most = rows.mostSeen();
    const longest = tables.seenLengths();
    const forward = rows.lipschitz * this.gain;
    const atLeast = new Float64Array(heads);
    const slope = new Float64Array(heads);
    const perLength = new Float64Array(heads);
    let fixed = 0;
    for (let h = 0; h < heads; h++) {
      fixed += forward * longest[h]! - least[h]!;
      let atMost = 0;
      for (let i = 0; i < n; i++) {
        const at = h * n + i;
        const weight = heaviest[at]! / Math.max(nullMass, masses[at]! - tops[at]!);
        atLeast[h] = atLeast[h]! + weight * Math.max(0, seen[at]! - least[h]!);
        atMost += weight * Math.max(0, seen[at]! - most[h]!);
        perLength[h] = perLength[h]! + forward * weight;
        fixed += forward * weight * lengths[at]!;
      }
      const span = most[h]! - least[h]!;
      slope[h] = span > 0 ? (atMost - atLeast[h]!) / span : 0;
    }
    line = { fixed, atLeast, slope, perLength };
    this.lines.set(edits, line);
    return line;
  }

  /** The least that a token brings that comes. */
  private leastBrought(comer: Newcomer, taken: readonly number[], brought: Added, q: number): number {
    const { text, rows } = this;
    const { n, tables } = text;
    const { heads, squares, block } = tables;
    const { row } = comer;
    let least = rows.alone(row);
    let size = Math.abs(least);
    for (let h = 0; h < heads; h++) {
      let numerator = 0;
      let mass = block.attention.nullMass;
      let length = 0;
      let heaviest = 0;
      let largest = 0;
      let sizes = 0;
      const add = (weight: number, value: number, square: number) => {
        numerator += weight * value;
        sizes += weight * Math.abs(value);
        mass += weight;
        length += weight * Math.sqrt(Math.max(0, square));
        if (weight > heaviest) heaviest = weight;
        if (weight * value > largest) largest = weight * value;
      };
      for (let j = 0; j < n; j++)
        if (!taken.includes(j))
          add(comer.reads[h * n + j]!, this.values[h * n + j]!, squares[text.tokens[j]! * heads + h]!);
      for (const other of brought) {
        const weight = other === row ? comer.onItself[h]! : text.between(row, other, h);
        add(weight, rows.seenOf(other, h), squares[other * heads + h]!);
      }
      let lo = mass;
      let hi = mass;
      if (q > 0) {
        const most = text.heaviestFor(row, h);
        lo = Math.max(block.attention.nullMass, mass - q * heaviest);
        hi = mass + q * most;
        numerator += q * (most * rows.leastSeen()[h]! - largest);
        length += q * most * tables.seenLengths()[h]!;
        sizes += q * (largest - most * rows.leastSeen()[h]!);
      }
      const forward = (rows.lipschitz * this.gain * length) / lo;
      least += Math.min(numerator / lo, numerator / hi) - forward;
      size += sizes / lo + forward;
    }
    return least - SLACK * size;
  }

  private comer(row: number): Newcomer {
    this.rows.make(row);
    return this.text.newcomer(row);
  }

  /** [heads * n] sum of the q heaviest weights of each query. */
  private topsOf(q: number): Float64Array {
    let tops = this.tops.get(q);
    if (tops !== undefined) return tops;
    const { n, weights, masses } = this.text;
    tops = new Float64Array(masses.length);
    if (q > 0)
      for (let at = 0; at < tops.length; at++) {
        const most: number[] = [];
        for (let j = 0; j < n; j++) {
          const weight = weights[at * n + j]!;
          let p = most.length;
          if (p === q && weight <= most[q - 1]!) continue;
          if (p < q) most.push(weight);
          else p--;
          while (p > 0 && most[p - 1]! < weight) {
            most[p] = most[p - 1]!;
            p--;
          }
          most[p] = weight;
        }
        for (const weight of most) tops[at] = tops[at]! + weight;
      }
    this.tops.set(q, tops);
    return tops;
  }
}
