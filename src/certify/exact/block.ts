/**
 * The least that a stretch of text can contribute after j edits: the shortest path at the heart of `exact`.
 *
 * A block is one word, or several neighbouring words whose separators between them are all edited away (deleted,
 * or replaced by a letter); what follows a block is an untouched separator or the end of the text.
 *
 * Theorem. Let T be the minimum, over all strings t that at most j edits make of the block (each of its inner
 * separators edited), of the sum of outputs for t from the origin state, the end of t's last word included. Then
 * `searchBlock` returns the smaller of T and `needed`.
 * Proof. States (i, e, q): i symbols of the block consumed, e edits spent, q = automaton state. Arcs are the
 * edits: match, substitute (a letter, a separator), delete, insert; a written separator adds close[q] and
 * returns to the start. Every edit sequence that goes through the block from left to right is a path and the
 * reverse; the automaton's outputs are the vocabulary's (tokenizer/automaton.ts); letters with equal outcome are
 * interchangeable (moves.ts). All arcs go from i to i + 1 or from (i, e) to (i, e + 1), so settling i, then e, in
 * order settles every state after all its predecessors. A state of value v is dropped only
 * - where slack.ts proves another state, with no more edits, at least as good (among equals the one that set the
 *   bound stays), or
 * - where v + lower[q] + rest >= best (`needed`, or a lower total already found), `rest` being the least that the symbols from i on can give from the reference
 *   state with the edits left: by (*) of slack.ts nothing that goes through this state ends below `best`.
 */
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import type { WordAutomaton } from "../../tokenizer/automaton.js";
import type { Budget } from "./budget.js";
import type { Moves } from "./moves.js";
import type { MarginWeights } from "./weights.js";

const LAST_MARK = 0x7fffffff;

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
    // Marks are stored in 32 bits: start over before they no longer fit.
    if (this.mark === LAST_MARK) {
      this.seen.fill(0);
      this.mark = 0;
    }
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
 * What a search counts at the end of the block: `close`, the end of a word, as in the theorem above; or `open`, the
 * least that whatever follows can add beyond the reference, with one more letter free of charge:
 *
 *     open(q) = min( lower[q], min over letters c of step(q, c) + lower[next(q, c)] ).
 */
export type Ending = "close" | "open";

/**
 * @param block symbols; SEPARATOR marks an inner separator, which must be edited.
 * @param origin state to start from.
 * @param ending what is counted at the end; `open` needs slack.
 * @param edits the most edits to spend, at least 1.
 * @param rest [length + 1][>= edits] bounds for pruning, or null; used for states with at least one edit spent.
 * @param needed values from here on are of no use to the caller.
 * @throws LimitReached
 */
export function searchBlock(
  search: Search,
  block: ArrayLike<number>,
  origin: number,
  ending: Ending,
  edits: number,
  rest: Rest | null,
  needed: number,
  budget: Budget,
): number {
  return new BlockSearch(search, block, ending, edits, rest, needed, budget).run(origin);
}

class BlockSearch {
  /** The least total found so far, or `needed` if none is below it. */
  private best: number;
  private readonly last: number;

  constructor(
    private readonly search: Search,
    private readonly block: ArrayLike<number>,
    private readonly ending: Ending,
    private readonly edits: number,
    private readonly rest: Rest | null,
    needed: number,
    private readonly budget: Budget,
  ) {
    this.best = needed;
    this.last = block.length;
  }

  run(origin: number): number {
    const { fronts } = this.search;
    // With its last edit spent a state's way is fixed, so with bounds to cut it short it is gone at once (`finish`) and
    // fronts are kept for fewer edits only. Without bounds that would take time quadratic in the block's length.
    const most = this.rest === null ? this.edits : this.edits - 1;
    let here = fronts.row(0, this.edits);
    let there = fronts.row(1, this.edits);
    for (let e = 0; e <= most; e++) here[e]!.clear();
    here[0]!.offer(origin, 0);
    for (let i = 0; i <= this.last; i++) {
      for (let e = 0; e <= most; e++) there[e]!.clear();
      let bound = Number.POSITIVE_INFINITY;
      for (let e = 0; e <= most; e++) bound = this.settle(i, e, here, there, bound);
      const swap = here;
      here = there;
      there = swap;
    }
    return this.best;
  }

  /** Goes on from all states at (i, e); `bound` is the best value + upper among those with fewer edits at i. */
  private settle(i: number, e: number, here: Front[], there: Front[], before: number): number {
    const { automaton, weights, moves, fronts } = this.search;
    const { next, start, stepBy } = automaton;
    const { step, close, slack } = weights;
    const lower = slack?.lower ?? fronts.zeros;
    const front = here[e]!;
    const { list, size, value } = front;
    let bound = before;
    let keeper = -1;
    if (slack !== null) {
      const { upper } = slack;
      for (let x = 0; x < size; x++) {
        const q = list[x]!;
        const most = value[q]! + upper[q]!;
        if (most < bound) {
          bound = most;
          keeper = q;
        }
      }
    }
    this.budget.spend(size);
    const atEnd = i === this.last;
    const symbol = atEnd ? SEPARATOR : this.block[i]!;
    const keep = symbol !== SEPARATOR;
    const separatorAllowed = moves.allowed[SEPARATOR] === 1;
    const spent = e === this.edits;
    const final = this.rest !== null && e + 1 === this.edits;
    const insertTo = final || spent ? null : here[e + 1]!;
    const changeTo = final || spent || atEnd ? null : there[e + 1]!;
    const left = this.edits - e - 1;
    for (let x = 0; x < size; x++) {
      const q = list[x]!;
      const v = value[q]!;
      if (slack !== null && q !== keeper && v + lower[q]! >= bound) continue;
      if (atEnd) {
        const total = v + (this.ending === "close" ? close[q]! : openEnd(this.search, q));
        if (total < this.best) this.best = total;
      } else if (keep) {
        const arc = q * WORD_SYMBOLS + symbol;
        const to = next[arc]!;
        const w = stepBy === "never" ? v : v + step[stepBy === "state" ? to : arc]!;
        if (e === 0 || w + lower[to]! < this.limit(i + 1, left + 1)) there[e]!.offer(to, w);
      }
      if (spent) continue;
      // With one more edit spent, a state is of use only with value + lower below these.
      const insertLimit = this.limit(i, left);
      const changeLimit = atEnd ? Number.NEGATIVE_INFINITY : this.limit(i + 1, left);
      if (v + lower[q]! < changeLimit) {
        if (changeTo === null) this.finish(i + 1, q, v);
        else changeTo.offer(q, v); // delete
      }
      moves.ensure(q);
      const { target, adds, key } = moves;
      const end = moves.end[q]!;
      const limit = insertLimit > changeLimit ? insertLimit : changeLimit;
      for (let m = moves.begin[q]!; m < end; m++) {
        const least = v + key[m]!;
        if (least >= limit) {
          if (slack === null) continue;
          break;
        }
        const w = v + adds[m]!;
        if (least < insertLimit) {
          if (insertTo === null) this.finish(i, target[m]!, w);
          else insertTo.offer(target[m]!, w);
        }
        if (least < changeLimit) {
          if (changeTo === null) this.finish(i + 1, target[m]!, w);
          else changeTo.offer(target[m]!, w);
        }
      }
      if (!separatorAllowed) continue;
      const w = v + close[q]!;
      const least = w + lower[start]!;
      if (least < insertLimit) {
        if (insertTo === null) this.finish(i, start, w);
        else insertTo.offer(start, w);
      }
      if (keep && least < changeLimit) {
        if (changeTo === null) this.finish(i + 1, start, w);
        else changeTo.offer(start, w);
      }
    }
    return bound;
  }

  /** Reads the rest of the block unedited, giving up as soon as it can't beat the best. */
  private finish(at: number, state: number, value: number): void {
    const { automaton, weights, fronts } = this.search;
    const { next, stepBy } = automaton;
    const { step, slack } = weights;
    const lower = slack?.lower ?? fronts.zeros;
    let q = state;
    let v = value;
    for (let i = at; i < this.last; i++) {
      const symbol = this.block[i]!;
      if (symbol === SEPARATOR) return;
      const arc = q * WORD_SYMBOLS + symbol;
      q = next[arc]!;
      if (stepBy !== "never") v += step[stepBy === "state" ? q : arc]!;
      if (v + lower[q]! >= this.limit(i + 1, 0)) return;
    }
    const total = v + (this.ending === "close" ? weights.close[q]! : openEnd(this.search, q));
    if (total < this.best) this.best = total;
  }

  /** States at place i with `left` edits left are of use only with value + lower below this. */
  private limit(i: number, left: number): number {
    if (this.rest === null) return Number.POSITIVE_INFINITY;
    const least = this.rest[i]![left]!;
    return least === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : this.best - least;
  }
}

/** `open(q)`, see Ending: the key of a move is its step + lower. */
export function openEnd({ weights, moves }: Search, q: number): number {
  return Math.min(weights.slack!.lower[q]!, moves.leastKey(q));
}
