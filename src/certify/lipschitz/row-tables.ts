/**
 * What the first block of a native Transformer makes of each row of the embedding by itself, and what a margin sees of it.
 *
 * For head h with value v and its part W_h of the output map, and c the difference of two rows of the readout:
 *
 *     z_h(row) = W_h v,  |z_h|^2 = v' (W_h' W_h) v,  seen_h(row) = gA c . z_h,  alone(row) = gF c . feedForward(row)
 *
 * Queries, keys and values are made when a row is first asked for. What is the least or longest over all rows takes every
 * row once. Numbers are float64 values of these formulas; charges.ts accounts for their rounding, which is to be measured by the sizes of
 * their terms: where these cancel, little is left of a number but its error.
 */
import { activationFunction } from "../../layers/activation.js";
import type { Linear } from "../../layers/linear.js";
import {
  compare,
  epsilonOf,
  type Similarity,
  scoreOf,
  shorten,
  similarityOf,
} from "../../layers/similarity.js";
import type { NativeBlock, NativeTransformer } from "../../model/native-transformer.js";
import { applyTransposed, dense, type Matrix, multiply, transpose } from "../../numeric/matrix.js";
import { rootUp } from "./rounding.js";
import { scalarLipschitz } from "./scalar-lipschitz.js";

/** [heads] each: lengths of the keys of all rows, for `cosine` of the shortened ones. */
interface KeyRange {
  readonly shortest: Float64Array;
  readonly longest: Float64Array;
}

export class RowTables {
  readonly block: NativeBlock;
  readonly heads: number;
  /** Width of the embedding, of a head's query, and of a head's value. */
  readonly d: number;
  readonly width: number;
  readonly depth: number;
  readonly similarity: Similarity;
  /** [rows * heads * width]; for `cosine` the shortened ones */
  readonly queries: Float64Array;
  readonly keys: Float64Array;
  /** [rows * heads * depth] */
  readonly values: Float64Array;
  /** [rows * heads] |z_h|^2 */
  readonly squares: Float64Array;
  /** [rows * heads] |z_h|, from above */
  readonly lengths: Float64Array;
  /** [rows * heads] |W_h|_F |v|, which is at least |z_h| */
  readonly sizes: Float64Array;
  /** [heads] of [depth, depth]: W_h' W_h */
  readonly grams: readonly Float64Array[];
  /** Output map of attention, and the two maps of the feed-forward branch, in float64. */
  readonly output: Linear;
  readonly inner: Linear;
  readonly outer: Linear;
  private readonly made: Uint8Array;
  private allMade = false;
  private keyRange: KeyRange | null = null;
  private longestSeen: Float64Array | null = null;
  private readonly margins = new Map<string, SeenRows>();

  constructor(readonly model: NativeTransformer) {
    const block = model.blocks[0]!;
    this.block = block;
    const { query, value, output, heads } = block.attention;
    const rows = model.embedding.rows;
    this.heads = heads;
    this.similarity = similarityOf(block.attention);
    this.d = model.embedding.columns;
    this.width = query.weight.rows / heads;
    this.depth = value.weight.rows / heads;
    this.queries = new Float64Array(rows * query.weight.rows);
    this.keys = new Float64Array(rows * query.weight.rows);
    this.values = new Float64Array(rows * value.weight.rows);
    this.squares = new Float64Array(rows * heads);
    this.lengths = new Float64Array(rows * heads);
    this.sizes = new Float64Array(rows * heads);
    this.made = new Uint8Array(rows);
    const { inner, outer } = block.feedForward;
    this.output = { weight: dense(output.weight), bias: null };
    this.inner = { weight: dense(inner.weight), bias: null };
    this.outer = { weight: dense(outer.weight), bias: null };
    this.grams = Array.from({ length: heads }, (_, h) =>
      gramOf(columns(output.weight, h * this.depth, this.depth)),
    );
  }

  /** Weight of the key at keys[k] for the query at queries[q]. */
  weight(queries: Float64Array, q: number, keys: Float64Array, k: number): number {
    return this.weightOf(compare(this.similarity, queries, q, keys, k, this.width));
  }

  /** The most that any key can weigh for a row as a query. */
  heaviest(row: number, head: number): number {
    const from = (row * this.heads + head) * this.width;
    let square = 0;
    for (let c = 0; c < this.width; c++) square += this.queries[from + c]! ** 2;
    const length = Math.sqrt(square);
    const { shortest, longest } = this.keyLengths();
    if (this.similarity !== "distance") {
      const score = Math.abs(scoreOf(this.block.attention, length * longest[head]!));
      return Math.exp(score) * (1 + 1e-9);
    }
    // No key is nearer than lengths say.
    const gap = Math.max(length - longest[head]!, shortest[head]! - length);
    const least = Math.max(0, gap - 1e-9 * (length + longest[head]!));
    return Math.min(1, this.weightOf(least * least) * (1 + 1e-9));
  }

  private weightOf(compared: number): number {
    return Math.exp(scoreOf(this.block.attention, compared));
  }

  /** Sees to it that the row's entries are there. */
  make(row: number): void {
    if (this.made[row] === 1) return;
    this.made[row] = 1;
    const { query, key, value } = this.block.attention;
    const x = this.model.embedding.data.subarray(row * this.d, (row + 1) * this.d);
    map(query.weight, x, this.queries, row * query.weight.rows);
    map(key.weight, x, this.keys, row * key.weight.rows);
    if (this.similarity === "cosine")
      for (const all of [this.queries, this.keys])
        shorten(
          all.subarray(row * query.weight.rows, (row + 1) * query.weight.rows),
          this.width,
          epsilonOf(this.block.attention),
        );
    map(value.weight, x, this.values, row * value.weight.rows);
    for (let h = 0; h < this.heads; h++) {
      const from = (row * this.heads + h) * this.depth;
      const square = form(this.grams[h]!, this.values, from, this.values, from, this.depth);
      let length = 0;
      let trace = 0;
      for (let c = 0; c < this.depth; c++) {
        length += this.values[from + c]! ** 2;
        trace += this.grams[h]![c * this.depth + c]!;
      }
      const size = Math.sqrt(length * trace) * (1 + 1e-9);
      this.squares[row * this.heads + h] = square;
      this.sizes[row * this.heads + h] = size;
      this.lengths[row * this.heads + h] = rootUp(square, size);
    }
  }

  makeAll(): void {
    if (this.allMade) return;
    for (let row = 0; row < this.made.length; row++) this.make(row);
    this.allMade = true;
  }

  private keyLengths(): KeyRange {
    if (this.keyRange === null) {
      this.makeAll();
      const longest = new Float64Array(this.heads);
      const shortest = new Float64Array(this.heads).fill(Number.POSITIVE_INFINITY);
      for (let at = 0; at < this.made.length * this.heads; at++) {
        let square = 0;
        for (let c = 0; c < this.width; c++) square += this.keys[at * this.width + c]! ** 2;
        const head = at % this.heads;
        if (square > longest[head]!) longest[head] = square;
        if (square < shortest[head]!) shortest[head] = square;
      }
      this.keyRange = {
        longest: longest.map((square) => Math.sqrt(square) * (1 + 1e-9)),
        shortest: shortest.map((square) => Math.sqrt(square) * (1 - 1e-9)),
      };
    }
    return this.keyRange;
  }

  /** [heads] the longest z_h of all rows. */
  seenLengths(): Float64Array {
    if (this.longestSeen === null) {
      this.makeAll();
      const most = new Float64Array(this.heads);
      for (let at = 0; at < this.lengths.length; at++)
        if (this.lengths[at]! > most[at % this.heads]!) most[at % this.heads] = this.lengths[at]!;
      this.longestSeen = most;
    }
    return this.longestSeen;
  }

  margin(winner: number, rival: number): SeenRows {
    const key = `${winner} ${rival}`;
    let seen = this.margins.get(key);
    if (seen === undefined) {
      seen = new SeenRows(this, winner, rival);
      this.margins.set(key, seen);
    }
    return seen;
  }
}

/** What the margin of class `winner` over class `rival` sees of the rows. */
export class SeenRows {
  /** [d] */
  readonly direction: Float64Array;
  /** [heads * depth] gA c . W_h as a form on the values of a head. */
  readonly forms: Float64Array;
  /** [f] gF c . W_2 */
  readonly outer: Float64Array;
  /** |gF c . feedForward(x) - gF c . feedForward(y)| <= lipschitz |x - y| */
  readonly lipschitz: number;
  /** [rows * heads] */
  private readonly seen: Float64Array;
  private readonly sizes: Float64Array;
  private readonly alones: Float64Array;
  private readonly made: Uint8Array;
  private least: Float64Array | null = null;
  private most: Float64Array | null = null;
  private largest: Float64Array | null = null;
  private leastAlone: number | null = null;

  constructor(
    readonly tables: RowTables,
    winner: number,
    rival: number,
  ) {
    const { model, block, heads, depth, d } = tables;
    const { data } = model.readout;
    this.direction = Float64Array.from({ length: d }, (_, c) => data[winner * d + c]! - data[rival * d + c]!);
    this.forms = applyTransposed(block.attention.output.weight, this.direction).map(
      (value) => block.attentionGain * value,
    );
    this.outer = applyTransposed(block.feedForward.outer.weight, this.direction).map(
      (value) => block.feedForwardGain * value,
    );
    this.lipschitz = scalarLipschitz(this.outer, block.feedForward);
    this.seen = new Float64Array(model.embedding.rows * heads);
    this.sizes = new Float64Array(model.embedding.rows * heads);
    this.alones = new Float64Array(model.embedding.rows);
    this.made = new Uint8Array(model.embedding.rows);
    if (this.forms.length !== heads * depth) throw new Error("a head has as many forms as values");
  }

  make(row: number): void {
    if (this.made[row] === 1) return;
    this.made[row] = 1;
    const { tables, forms } = this;
    const { heads, depth, values, d, model } = tables;
    tables.make(row);
    for (let h = 0; h < heads; h++) {
      let sum = 0;
      let size = 0;
      for (let c = 0; c < depth; c++) {
        const term = forms[h * depth + c]! * values[(row * heads + h) * depth + c]!;
        sum += term;
        size += Math.abs(term);
      }
      this.seen[row * heads + h] = sum;
      this.sizes[row * heads + h] = size;
    }
    this.alones[row] = this.feedForward(model.embedding.data, row * d);
  }

  seenOf(row: number, head: number): number {
    return this.seen[row * this.tables.heads + head]!;
  }

  /** Sum of the sizes of what seen_h is summed from. */
  sizeOf(row: number, head: number): number {
    return this.sizes[row * this.tables.heads + head]!;
  }

  /** gF c . feedForward(row) */
  alone(row: number): number {
    return this.alones[row]!;
  }

  /** gF c . feedForward of d numbers at x[from]. */
  feedForward(x: ArrayLike<number>, from: number): number {
    const { inner, activation } = this.tables.block.feedForward;
    const f = activationFunction(activation);
    const { rows, columns, data } = inner.weight;
    let sum = 0;
    for (let u = 0; u < rows; u++) {
      let z = 0;
      for (let c = 0; c < columns; c++) z += data[u * columns + c]! * x[from + c]!;
      sum += this.outer[u]! * f(z);
    }
    return sum;
  }

  /** [heads] the least of 0 and all rows' seen_h. */
  leastSeen(): Float64Array {
    if (this.least === null) this.makeAll();
    return this.least!;
  }

  /** [heads] the most of 0 and all rows' seen_h. */
  mostSeen(): Float64Array {
    if (this.most === null) this.makeAll();
    return this.most!;
  }

  /** [heads] the largest size_h of all rows. */
  largestSize(): Float64Array {
    if (this.largest === null) this.makeAll();
    return this.largest!;
  }

  /** The least of 0 and all rows' `alone`. */
  leastAloneOf(): number {
    if (this.leastAlone === null) this.makeAll();
    return this.leastAlone!;
  }

  private makeAll(): void {
    const { heads } = this.tables;
    const least = new Float64Array(heads);
    const most = new Float64Array(heads);
    const largest = new Float64Array(heads);
    let alone = 0;
    for (let row = 0; row < this.made.length; row++) {
      this.make(row);
      alone = Math.min(alone, this.alones[row]!);
      for (let h = 0; h < heads; h++) {
        const seen = this.seen[row * heads + h]!;
        if (seen < least[h]!) least[h] = seen;
        if (seen > most[h]!) most[h] = seen;
        largest[h] = Math.max(largest[h]!, this.sizes[row * heads + h]!);
      }
    }
    this.largest = largest;
    this.least = least;
    this.most = most;
    this.leastAlone = alone;
  }
}

/** a' G b of `depth` numbers at a[i] and b[j]. */
function form(
  gram: Float64Array,
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  depth: number,
): number {
  let sum = 0;
  for (let r = 0; r < depth; r++) {
    let inner = 0;
    for (let c = 0; c < depth; c++) inner += gram[r * depth + c]! * b[j + c]!;
    sum += a[i + r]! * inner;
  }
  return sum;
}

function gramOf(a: Matrix): Float64Array {
  return multiply(transpose(a), a).data;
}

function columns(a: Matrix, from: number, count: number): Matrix {
  const data = new Float64Array(a.rows * count);
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < count; j++) data[i * count + j] = a.data[i * a.columns + from + j]!;
  return { rows: a.rows, columns: count, data };
}

function map(weight: Matrix, x: ArrayLike<number>, out: Float64Array, to: number): void {
  for (let r = 0; r < weight.rows; r++) {
    let sum = 0;
    for (let c = 0; c < weight.columns; c++) sum += weight.data[r * weight.columns + c]! * x[c]!;
    out[to + r] = sum;
  }
}
