/**
 * A folded text as words and the separators between them, and what j edits can make of it: a shortest path over
 * blocks, searched lazily.
 *
 * Theorem. `Cover(text, k).value` is the minimum contribution of all strings within k edits of the text.
 * Proof. Fix an edit sequence, from left to right. Separators of the text that it leaves alone cut the text into
 * blocks as block.ts defines them; each edit belongs to one block, and the automaton is at its start state at
 * every cut, so contributions add up. Each choice of cuts and of edits per block is an edit sequence. A block
 * whose first or last word is empty, of more than one word, needn't be tried: deleting its outer separator gains
 * nothing over leaving it (an empty word adds 0 and an unedited separator costs no edit), and replacing it by
 * a letter gives what inserting that letter gives. So the minimum is that of a path over (words covered, edits spent).
 * Lazily: every block starts with a lower bound in place of its least contribution. The best path under bounds is no
 * longer than any path truly is; once all blocks on it have their true values, it is the shortest path. Until then
 * the blocks on it that have bounds only are searched. A join may be given Infinity instead of its true value where
 * smaller blocks are known to reach as low: then some shortest path does without it.
 */
import { SEPARATOR } from "../../text/symbols.js";
import type { Budget } from "./budget.js";
import { Join, joinLevels, leastJoined, wordsOf } from "./joins.js";
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

/** Words `from` .. `to` as one block. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly part: Table | Join;
  /** [edits + 1] true values where `part.levels` has them, else bounds. */
  readonly values: number[];
}

/** The blocks of one text under one margin; it may be asked for more and more edits. */
export class Blocks {
  /** [words] blocks that end with each word. */
  private readonly ending: Block[][];

  constructor(
    readonly spans: WordSpans,
    private readonly tables: Tables,
    private readonly budget: Budget,
  ) {
    this.ending = Array.from(spans.begin, (_, to) => [this.block(to, to)]);
  }

  /** The least contribution with at most `edits` edits, and blocks, from left to right, that reach it. */
  least(edits: number): { readonly value: number; readonly choice: readonly BlockChoice[] } {
    this.extend(edits);
    for (;;) {
      const least = this.paths(edits);
      const choice = this.walk(least, edits);
      let settled = true;
      for (const { from, to, edits: e } of choice) {
        const block = this.find(from, to);
        // The table of a word that stands twice may have grown since its bound was taken.
        if (block.part.levels.length > e && block.values[e] === block.part.levels[e]) continue;
        settled = false;
        this.settle(block, e);
      }
      if (settled) return { value: least[least.length - 1]!, choice };
    }
  }

  /** Adds the joins and bounds that `edits` edits bring. */
  private extend(edits: number): void {
    const { begin, end } = this.spans;
    for (let to = 0; to < this.ending.length; to++) {
      const blocks = this.ending[to]!;
      if (begin[to] !== end[to])
        for (let from = to - 1; from >= 0 && to - from <= edits; from--)
          if (begin[from] !== end[from] && !blocks.some((block) => block.from === from))
            blocks.push(this.block(from, to));
      for (const block of blocks)
        for (let e = block.values.length; e <= edits; e++) block.values.push(this.bound(block, e));
    }
  }

  private block(from: number, to: number): Block {
    const symbols = this.spans.symbols.subarray(this.spans.begin[from], this.spans.end[to]);
    const part = from === to ? this.tables.word(symbols) : new Join(symbols, wordsOf(symbols));
    return { from, to, part, values: [] };
  }

  private find(from: number, to: number): Block {
    return this.ending[to]!.find((block) => block.from === from)!;
  }

  private bound(block: Block, edits: number): number {
    const { part } = block;
    const bound =
      part instanceof Join ? leastJoined(this.tables, part, edits) : this.tables.least(part, edits);
    if (bound > Number.NEGATIVE_INFINITY) return bound;
    this.settle(block, edits);
    return part.levels[edits]!;
  }

  /** Replaces bounds by true values. */
  private settle(block: Block, edits: number): void {
    const { part, values } = block;
    const levels =
      part instanceof Join
        ? joinLevels(this.tables, part, edits, this.reached(block, edits), this.budget)
        : this.tables.levels(part, edits, this.budget);
    for (let e = 0; e < values.length && e < levels.length; e++) values[e] = levels[e]!;
  }

  /** [edits + 1] what words `from` .. `to` certainly reach as single words with their separators left alone. */
  private reached({ from, to }: Block, edits: number): Float64Array {
    let least = new Float64Array(edits + 1);
    for (let word = from; word <= to; word++) {
      const { part } = this.find(word, word);
      // Level 0 is always known, and a level is at most the ones below it.
      const known = part.levels;
      const sum = new Float64Array(edits + 1).fill(Number.POSITIVE_INFINITY);
      for (let e = 0; e <= edits; e++) {
        const value = known[Math.min(e, known.length - 1)]!;
        for (let j = e; j <= edits; j++) sum[j] = Math.min(sum[j]!, least[j - e]! + value);
      }
      least = sum;
    }
    return least;
  }

  /** [(words + 1) * (edits + 1)] least contribution of the first w words with at most j edits, under the bounds. */
  private paths(edits: number): Float64Array {
    const width = edits + 1;
    const least = new Float64Array((this.ending.length + 1) * width).fill(Number.POSITIVE_INFINITY, width);
    for (let to = 0; to < this.ending.length; to++) {
      const row = (to + 1) * width;
      for (const { from, values } of this.ending[to]!) {
        const before = from * width;
        for (let e = to - from; e <= edits; e++) {
          const value = values[e]!;
          for (let j = e; j <= edits; j++) {
            const total = least[before + j - e]! + value;
            if (total < least[row + j]!) least[row + j] = total;
          }
        }
      }
    }
    return least;
  }

  /** The blocks of the best path. */
  private walk(least: Float64Array, edits: number): BlockChoice[] {
    const width = edits + 1;
    const chosen: BlockChoice[] = [];
    let left = edits;
    let to = this.ending.length - 1;
    while (to >= 0) {
      const found = this.step(least, width, to, left);
      chosen.push(found);
      left -= found.edits;
      to = found.from - 1;
    }
    return chosen.reverse();
  }

  private step(least: Float64Array, width: number, to: number, left: number): BlockChoice {
    const wanted = least[(to + 1) * width + left]!;
    for (const { from, values } of this.ending[to]!)
      for (let e = to - from; e <= left; e++)
        if (least[from * width + left - e]! + values[e]! === wanted)
          return { from, to, edits: e, value: values[e]! };
    throw new Error("a shortest path has no blocks that reach it");
  }
}
