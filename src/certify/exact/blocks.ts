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
import { type Search, searchBlock } from "./block.js";
import type { Budget } from "./budget.js";

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

/** Gives tables [j] -> least contribution of words `from`..`to` as one block. */
export type BlockTables = (spans: WordSpans, from: number, to: number, edits: number) => Float64Array;

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
    private readonly tables: BlockTables,
  ) {
    const width = edits + 1;
    const words = spans.begin.length;
    this.least = new Float64Array((words + 1) * width);
    for (let to = 0; to < words; to++) {
      const row = (to + 1) * width;
      this.least.fill(Number.POSITIVE_INFINITY, row, row + width);
      this.eachBlock(to, (from, table) => {
        const before = from * width;
        for (let e = to - from; e <= edits; e++) {
          const value = table[e]!;
          for (let j = e; j <= edits; j++) {
            const total = this.least[before + j - e]! + value;
            if (total < this.least[row + j]!) this.least[row + j] = total;
          }
        }
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

  private eachBlock(to: number, visit: (from: number, table: Float64Array) => void): void {
    const { begin, end } = this.spans;
    visit(to, this.tables(this.spans, to, to, this.edits));
    if (begin[to] === end[to]) return;
    for (let from = to - 1; from >= 0 && to - from <= this.edits; from--)
      if (begin[from] !== end[from]) visit(from, this.tables(this.spans, from, to, this.edits));
  }
}

/** Tables by search alone, for one margin. Words are looked up in `cache` by their symbols. */
export function searchedTables(
  search: Search,
  cache: Map<string, Float64Array>,
  budget: Budget,
): BlockTables {
  return (spans, from, to, edits) => {
    const block = spans.symbols.subarray(spans.begin[from], spans.end[to]);
    const key = block.length <= LONGEST_KEPT ? String.fromCharCode(...block) : null;
    const known = key === null ? undefined : cache.get(key);
    if (known !== undefined && known.length > edits) return known;
    const table = searchBlock(search, block, edits, budget);
    if (key !== null) cache.set(key, table);
    return table;
  };
}

/** Blocks of more symbols than this are searched anew each time. */
const LONGEST_KEPT = 200;
