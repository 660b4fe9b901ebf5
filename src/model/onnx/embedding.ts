/**
 * The embedding of an encoder, out of the expression that its first block reads: table rows by token, by place and
 * the same for all, added up, and a norm.
 */
import type { Embedding, Linear, Positions, Vector } from "../encoder.js";
import { positionRows } from "../reference.js";
import type { Expr } from "./expression.js";
import { type Known, sameShape } from "./known.js";
import type { Trace } from "./trace.js";
import { UnsupportedGraph } from "./unsupported.js";
import { normOf, type StoredWeights } from "./weights.js";

type Lookup = Extract<Expr, { op: "lookup" }>;

export interface RecoveredEmbedding {
  readonly embedding: Embedding;
  readonly hiddenSize: number;
  readonly mostTokens: number;
}

/** @throws UnsupportedGraph naming the node whose value has no place in an embedding */
export function recoverEmbedding(x: Expr, trace: Trace, weights: StoredWeights): RecoveredEmbedding {
  const fail = (at: Expr, why: string): never => {
    throw new UnsupportedGraph(trace.nodeOf(at), why);
  };
  const norm = normOf(x);
  let tokens: Lookup | null = null;
  let projection: Linear | null = null;
  let positions: Positions = { kind: "none" };
  let segment: Vector | null = null;
  for (const term of terms(norm === null ? x : (x as { x: Expr }).x)) {
    const projected = term.op === "linear" && term.x.op === "lookup" ? term : null;
    const lookup = projected === null ? term : (projected.x as Lookup);
    if (term.op === "shift" && term.by.data.length > 1 && segment === null) {
      segment = term.by.data;
    } else if (lookup.op !== "lookup") {
      fail(term, "it is neither a block nor a part of an embedding");
    } else if (lookup.rows.usesIds && sameNumbers(lookup.rows, trace.ids)) {
      if (tokens !== null) fail(term, "tokens are looked up in a second table");
      tokens = lookup;
      if (projected !== null) projection = weights.linear(projected.weight, projected.bias);
    } else if (projected !== null) {
      fail(term, "what is projected isn't the tokens' embedding");
    } else if (rowOfAll(lookup.rows) !== null && segment === null) {
      segment = weights.row(lookup.table, rowOfAll(lookup.rows)!);
    } else {
      const found = placesOf(lookup, trace.ids, weights);
      if (found === null || positions.kind !== "none")
        fail(term, "the rows that it takes from a table follow no rule of positions that is known");
      else positions = found;
    }
  }
  if (tokens === null) return fail(x, "no table is looked up by the token ids");
  const width = (tokens as Lookup).table.shape[1]!;
  const hiddenSize = (projection as Linear | null)?.weight.rows ?? width;
  return {
    embedding: {
      tokens: weights.table((tokens as Lookup).table),
      projection,
      positions,
      segment,
      norm: norm ?? { kind: "none" },
    },
    hiddenSize,
    mostTokens:
      positions.kind === "none" ? Number.POSITIVE_INFINITY : positions.table.rows - positions.offset,
  };
}

/** What is added up; a vector that is added is a term of its own. */
function terms(x: Expr): Expr[] {
  if (x.op === "sum") return [...terms(x.a), ...terms(x.b)];
  return x.op === "shift" ? [...terms(x.x), x] : [x];
}

function sameNumbers(a: Known, b: Known): boolean {
  return sameShape(a.shape, b.shape) && a.data.every((n: number, i: number) => n === b.data[i]);
}

/** The row that every token gets, or null. */
function rowOfAll({ data, usesIds }: Known): number | null {
  return !usesIds && data.length > 1 && data.every((n: number) => n === data[0]) ? data[0]! : null;
}

/** A rule that gives the tokens of every sequence the rows that they got, or null. */
function placesOf({ table, rows }: Lookup, ids: Known, weights: StoredWeights): Positions | null {
  const tokens = ids.shape[1]!;
  const sequences = Array.from({ length: ids.shape[0]! }, (_, i) =>
    Int32Array.from(ids.data.slice(i * tokens, (i + 1) * tokens)),
  );
  const seen = (i: number) =>
    rows.data.length === tokens ? rows.data : rows.data.slice(i * tokens, (i + 1) * tokens);
  if (rows.data.length !== tokens && rows.data.length !== ids.data.length) return null;
  const fits = (positions: Exclude<Positions, { kind: "none" }>) =>
    sequences.every((sequence, i) => positionRows(positions, sequence).every((row, j) => row === seen(i)[j]));
  const held = weights.table(table);
  if (!rows.usesIds) {
    const absolute = { kind: "absolute", table: held, offset: seen(0)[0]! } as const;
    return fits(absolute) ? absolute : null;
  }
  for (const padding of new Set(ids.data)) {
    const offset = seen(0)[0]! + (sequences[0]![0] === padding ? 1 : 0);
    const counted = { kind: "counted", table: held, offset, padding } as const;
    if (fits(counted)) return counted;
  }
  return null;
}
