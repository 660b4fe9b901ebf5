/**
 * The first layer of a model over patterns as ONNX nodes: from the symbols of a text to the sum of evidence and the words' rows.
 *
 * Theorem. The sum is that of the evidence of all tokens that the automaton of tokenizer/patterns.ts gives, exactly.
 * Proof. Write the text's symbols with a separator before and behind. A word w is then a run between two separators, and a
 * pattern of w, `^` and `$` written as separators, occurs in w as often as it is a stretch of these symbols: a
 * pattern has a symbol of a word (only `$` has none), so its stretch lies in one word and its separators are those around it. Every place
 * is the beginning of one stretch of each length; all places walk the trie of patterns in step, and a place whose
 * stretch is no beginning of a pattern stays at node 0, without evidence, for ever. The walk ends when all places have ended, or
 * after as many steps as the longest pattern has symbols. `$` is counted by itself: a separator behind a symbol of a word.
 * Padding becomes separators, which are the ends of no word. The sum is float64, exact on the grid of weights.
 */
import { SEPARATOR, SYMBOL_COUNT } from "../../text/symbols.js";
import { type DoubleArray, doubleArray } from "../../tokenizer/double-array.js";
import { tokenShape } from "../../tokenizer/vocabulary.js";
import type { NativeWeights } from "../native.js";
import type { GraphBuilder, Value } from "./builder.js";

const INT32 = { to: { int: 6 } };
const BOOL = { to: { int: 9 } };

export interface WordsValue {
  /** float64 [batch, labels]: the evidence of all tokens. */
  readonly sum: Value;
  /** int32 [batch, places]: 1 + the row of a word that has one, once per word, else 0; null if not asked for. */
  readonly rows: Value | null;
}

/**
 * @param ids int64 [batch, sequence], 0..37
 * @param mask int64 [batch, sequence], 0 for padding
 * @param rows [tokens] row or -1 of whole words, or null
 */
export function writePatterns(
  graph: GraphBuilder,
  { vocabulary, evidence, labels }: NativeWeights,
  ids: Value,
  mask: Value,
  rows: Int32Array | null,
): WordsValue {
  const { tokens } = vocabulary;
  const none = tokens.length;
  const trie = doubleArray(tokens.map(writtenOut), SYMBOL_COUNT);
  const symbols = spaced(graph, ids, mask);
  const tables = trieTables(graph, trie, none);
  const evidenceTable = writeEvidence(graph, evidence, labels.length);
  const rowTable = rows === null ? null : writeRows(graph, rows);
  const zeros = graph.node("Mul", [symbols, graph.int32(0)]);
  const start = graph.node("Add", [zeros, graph.int32(trie.root)]);
  const nowhere = graph.node("Add", [zeros, graph.int32(none)]);
  const nothing = evidenceOf(graph, evidenceTable, nowhere);
  const carried = graph.loop(
    trie.longest,
    [
      { value: start, type: "int32" },
      { value: symbols, type: "int32" },
      { value: nothing, type: "float64" },
      ...(rowTable === null ? [] : [{ value: zeros, type: "int32" as const }]),
    ],
    ([node, rest, sum, found]) => {
      const at = graph.node("Add", [graph.node("Gather", [tables.base, node!]), rest!]);
      const isChild = graph.node("Equal", [graph.node("Gather", [tables.check, at]), node!]);
      const child = graph.node("Where", [isChild, at, graph.int32(0)]);
      const token = graph.node("Gather", [tables.token, child]);
      const more = evidenceOf(graph, evidenceTable, token);
      const next = [child, shifted(graph, rest!, SYMBOL_COUNT), graph.node("Add", [sum!, more])];
      if (rowTable !== null) next.push(graph.node("Max", [found!, graph.node("Gather", [rowTable, token])]));
      const furthest = graph.node("ReduceMax", [child], { keepdims: { int: 0 } });
      return { again: graph.node("Greater", [furthest, graph.int32(0)]), carried: next };
    },
  );
  const end = tokens.indexOf("$");
  const sum = carried[2]!;
  return {
    sum: end < 0 ? sum : graph.node("Add", [sum, writeEnds(graph, symbols, evidence, labels.length, end)]),
    rows: carried[3] ?? null,
  };
}

/** A pattern's symbols with separators for `^` and `$`; null for `$` alone. */
function writtenOut(token: string): Uint8Array | null {
  const { symbols, atStart, atEnd } = tokenShape("patterns", token)!;
  if (symbols.length === 0) return null;
  return Uint8Array.from([...(atStart ? [SEPARATOR] : []), ...symbols, ...(atEnd ? [SEPARATOR] : [])]);
}

function trieTables(graph: GraphBuilder, { base, check, value }: DoubleArray, none: number) {
  const size = base.length;
  return {
    base: graph.exactWeight("trie.base", [size], base),
    check: graph.exactWeight("trie.check", [size], check),
    token: graph.exactWeight(
      "trie.token",
      [size],
      value.map((id) => (id < 0 ? none : id)),
    ),
  };
}

/** int32 [batch, sequence + 2]: the ids, separators for padding, and one before and one behind. */
function spaced(graph: GraphBuilder, ids: Value, mask: Value): Value {
  const kept = graph.node("Where", [graph.node("Cast", [mask], BOOL), ids, graph.integers(SEPARATOR)]);
  const symbols = graph.node("Cast", [kept], INT32);
  const column = columnOf(graph, ids, SEPARATOR);
  return graph.node("Concat", [column, symbols, column], { axis: { int: 1 } });
}

/** Everything one place to the left, with `last` at the end. */
function shifted(graph: GraphBuilder, symbols: Value, last: number): Value {
  const rest = graph.node("Slice", [
    symbols,
    graph.integers([1]),
    graph.integers([Number.MAX_SAFE_INTEGER]),
    graph.integers([1]),
  ]);
  return graph.node("Concat", [rest, columnOf(graph, symbols, last)], { axis: { int: 1 } });
}

/** int32 [batch, 1], of the batch of `like`. */
export function columnOf(graph: GraphBuilder, like: Value, value: number): Value {
  const batch = graph.node("Shape", [like], { start: { int: 0 }, end: { int: 1 } });
  const shape = graph.node("Concat", [batch, graph.integers([1])], { axis: { int: 0 } });
  return graph.node("Expand", [graph.int32(value), shape]);
}

/** [tokens + 1, labels]: one row more, of what is no token. */
export function writeEvidence(graph: GraphBuilder, evidence: Float64Array, labels: number): Value {
  const data = new Float32Array(evidence.length + labels);
  data.set(evidence);
  return graph.exactWeight("evidence", [data.length / labels, labels], data);
}

/** int32 [tokens + 1]: 1 + the token's row, or 0. */
export function writeRows(graph: GraphBuilder, rows: Int32Array): Value {
  const data = new Int32Array(rows.length + 1);
  rows.forEach((row, token) => {
    data[token] = row + 1;
  });
  return graph.exactWeight("rows", [data.length], data);
}

/** float64 [batch, labels]: the evidence of tokens [batch, places], summed. */
export function evidenceOf(graph: GraphBuilder, table: Value, tokens: Value): Value {
  const each = graph.number(graph.node("Gather", [table, tokens]));
  return graph.node("ReduceSum", [each, graph.integers([1])], { keepdims: { int: 0 } });
}

/** float64 [batch, labels]: the evidence of `$` for every word. */
function writeEnds(
  graph: GraphBuilder,
  symbols: Value,
  evidence: Float64Array,
  labels: number,
  token: number,
): Value {
  const isSeparator = (x: Value) => graph.node("Equal", [x, graph.int32(SEPARATOR)]);
  const isEnd = graph.node("And", [
    graph.node("Not", [isSeparator(symbols)]),
    isSeparator(shifted(graph, symbols, SEPARATOR)),
  ]);
  const words = graph.node("ReduceSum", [graph.number(isEnd), graph.integers([1])]);
  const each = evidence.slice(token * labels, (token + 1) * labels);
  return graph.node("Mul", [words, graph.exactWeight("evidence of $", [labels], each)]);
}
