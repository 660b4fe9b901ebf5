/**
 * A text as the first block of a native Transformer sees it: attention weights, outputs, and how far a row that comes in is
 * from them.
 *
 * Indices: [h * n + i] for head h and token i as a query (or key, or value); [(h * n + i) * n + j] for query i and key j.
 */
import { linear } from "../../layers/linear.js";
import { type FirstBlock, firstBlock, part } from "./first-block.js";
import { rootUp } from "./rounding.js";
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
  readonly forward: FirstBlock;
  /** [heads * n] length of W_h (mixed values), from above */
  readonly lengths: Float64Array;
  /** [heads * n * n] |z_h,j - o_h,i|, from above */
  readonly apart: Float64Array;
  /** [heads * n] |z_h,i|, from above */
  readonly valueLengths: Float64Array;
  /** [heads * n] the most that a weight of any row can be for query i */
  readonly heaviest: Float64Array;
  /** [heads] the largest size of a token (row-tables.ts), which bounds that of any output */
  private readonly sizes: Float64Array;
  private readonly squares: Float64Array;
  /** [heads * n * depth] W_h' W_h (mixed values) */
  private readonly turned: Float64Array;
  private readonly newcomers = new Map<number, Newcomer>();
  private readonly tops = new Map<number, Float64Array>();

  constructor(
    readonly tables: RowTables,
    readonly tokens: readonly number[],
  ) {
    const { heads, depth } = tables;
    const n = tokens.length;
    this.n = n;
    this.forward = firstBlock(tables, tokens);
    const { mixed, values } = this.forward;
    this.heaviest = new Float64Array(heads * n);
    this.sizes = Float64Array.from({ length: heads }, (_, h) =>
      tokens.reduce((most, row) => Math.max(most, tables.sizes[row * heads + h]!), 0),
    );
    this.squares = new Float64Array(heads * n);
    this.lengths = new Float64Array(heads * n);
    this.valueLengths = new Float64Array(heads * n);
    this.turned = new Float64Array(n * heads * depth);
    this.apart = new Float64Array(heads * n * n);
    for (let h = 0; h < heads; h++) {
      const gram = { rows: depth, columns: depth, data: tables.grams[h]! };
      const own = mixed.subarray(h * n * depth, (h + 1) * n * depth);
      const turned = linear({ weight: gram, bias: null }, own);
      this.turned.set(turned, h * n * depth);
      const products = linear({ weight: part(values, h, n, depth), bias: null }, turned);
      for (let i = 0; i < n; i++) {
        let square = 0;
        for (let c = 0; c < depth; c++) square += turned[i * depth + c]! * own[i * depth + c]!;
        const at = h * n + i;
        this.squares[at] = square;
        this.lengths[at] = rootUp(square, this.sizes[h]!);
        this.valueLengths[at] = tables.lengths[tokens[i]! * heads + h]!;
        this.heaviest[at] = tables.heaviest(tokens[i]!, h);
        for (let j = 0; j < n; j++)
          this.apart[at * n + j] = between(
            tables.squares[tokens[j]! * heads + h]!,
            square,
            products[i * n + j]!,
            tables.sizes[tokens[j]! * heads + h]! + this.sizes[h]!,
          );
      }
    }
  }

  /** [labels] what the block gives the logits, as `NativeTransformer.branches` of a model of one block has it. */
  branches(): Float64Array {
    const { rows, columns, data } = this.tables.model.readout;
    const { sum } = this.forward;
    const total = new Float64Array(rows);
    for (let y = 0; y < rows; y++)
      for (let c = 0; c < columns; c++) total[y] = total[y]! + data[y * columns + c]! * sum[c]!;
    return total;
  }

  /** [heads * n] sum of the q heaviest weights of each query; where there are windows, besides its own. */
  heaviestOf(q: number): Float64Array {
    let tops = this.tops.get(q);
    if (tops === undefined) {
      const { weights, every } = this.forward;
      tops = topSums(weights, this.n, q, weights !== every);
      this.tops.set(q, tops);
    }
    return tops;
  }

  /** What a row would be as one more token. */
  newcomer(row: number): Newcomer {
    let found = this.newcomers.get(row);
    if (found !== undefined) return found;
    const { tables, n, forward, turned, squares } = this;
    const { heads, width, depth, queries, keys, values } = tables;
    tables.make(row);
    const read = new Float64Array(heads * n);
    const apart = new Float64Array(heads * n);
    const reads = new Float64Array(heads * n);
    const onItself = new Float64Array(heads);
    for (let h = 0; h < heads; h++) {
      const mine = (row * heads + h) * width;
      const value = (row * heads + h) * depth;
      const own = tables.squares[row * heads + h]!;
      const size = tables.sizes[row * heads + h]! + this.sizes[h]!;
      for (let at = h * n; at < (h + 1) * n; at++) {
        read[at] = tables.weight(forward.queries, at * width, keys, mine);
        reads[at] = tables.weight(queries, mine, forward.keys, at * width);
        let product = 0;
        for (let c = 0; c < depth; c++) product += values[value + c]! * turned[at * depth + c]!;
        apart[at] = between(own, squares[at]!, product, size);
      }
      onItself[h] = tables.weight(queries, mine, keys, mine);
    }
    found = { row, read, apart, reads, onItself };
    this.newcomers.set(row, found);
    return found;
  }
}

/** |z - o| = sqrt(|z|^2 - 2 z.o + |o|^2), from above; `size` is that of z and o together. */
function between(z: number, o: number, product: number, size: number): number {
  return rootUp(z + o - 2 * product, size);
}

/** Of each row of n numbers >= 0, the sum of the q largest, that on the diagonal left out or not. */
function topSums(all: Float64Array, n: number, q: number, others: boolean): Float64Array {
  const sums = new Float64Array(n === 0 ? 0 : all.length / n);
  const most = new Float64Array(q);
  if (q > 0)
    for (let at = 0; at < sums.length; at++) {
      most.fill(0);
      for (let j = at * n; j < (at + 1) * n; j++) {
        const value = all[j]!;
        if (value <= most[q - 1]! || (others && j - at * n === at % n)) continue;
        let p = q - 1;
        for (; p > 0 && most[p - 1]! < value; p--) most[p] = most[p - 1]!;
        most[p] = value;
      }
      let sum = 0;
      for (let p = 0; p < q; p++) sum += most[p]!;
      sums[at] = sum;
    }
  return sums;
}
