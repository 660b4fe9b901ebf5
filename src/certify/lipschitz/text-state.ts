/**
 * A text as the first block of a native Transformer sees it: attention weights, outputs, and how far a row that comes in is
 * from them.
 *
 * Indices: [h * n + i] for head h and token i as a query; [(h * n + i) * n + j] for query i and key j.
 */
import type { RowTables } from "./row-tables.js";

/** A row that comes into the text, seen from the tokens that are there, and they from it. */
export interface Newcomer {
  readonly row: number;
  /** [heads * n] weight of the newcomer for query i */
  readonly read: Float64Array;
  /** [heads * n] |z_h(row) - o_h,i|, from above */
  readonly apart: Float64Array;
  /** [heads * n] weight of key j for the newcomer's query */
  readonly reads: Float64Array;
  /** [heads] weight of the newcomer for itself */
  readonly onItself: Float64Array;
}

export class TextState {
  readonly n: number;
  /** [heads * n * n] exp(score) */
  readonly weights: Float64Array;
  /** [heads * n] null mass + sum of weights */
  readonly masses: Float64Array;
  /** [n * heads * depth] mixed values */
  readonly mixed: Float64Array;
  /** [heads * n] length of W_h (mixed values), from above */
  readonly lengths: Float64Array;
  /** [heads * n * n] |z_h,j - o_h,i|, from above */
  readonly apart: Float64Array;
  /** [n * d] embedding + attention branch */
  readonly middle: Float64Array;
  /** [heads * n] the most that a weight of any row can be for query i */
  readonly heaviest: Float64Array;
  private readonly squares: Float64Array;
  /** [n * heads * depth] W_h' W_h (mixed values) */
  private readonly turned: Float64Array;
  private readonly newcomers = new Map<number, Newcomer>();

  constructor(
    readonly tables: RowTables,
    readonly tokens: readonly number[],
  ) {
    const { heads, width, depth, queries, keys, values, block } = tables;
    const n = tokens.length;
    this.n = n;
    for (const row of tokens) tables.make(row);
    this.weights = new Float64Array(heads * n * n);
    this.masses = new Float64Array(heads * n);
    this.mixed = new Float64Array(n * heads * depth);
    this.heaviest = new Float64Array(heads * n);
    const longest = tables.keyLengths();
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < n; i++) {
        const q = (tokens[i]! * heads + h) * width;
        let mass = block.attention.nullMass;
        for (let j = 0; j < n; j++) {
          const weight = this.weight(queries, q, keys, (tokens[j]! * heads + h) * width);
          this.weights[(h * n + i) * n + j] = weight;
          mass += weight;
        }
        this.masses[h * n + i] = mass;
        const to = (i * heads + h) * depth;
        for (let j = 0; j < n; j++) {
          const share = this.weights[(h * n + i) * n + j]! / mass;
          const from = (tokens[j]! * heads + h) * depth;
          for (let c = 0; c < depth; c++)
            this.mixed[to + c] = this.mixed[to + c]! + share * values[from + c]!;
        }
        let square = 0;
        for (let c = 0; c < width; c++) square += queries[q + c]! ** 2;
        const score = Math.abs(block.attention.scale) * Math.sqrt(square) * longest[h]!;
        this.heaviest[h * n + i] = this.bounded(score) * (1 + 1e-9);
      }
    this.squares = new Float64Array(heads * n);
    this.lengths = new Float64Array(heads * n);
    this.turned = new Float64Array(n * heads * depth);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < n; i++) {
        const at = (i * heads + h) * depth;
        const gram = tables.grams[h]!;
        let square = 0;
        for (let r = 0; r < depth; r++) {
          let inner = 0;
          for (let c = 0; c < depth; c++) inner += gram[r * depth + c]! * this.mixed[at + c]!;
          this.turned[at + r] = inner;
          square += inner * this.mixed[at + r]!;
        }
        this.squares[h * n + i] = square;
        this.lengths[h * n + i] = root(square, square);
      }
    this.apart = new Float64Array(heads * n * n);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) this.apart[(h * n + i) * n + j] = this.distance(tokens[j]!, h, i);
    this.middle = this.afterAttention();
  }

  /** What a row would be as one more token. */
  newcomer(row: number): Newcomer {
    let found = this.newcomers.get(row);
    if (found !== undefined) return found;
    const { tables, tokens, n } = this;
    const { heads, width, queries, keys } = tables;
    tables.make(row);
    const read = new Float64Array(heads * n);
    const apart = new Float64Array(heads * n);
    const reads = new Float64Array(heads * n);
    const onItself = new Float64Array(heads);
    for (let h = 0; h < heads; h++) {
      const mine = (row * heads + h) * width;
      for (let i = 0; i < n; i++) {
        const other = (tokens[i]! * heads + h) * width;
        read[h * n + i] = this.weight(queries, other, keys, mine);
        reads[h * n + i] = this.weight(queries, mine, keys, other);
        apart[h * n + i] = this.distance(row, h, i);
      }
      onItself[h] = this.weight(queries, mine, keys, mine);
    }
    found = { row, read, apart, reads, onItself };
    this.newcomers.set(row, found);
    return found;
  }

  /** Weight of row b as a key for row a as a query. */
  between(a: number, b: number, head: number): number {
    const { heads, width, queries, keys } = this.tables;
    return this.weight(queries, (a * heads + head) * width, keys, (b * heads + head) * width);
  }

  /** The most that any key can weigh for row a as a query. */
  heaviestFor(row: number, head: number): number {
    const { heads, width, queries, block } = this.tables;
    let square = 0;
    for (let c = 0; c < width; c++) square += queries[(row * heads + head) * width + c]! ** 2;
    const score = Math.abs(block.attention.scale) * Math.sqrt(square) * this.tables.keyLengths()[head]!;
    return this.bounded(score) * (1 + 1e-9);
  }

  private weight(q: Float64Array, i: number, k: Float64Array, j: number): number {
    const { width, block } = this.tables;
    let sum = 0;
    for (let c = 0; c < width; c++) sum += q[i + c]! * k[j + c]!;
    return this.bounded(block.attention.scale * sum);
  }

  private bounded(score: number): number {
    const { limit } = this.tables.block.attention;
    return Math.exp(limit * Math.tanh(score / limit));
  }

  /** |z_h(row) - o_h,i| = sqrt(|z|^2 - 2 z.o + |o|^2), from above. */
  private distance(row: number, h: number, i: number): number {
    const { heads, depth, values, squares } = this.tables;
    const at = (row * heads + h) * depth;
    const to = (i * heads + h) * depth;
    let product = 0;
    for (let c = 0; c < depth; c++) product += values[at + c]! * this.turned[to + c]!;
    const a = squares[row * heads + h]!;
    const b = this.squares[h * this.n + i]!;
    return root(a + b - 2 * product, a + b + 2 * Math.abs(product));
  }

  private afterAttention(): Float64Array {
    const { model, block, d, heads, depth } = this.tables;
    const { data } = block.attention.output.weight;
    const inner = heads * depth;
    const middle = model.embed(this.tokens);
    for (let i = 0; i < this.n; i++)
      for (let r = 0; r < d; r++) {
        let sum = 0;
        for (let c = 0; c < inner; c++) sum += data[r * inner + c]! * this.mixed[i * inner + c]!;
        middle[i * d + r] = middle[i * d + r]! + block.attentionGain * sum;
      }
    return middle;
  }
}

/** Square root from above of a number computed from terms of the given size. */
function root(square: number, size: number): number {
  return Math.sqrt(Math.max(0, square) + 1e-12 * size) * (1 + 1e-9);
}
