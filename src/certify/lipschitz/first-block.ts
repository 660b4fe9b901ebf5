/**
 * The forward of the first block of a native Transformer, from queries, keys and values that are known per row.
 *
 * Promise: every number is, to the last bit, the one that `NativeTransformer.branches` has: the same products and sums in the same
 * order. Queries, keys and values are made by the same `linear` of the same numbers. Products are sums over channels from the first
 * to the last, masses sums over keys that begin with the null mass, and mixed values sums over keys of share times value: each is a `linear` of
 * one head's part, which sums from the first column to the last. (Float32 weights are the same numbers in float64.) A key that isn't seen has
 * share 0 there, which changes no sum.
 */
import { activate } from "../../layers/activation.js";
import { linear } from "../../layers/linear.js";
import { compare, scoreOf } from "../../layers/similarity.js";
import { isWindowed, seenBy } from "../../layers/windows.js";
import type { RowTables } from "./row-tables.js";

/** Of all tokens of a text; n tokens, indices as in text-state.ts. */
export interface FirstBlock {
  /** [heads * n * width] */
  readonly queries: Float64Array;
  readonly keys: Float64Array;
  /** [heads * n * depth] */
  readonly values: Float64Array;
  /** [heads * n * n] exp(score), 0 for keys that the query doesn't see */
  readonly weights: Float64Array;
  /** [heads * n * n] exp(score) of all keys; the same array where all are seen */
  readonly every: Float64Array;
  /** [heads * n] null mass + sum of weights */
  readonly masses: Float64Array;
  /** [heads * n * depth] mixed values */
  readonly mixed: Float64Array;
  /** [n * f] activations within the feed-forward branch */
  readonly hidden: Float64Array;
  /** [d] gained branches, summed over tokens */
  readonly sum: Float64Array;
}

export function firstBlock(tables: RowTables, tokens: readonly number[]): FirstBlock {
  const { model, block, output, inner, outer, heads, width, depth, d } = tables;
  const n = tokens.length;
  for (const row of tokens) tables.make(row);
  const queries = byHead(tables.queries, tokens, heads, width);
  const keys = byHead(tables.keys, tokens, heads, width);
  const values = byHead(tables.values, tokens, heads, depth);
  const weights = new Float64Array(heads * n * n);
  const masses = new Float64Array(heads * n);
  const mixed = new Float64Array(heads * n * depth);
  const sideBySide = new Float64Array(n * heads * depth);
  const shares = new Float64Array(n * n);
  const { nullMass, windows } = block.attention;
  const every = isWindowed(block.attention) ? new Float64Array(heads * n * n) : weights;
  for (let h = 0; h < heads; h++) {
    const compared = comparedOf(tables, part(queries, h, n, width), part(keys, h, n, width));
    for (let i = 0; i < n; i++) {
      const { first, last } = seenBy(windows?.[h], i, n);
      let mass = nullMass;
      for (let j = 0; j < n; j++) {
        const weight = Math.exp(scoreOf(block.attention, compared[i * n + j]!));
        every[(h * n + i) * n + j] = weight;
        if (j < first || j > last) continue;
        weights[(h * n + i) * n + j] = weight;
        mass += weight;
      }
      masses[h * n + i] = mass;
      for (let j = 0; j < n; j++) shares[i * n + j] = weights[(h * n + i) * n + j]! / mass;
    }
    const turned = new Float64Array(depth * n);
    for (let j = 0; j < n; j++)
      for (let c = 0; c < depth; c++) turned[c * n + j] = values[(h * n + j) * depth + c]!;
    const own = linear({ weight: { rows: depth, columns: n, data: turned }, bias: null }, shares);
    mixed.set(own, h * n * depth);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < depth; c++) sideBySide[(i * heads + h) * depth + c] = own[i * depth + c]!;
  }
  const sum = new Float64Array(d);
  const middle = add(model.embed(tokens), linear(output, sideBySide), block.attentionGain, sum);
  const hidden = activate(block.feedForward.activation, linear(inner, middle));
  add(middle, linear(outer, hidden), block.feedForwardGain, sum);
  return { queries, keys, values, weights, every, masses, mixed, hidden, sum };
}

/** [n * n] What scores are made of, query by key. */
function comparedOf({ similarity, width }: RowTables, queries: Rows, keys: Rows): Float64Array {
  if (similarity !== "distance") return linear({ weight: keys, bias: null }, queries.data);
  const n = keys.rows;
  const compared = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      compared[i * n + j] = compare(similarity, queries.data, i * width, keys.data, j * width, width);
  return compared;
}

/** h + gain * branch, in place; the gained branch of all tokens is added to `sum`. */
function add(h: Float64Array, branch: Float64Array, gain: number, sum: Float64Array): Float64Array {
  const d = sum.length;
  for (let from = 0; from < h.length; from += d)
    for (let c = 0; c < d; c++) {
      const added = gain * branch[from + c]!;
      h[from + c] = h[from + c]! + added;
      sum[c] = sum[c]! + added;
    }
  return h;
}

/** Rows [row * heads + h] of `width` numbers of the tokens' rows, head by head. */
function byHead(all: Float64Array, tokens: readonly number[], heads: number, width: number): Float64Array {
  const n = tokens.length;
  const found = new Float64Array(heads * n * width);
  for (let i = 0; i < n; i++)
    for (let h = 0; h < heads; h++) {
      const from = (tokens[i]! * heads + h) * width;
      const to = (h * n + i) * width;
      for (let c = 0; c < width; c++) found[to + c] = all[from + c]!;
    }
  return found;
}

interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** One head's rows as a matrix. */
export function part(all: Float64Array, head: number, n: number, width: number): Rows {
  return { rows: n, columns: width, data: all.subarray(head * n * width, (head + 1) * n * width) };
}
