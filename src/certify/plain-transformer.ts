/**
 * The forward of a native Transformer once more, by the formulas at the head of model/native-transformer.ts and
 * layers/attention.ts, token by token and number by number: what `verify` runs instead of the model's own.
 *
 * Shared with the model: the fold, the weights, and the activation as a function of one number. Not shared: layers, matrices,
 * how words are cut and looked up.
 */
import { activationFunction } from "../layers/activation.js";
import type { NativeBlock, NativeTransformer } from "../model/native-transformer.js";
import type { Matrix } from "../numeric/matrix.js";
import { fold } from "../text/fold.js";
import { SEPARATOR, SYMBOL_CHARACTERS } from "../text/symbols.js";
import { plainLogits } from "./plain-search.js";

/** Word, written in the fold's characters -> its row of the embedding. */
export function plainRows({ additive, rows }: NativeTransformer): ReadonlyMap<string, number> {
  const { kind, tokens } = additive.vocabulary;
  const found = new Map<string, number>();
  for (const [token, row] of rows.entries())
    if (row >= 0) found.set(kind === "patterns" ? tokens[token]!.slice(1, -1) : tokens[token]!, row);
  return found;
}

/** The words of a text as the fold writes them, empty ones included: one more than it has separators. */
export function plainWords(text: string): string[] {
  return Array.from(fold(text).symbols, (symbol) => SYMBOL_CHARACTERS[symbol]!)
    .join("")
    .split(SYMBOL_CHARACTERS[SEPARATOR]!);
}

/** [labels] */
export function plainTransformerLogits(model: NativeTransformer, text: string): number[] {
  const rows = plainRows(model);
  const read = plainWords(text).flatMap((word) => rows.get(word) ?? []);
  const more = plainBranches(model, read);
  return plainLogits(model.additive, text).map((value, y) => value + more[y]!);
}

/** [labels] what the blocks add for tokens with these rows. */
export function plainBranches(model: NativeTransformer, rows: readonly number[]): number[] {
  const { embedding, readout, blocks, labels } = model;
  const start = rows.map((row) => rowOf(embedding, row));
  let tokens = start;
  for (const [b, block] of blocks.entries()) {
    // What the first block makes of a token by itself depends on its row alone.
    const parts = tokens.map((token, i) => (b === 0 ? firstParts(model, rows[i]!) : partsOf(block, token)));
    tokens = plainFeedForward(block, plainAttention(block, tokens, parts));
  }
  return labels.map((_, y) => {
    let sum = 0;
    for (const [i, token] of tokens.entries())
      for (let c = 0; c < token.length; c++)
        sum += readout.data[y * readout.columns + c]! * (token[c]! - start[i]![c]!);
    return sum;
  });
}

type Vector = Float64Array;

interface Parts {
  readonly query: Vector;
  readonly key: Vector;
  readonly value: Vector;
}

const first = new WeakMap<NativeTransformer, Map<number, Parts>>();

function firstParts(model: NativeTransformer, row: number): Parts {
  const known = first.get(model) ?? new Map<number, Parts>();
  first.set(model, known);
  let parts = known.get(row);
  if (parts === undefined) {
    parts = partsOf(model.blocks[0]!, rowOf(model.embedding, row));
    known.set(row, parts);
  }
  return parts;
}

function partsOf({ attention }: NativeBlock, token: Vector): Parts {
  return {
    query: times(attention.query.weight, token),
    key: times(attention.key.weight, token),
    value: times(attention.value.weight, token),
  };
}

function plainAttention(
  { attention, attentionGain }: NativeBlock,
  tokens: readonly Vector[],
  parts: readonly Parts[],
): Vector[] {
  const { heads, nullMass, output } = attention;
  const width = attention.query.weight.rows / heads;
  const depth = attention.value.weight.rows / heads;
  return tokens.map((token, i) => {
    const { query } = parts[i]!;
    const seen = new Float64Array(heads * depth);
    for (let head = 0; head < heads; head++) {
      let mass = nullMass;
      const sides = attention.windows?.[head];
      for (const [j, { key, value }] of parts.entries()) {
        const hidden = j < i ? plainBeyond(i - j, sides?.before) : plainBeyond(j - i, sides?.after);
        if (hidden) continue;
        const weight = Math.exp(plainScore(attention, query, key, head * width, (head + 1) * width));
        mass += weight;
        for (let c = head * depth; c < (head + 1) * depth; c++) seen[c] = seen[c]! + weight * value[c]!;
      }
      for (let c = head * depth; c < (head + 1) * depth; c++) seen[c] = seen[c]! / mass;
    }
    return plus(token, attentionGain, times(output.weight, seen));
  });
}

/** Whether a token so many places away is outside a window's side; null or nothing: there is no end to it. */
function plainBeyond(places: number, side: number | null | undefined): boolean {
  return side !== null && side !== undefined && places > side;
}

/** Of a query and a key from one channel to another. */
function plainScore(
  attention: NativeBlock["attention"],
  query: Vector,
  key: Vector,
  from: number,
  to: number,
): number {
  let [product, queries, keys, apart] = [0, 0, 0, 0];
  for (let c = from; c < to; c++) {
    product += query[c]! * key[c]!;
    queries += query[c]! * query[c]!;
    keys += key[c]! * key[c]!;
    apart += (query[c]! - key[c]!) * (query[c]! - key[c]!);
  }
  const { limit } = attention;
  if (attention.similarity === "cosine")
    return (limit * product) / Math.sqrt(queries + attention.epsilon) / Math.sqrt(keys + attention.epsilon);
  if (attention.similarity === "distance") return -limit * Math.tanh((attention.scale * apart) / limit);
  return limit * Math.tanh((attention.scale * product) / limit);
}

function plainFeedForward(
  { feedForward, feedForwardGain }: NativeBlock,
  tokens: readonly Vector[],
): Vector[] {
  const { inner, outer, activation } = feedForward;
  const bent = activationFunction(activation);
  return tokens.map((token) => {
    const hidden = times(inner.weight, token);
    for (let c = 0; c < hidden.length; c++) hidden[c] = bent(hidden[c]!);
    return plus(token, feedForwardGain, times(outer.weight, hidden));
  });
}

function plus(token: Vector, gain: number, branch: Vector): Vector {
  const sum = new Float64Array(token.length);
  for (let c = 0; c < sum.length; c++) sum[c] = token[c]! + gain * branch[c]!;
  return sum;
}

function times({ rows, columns, data }: Matrix, vector: Vector): Vector {
  const out = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += data[r * columns + c]! * vector[c]!;
    out[r] = sum;
  }
  return out;
}

function rowOf({ columns, data }: Matrix, row: number): Vector {
  return Float64Array.from(data.subarray(row * columns, (row + 1) * columns));
}
