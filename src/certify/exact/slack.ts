/**
 * How much the future can depend on the state: the room that pruning has to leave.
 *
 * Let cost(q, f) be what reading the rest f (up to its first separator, and the end of that word) adds from
 * state q. There is a function ref(f), the same for all states, with
 *
 *     lower[q] <= cost(q, f) - ref(f) <= upper[q]     for every f.                                     (*)
 *
 * So a state q with value v is not needed where some state q* with value v*, reached with no more edits, has
 * v* + upper[q*] <= v + lower[q]: whatever q can do, q* does at no greater cost.
 *
 * Proof of (*), `tree`, with ref = cost(sink, .): what f completes from q is either a node below or at q, adding
 * close[node] where the sink adds close[sink], or nothing listed, adding close[sink] in both. For the start state,
 * the empty word adds close[start] = 0 instead.
 *
 * Proof of (*), `suffix`, with ref = cost(empty, .), empty = fail-most state: reading from q and from fail[q]
 * side by side, as long as q has a child for the next symbol the two sides differ by that child's own pattern
 * (fail[child] is where the other side goes, and outputs are own + fail's output); once q has no child, or the
 * word ends (difference: own pattern with `$`), both are in the same state. So cost(q, f) - cost(fail[q], f) is
 * the sum of own weights along a path down from q in the pattern tree, with the end's own weight at its last
 * node or nothing: an element of [low(q), high(q)] computed below. Add up along the failure chain. For the start
 * state the end of the (empty) word adds 0 where `empty` adds close[empty].
 */
import type { WordAutomaton } from "../../tokenizer/automaton.js";

export interface Slack {
  /** The state whose cost is `ref`. */
  readonly reference: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export function slack(
  automaton: WordAutomaton,
  tokenWeight: Float64Array,
  close: Float64Array,
): Slack | null {
  const { futures, states, start } = automaton;
  if (futures.kind === "opaque") return null;
  const lower = new Float64Array(states);
  const upper = new Float64Array(states);
  const widen = (q: number, low: number, high: number) => {
    if (low < lower[q]!) lower[q] = low;
    if (high > upper[q]!) upper[q] = high;
  };
  const { parent } = futures;
  if (futures.kind === "tree") {
    const { sink } = futures;
    // Children have higher numbers than their parents.
    for (let q = states - 1; q >= 0; q--) {
      if (q === sink) continue;
      const end = close[q]! - close[sink]!;
      widen(q, end, end);
      if (parent[q]! >= 0) widen(parent[q]!, lower[q]!, upper[q]!);
    }
    return { reference: sink, lower, upper };
  }
  const { fail, ownToken, ownEndToken, order } = futures;
  const empty = order[0]!;
  for (let q = states - 1; q >= 0; q--) {
    const endToken = ownEndToken[q]!;
    if (q === start) widen(q, -close[empty]!, -close[empty]!);
    else if (endToken >= 0) widen(q, tokenWeight[endToken]!, tokenWeight[endToken]!);
    const above = parent[q]!;
    if (above < 0) continue;
    const own = ownToken[q]! < 0 ? 0 : tokenWeight[ownToken[q]!]!;
    widen(above, own + lower[q]!, own + upper[q]!);
  }
  lower[empty] = 0;
  upper[empty] = 0;
  for (let at = 1; at < states; at++) {
    const q = order[at]!;
    lower[q] = lower[q]! + lower[fail[q]!]!;
    upper[q] = upper[q]! + upper[fail[q]!]!;
  }
  return { reference: empty, lower, upper };
}
