/**
 * The least that a stretch of text can contribute after j edits: the shortest path at the heart of `exact`.
 *
 * A block is one word, or several neighbouring words whose separators between them are all edited away (deleted,
 * or replaced by a letter); what follows a block is an untouched separator or the end of the text.
 *
 * Theorem. Let T be the minimum, over all strings t that at most j edits make of the block (each of its inner
 * separators edited), of the sum of outputs for t from the origin state, the end of t's last word included. Then
 * `searchBlock` returns T if T < `needed`, else some number >= `needed` that is at least T, or Infinity.
 * Proof. States (i, e, q): i symbols of the block consumed, e edits spent, q = automaton state. Arcs are the
 * edits: match, substitute (a letter, a separator), delete, insert; a written separator adds close[q] and
 * returns to the start. Every edit sequence that goes through the block from left to right is a path and the
 * reverse; the automaton's outputs are the vocabulary's (tokenizer/automaton.ts); letters with equal outcome are
 * interchangeable (moves.ts). All arcs go from i to i + 1 or from (i, e) to (i, e + 1), so settling i, then e, in
 * order settles every state after all its predecessors. A state of value v is dropped only
 * - where slack.ts proves another state, with no more edits, at least as good (among equals the one that set the
 *   bound stays), or
 * - where v + lower[q] + rest >= needed, `rest` being the least that the symbols from i on can give from the reference
 *   state with the edits left: by (*) of slack.ts nothing that goes through this state ends below `needed`.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import type { WordAutomaton } from "../../tokenizer/automaton.js";
import type { Budget } from "./budget.js";
import type { Moves } from "./moves.js";
import type { MarginWeights } from "./weights.js";

/** One (position, edits) front: the states reached and their least values. */
class Front {
  readonly value: Float64Array;
  private readonly seen: Int32Array;
  list: Int32Array = new Int32Array(256);
  size = 0;
  private mark = 0;

  constructor(states: number) {
    this.value = new Float64Array(states);
    this.seen = new Int32Array(states);
  }

  clear(): void {
    this.size = 0;
    this.mark++;
  }

  offer(state: number, value: number): void {
    if (this.seen[state] === this.mark) {
      if (value < this.value[state]!) this.value[state] = value;
      return;
    }
    this.seen[state] = this.mark;
    this.value[state] = value;
    if (this.size === this.list.length) {
      const grown = new Int32Array(this.size * 2);
      grown.set(this.list);
      this.list = grown;
    }
    this.list[this.size++] = state;
  }
}

/** Scratch space shared by all searches over one automaton: two rows of fronts, one per number of edits. */
export class Fronts {
  private readonly rows: [Front[], Front[]] = [[], []];
  /** [states] zeros, where there is no slack to read. */
  readonly zeros: Float64Array;
  constructor(private readonly states: number) {
    this.zeros = new Float64Array(states);
  }
  row(parity: number, edits: number): Front[] {
    const row = this.rows[parity & 1]!;
    while (row.length <= edits) row.push(new Front(this.states));
    return row;
  }
}

export interface Search {
  readonly automaton: WordAutomaton;
  readonly weights: MarginWeights;
  readonly moves: Moves;
  readonly fronts: Fronts;
}

/** What `rest[i][e]` is: the least that symbols i.. can give from the reference state with at most e edits. */
export type Rest = readonly (readonly number[])[];

/**
 * @param block symbols; SEPARATOR marks an inner separator, which must be edited.
 * @param origin state to start from.
 * @param edits the most edits to spend.
 * @param rest [length + 1][>= edits] bounds for pruning, or null; used for states with at least one edit spent.
 * @param needed values from here on are of no use to the caller.
 * @throws LimitReached
 */
export function searchBlock(
  search: Search,
  block: ArrayLike<number>,
  origin: number,
  edits: number,
  rest: Rest | null,
  needed: number,
  budget: Budget,
): number {
  const { automaton, weights, moves, fronts } = search;
  const { next, start, stepBy } = automaton;
  const { step, close, slack } = weights;
  const separatorAllowed = moves.allowed[SEPARATOR] === 1;
  const length = block.length;
  const lower = slack?.lower ?? fronts.zeros;
  const upper = slack?.upper ?? fronts.zeros;
  let best = Number.POSITIVE_INFINITY;

  let here = fronts.row(0, edits);
  let there = fronts.row(1, edits);
  for (let e = 0; e <= edits; e++) here[e]!.clear();
  here[0]!.offer(origin, 0);

  for (let i = 0; i <= length; i++) {
    for (let e = 0; e <= edits; e++) there[e]!.clear();
    const atEnd = i === length;
    const symbol = atEnd ? SEPARATOR : block[i]!;
    const keep = symbol !== SEPARATOR;
    let bound = Number.POSITIVE_INFINITY;
    for (let e = 0; e <= edits; e++) {
      const front = here[e]!;
      const { list, size, value } = front;
      let keeper = -1;
      if (slack !== null)
        for (let x = 0; x < size; x++) {
          const q = list[x]!;
          const most = value[q]! + upper[q]!;
          if (most < bound) {
            bound = most;
            keeper = q;
          }
        }
      budget.spend(size);
      const spendable = e < edits;
      // A state at (i, e) is of use only with value + lower below these.
      const insertLimit = spendable ? limitAt(rest, i, edits - e - 1, needed) : 0;
      const changeLimit = spendable && !atEnd ? limitAt(rest, i + 1, edits - e - 1, needed) : 0;
      const matchLimit =
        atEnd || e === 0 ? Number.POSITIVE_INFINITY : limitAt(rest, i + 1, edits - e, needed);
      const insertTo = spendable ? here[e + 1]! : front;
      const matchTo = there[e]!;
      const changeTo = spendable ? there[e + 1]! : front;
      for (let x = 0; x < size; x++) {
        const q = list[x]!;
        const v = value[q]!;
        if (slack !== null && q !== keeper && v + lower[q]! >= bound) continue;
        const base = q * WORD_SYMBOLS;
        if (atEnd) {
          const total = v + close[q]!;
          if (total < best) best = total;
        } else if (keep) {
          const to = next[base + symbol]!;
          const w = stepBy === "state" ? v + step[to]! : stepBy === "arc" ? v + step[base + symbol]! : v;
          if (w + lower[to]! < matchLimit) matchTo.offer(to, w);
        }
        if (!spendable) continue;
        if (!atEnd && v + lower[q]! < changeLimit) changeTo.offer(q, v); // delete
        moves.ensure(q);
        const letters = moves.symbol;
        const end = moves.begin[q]! + moves.count[q]!;
        for (let m = moves.begin[q]!; m < end; m++) {
          const letter = letters[m]!;
          const to = next[base + letter]!;
          const w = stepBy === "state" ? v + step[to]! : stepBy === "arc" ? v + step[base + letter]! : v;
          const least = w + lower[to]!;
          if (least < insertLimit) insertTo.offer(to, w);
          if (least < changeLimit && !atEnd) changeTo.offer(to, w);
        }
        if (separatorAllowed) {
          const w = v + close[q]!;
          const least = w + lower[start]!;
          if (least < insertLimit) insertTo.offer(start, w);
          if (keep && least < changeLimit) changeTo.offer(start, w);
        }
      }
    }
    const swap = here;
    here = there;
    there = swap;
  }
  return best;
}

/** States at place i with `left` edits left are of use only with value + lower below this. */
function limitAt(rest: Rest | null, i: number, left: number, needed: number): number {
  if (rest === null) return Number.POSITIVE_INFINITY;
  const least = rest[i]![left]!;
  return least === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : needed - least;
}
