/**
 * The least that a stretch of text can contribute after j edits: the shortest path at the heart of `exact`.
 *
 * A block is one word, or several neighbouring words whose separators between them are all edited away (deleted,
 * or replaced by a letter); what follows a block is an untouched separator or the end of the text.
 *
 * Theorem. `run(block, k)[j]` is the minimum, over all strings t that at most j edits make of the block (each of
 * its inner separators edited), of the sum of outputs for t from the start state, the end of t's last word included.
 * Proof. States (i, j, q): i symbols of the block consumed, j edits spent, q = automaton state. Arcs are the
 * edits: match, substitute (a letter, a separator), delete, insert; a written separator adds close[q] and
 * returns to the start. Every edit sequence that goes through the block from left to right is a path and the
 * reverse; the automaton's outputs are the vocabulary's (tokenizer/automaton.ts); letters with equal outcome are
 * interchangeable (moves.ts). All arcs go from i to i + 1 or from (i, j) to (i, j + 1), so settling i, then j, in
 * order settles every state after all its predecessors. States are dropped only where slack.ts proves another state,
 * with no more edits, at least as good; among equals the one that set the bound stays.
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
  constructor(private readonly states: number) {}
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

/**
 * @param block symbols; SEPARATOR marks an inner separator, which must be edited.
 * @param edits the most edits to spend, >= number of inner separators for a finite answer.
 * @returns [edits + 1] least contribution with at most j edits; Infinity where j can't remove all separators.
 * @throws LimitReached
 */
export function searchBlock(
  search: Search,
  block: ArrayLike<number>,
  edits: number,
  budget: Budget,
): Float64Array {
  const { automaton, weights, moves, fronts } = search;
  const { next, start, stepBy } = automaton;
  const { step, close } = weights;
  const lower = weights.slack?.lower;
  const upper = weights.slack?.upper;
  const separatorAllowed = moves.allowed[SEPARATOR] === 1;
  const length = block.length;
  const best = new Float64Array(edits + 1).fill(Number.POSITIVE_INFINITY);

  let here = fronts.row(0, edits);
  let there = fronts.row(1, edits);
  for (let j = 0; j <= edits; j++) here[j]!.clear();
  here[0]!.offer(start, 0);

  for (let i = 0; i <= length; i++) {
    for (let j = 0; j <= edits; j++) there[j]!.clear();
    const atEnd = i === length;
    const symbol = atEnd ? SEPARATOR : block[i]!;
    const keep = symbol !== SEPARATOR;
    let bound = Number.POSITIVE_INFINITY;
    for (let j = 0; j <= edits; j++) {
      const front = here[j]!;
      const { list, size, value } = front;
      let keeper = -1;
      if (lower !== undefined && upper !== undefined)
        for (let x = 0; x < size; x++) {
          const q = list[x]!;
          const most = value[q]! + upper[q]!;
          if (most < bound) {
            bound = most;
            keeper = q;
          }
        }
      budget.spend(size);
      const spendable = j < edits;
      const insertTo = spendable ? here[j + 1]! : front;
      const matchTo = there[j]!;
      const substituteTo = spendable ? there[j + 1]! : front;
      for (let x = 0; x < size; x++) {
        const q = list[x]!;
        const v = value[q]!;
        if (lower !== undefined && q !== keeper && v + lower[q]! >= bound) continue;
        const base = q * WORD_SYMBOLS;
        if (atEnd) {
          const total = v + close[q]!;
          if (total < best[j]!) best[j] = total;
        } else if (keep) {
          const to = next[base + symbol]!;
          matchTo.offer(
            to,
            stepBy === "state" ? v + step[to]! : stepBy === "arc" ? v + step[base + symbol]! : v,
          );
        }
        if (!spendable) continue;
        if (!atEnd) substituteTo.offer(q, v); // delete
        moves.ensure(q);
        const letters = moves.symbol;
        const end = moves.begin[q]! + moves.count[q]!;
        for (let m = moves.begin[q]!; m < end; m++) {
          const letter = letters[m]!;
          const to = next[base + letter]!;
          const w = stepBy === "state" ? v + step[to]! : stepBy === "arc" ? v + step[base + letter]! : v;
          insertTo.offer(to, w);
          if (!atEnd) substituteTo.offer(to, w);
        }
        if (separatorAllowed) {
          const w = v + close[q]!;
          insertTo.offer(start, w);
          if (keep) substituteTo.offer(start, w);
        }
      }
    }
    const swap = here;
    here = there;
    there = swap;
  }
  for (let j = 1; j <= edits; j++) if (best[j - 1]! < best[j]!) best[j] = best[j - 1]!;
  return best;
}
