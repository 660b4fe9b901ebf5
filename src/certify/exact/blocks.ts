/**
 * A folded text as words and the separators between them, and what j edits can make of it: a shortest path over
 * blocks.
 *
 * Theorem. `leastContribution(text, k)[j]` is the minimum contribution of all strings within j edits of the text.
 * Proof. Fix an edit sequence, from left to right. Separators of the text that it leaves alone cut the text into
 * blocks as block.ts defines them; each edit belongs to one block, and the automaton is at its start state at
 * every cut, so contributions add up. Each choice of cuts and of edits per block is an edit sequence. A block
 * whose first or last word is empty, of more than one word, needn't be tried: deleting its outer separator gains
 * nothing over leaving it (an empty word adds 0 and an unedited separator costs no edit), and replacing it by
 * a letter gives what inserting that letter gives.
 */
import { SEPARATOR } from "../../text/symbols.js";
import type { Budget } from "./budget.js";
import type { Table, Tables } from "./tables.js";

/** Words of a folded text: n separators make n + 1 words, empty ones included. Offsets index the symbols. */
export interface WordSpans {
  readonly symbols: Uint8Array;
  /** [words] first symbol of each word. */
  readonly begin: Int32Array;
  /** [words] one past the last symbol of each word. */
  readonly end: Int32Array;
}

export function wordSpans(symbols: Uint8Array): WordSpans {
  let words = 1;
  for (let i = 0; i < symbols.length; i++) if (symbols[i] === SEPARATOR) words++;
  const begin = new Int32Array(words);
  const end = new Int32Array(words);
  let word = 0;
  for (let i = 0; i < symbols.length; i++)
    if (symbols[i] === SEPARATOR) {
      end[word++] = i;
      begin[word] = i + 1;
    }
  end[word] = symbols.length;
  return { symbols, begin, end };
}

/** Which words make up a block and how many edits it gets. */
export interface BlockChoice {
  readonly from: number;
  readonly to: number;
  readonly edits: number;
  readonly value: number;
}

export class Cover {
  /** [(words + 1) * (edits + 1)] least contribution of the first w words with at most j edits. */
  private readonly least: Float64Array;

  constructor(
    private readonly spans: WordSpans,
    private readonly edits: number,
    private readonly tables: Tables,
    private readonly joins: Map<number, Table>,
    private readonly budget: Budget,
  ) {
    const width = edits + 1;
    const words = spans.begin.length;
    this.least = new Float64Array((words + 1) * width);
    for (let to = 0; to < words; to++) {
      const row = (to + 1) * width;
      this.least.fill(Number.POSITIVE_INFINITY, row, row + width);
      this.eachBlock(to, (from, table) => {
        extend(this.least, from * width, row, table, to - from, edits);
      });
    }
  }

  /** [edits + 1] least contribution of the whole text with at most j edits. */
  values(): Float64Array {
    const width = this.edits + 1;
    const row = this.spans.begin.length * width;
    return this.least.slice(row, row + width);
  }

  /** Blocks, from left to right, that reach `values()[j]`. */
  choice(j: number): BlockChoice[] {
    const width = this.edits + 1;
    const chosen: BlockChoice[] = [];
    let left = j;
    let to = this.spans.begin.length - 1;
    while (to >= 0) {
      const wanted = this.least[(to + 1) * width + left]!;
      let found: BlockChoice | undefined;
      this.eachBlock(to, (from, table) => {
        for (let e = to - from; e <= left && found === undefined; e++)
          if (this.least[from * width + left - e]! + table[e]! === wanted)
            found = { from, to, edits: e, value: table[e]! };
      });
      if (found === undefined) throw new Error("a cover's value has no blocks that reach it");
      chosen.push(found);
      left -= found.edits;
      to = found.from - 1;
    }
    return chosen.reverse();
  }

  /** The blocks that end with word `to`, that can be of use. */
  private eachBlock(to: number, visit: (from: number, table: readonly number[]) => void): void {
    const { begin, end } = this.spans;
    visit(to, this.single(to));
    if (begin[to] === end[to]) return;
    for (let from = to - 1; from >= 0 && to - from <= this.edits; from--)
      if (begin[from] !== end[from]) visit(from, this.joined(from, to));
  }

  private single(word: number): readonly number[] {
    return this.tables.levels(this.tables.word(this.symbols(word, word)), this.edits, this.budget);
  }

  /** Words `from` .. `to` as one block: only what its parts, with a separator left between them, don't reach. */
  private joined(from: number, to: number): readonly number[] {
    const key = from * (this.spans.begin.length + 1) + to;
    let table = this.joins.get(key);
    if (table === undefined) {
      table = this.tables.joined(this.symbols(from, to), this.symbols(to, to));
      this.joins.set(key, table);
    }
    if (table.levels.length > this.edits) return table.levels;
    return this.tables.levels(table, this.edits, this.budget, this.byParts(from, to));
  }

  /** [edits + 1] least contribution of words `from` .. `to` by blocks smaller than all of them together. */
  private byParts(from: number, to: number): Float64Array {
    const { begin, end } = this.spans;
    const width = this.edits + 1;
    const least = new Float64Array((to - from + 2) * width).fill(Number.POSITIVE_INFINITY, width);
    for (let last = from; last <= to; last++)
      for (let first = last; first >= from; first--) {
        const words = last - first + 1;
        if (words > width || words === to - from + 1) break;
        if (words > 1 && (begin[first] === end[first] || begin[last] === end[last])) continue;
        const table = words === 1 ? this.single(last) : this.joined(first, last);
        extend(least, (first - from) * width, (last - from + 1) * width, table, words - 1, this.edits);
      }
    return least.subarray((to - from + 1) * width);
  }

  private symbols(from: number, to: number): Uint8Array {
    return this.spans.symbols.subarray(this.spans.begin[from], this.spans.end[to]);
  }
}

/** least[row + j] = min of itself and least[before + j - e] + table[e], over e >= fewest. */
function extend(
  least: Float64Array,
  before: number,
  row: number,
  table: readonly number[],
  fewest: number,
  edits: number,
): void {
  for (let e = fewest; e <= edits; e++) {
    const value = table[e]!;
    for (let j = e; j <= edits; j++) {
      const total = least[before + j - e]! + value;
      if (total < least[row + j]!) least[row + j] = total;
    }
  }
}
