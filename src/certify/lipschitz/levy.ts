/**
 * The charges of a text's places (exact/blocks.ts), for a number of edits in all: cheap at first, closer on demand.
 *
 * Promise: `charge(from, to, e)` is at least what the blocks' part of the margin loses by the e edits at that place, as
 * the proof in native.ts needs it, rounded up to the grid; `refine` only ever lowers it.
 */
import { GRID } from "../../numeric/grid.js";
import type { BlockChoice } from "../exact/blocks.js";
import type { Budget } from "../exact/budget.js";
import type { Charges } from "./charges.js";
import type { Added, WordChanges } from "./word-changes.js";

export class Levy {
  /** Of one edit, by word or pair of words. */
  private readonly cheap = new Map<string, number>();
  private readonly close = new Map<string, number>();
  private readonly gone = new Map<number, number>();
  private readonly newcomer: number;

  constructor(
    private readonly charges: Charges,
    private readonly words: readonly string[],
    /** [words] index of the word's token, or -1 */
    private readonly tokenOf: Int32Array,
    private readonly changes: WordChanges,
    private readonly edits: number,
    private readonly budget: Budget,
  ) {
    this.newcomer = Math.max(0, charges.newcomer(edits));
  }

  readonly charge = (from: number, to: number, e: number): number => {
    if (e !== 1) return upToGrid(this.several(from, to, e));
    const key = this.key(from, to);
    let cost = this.close.get(key) ?? this.cheap.get(key);
    if (cost === undefined) {
      cost = upToGrid(this.guess(from, to));
      this.cheap.set(key, cost);
    }
    return cost;
  };

  /** Looks closely at the single edits among these; false if all of them had been looked at. */
  refine(choice: readonly BlockChoice[]): boolean {
    let lowered = false;
    for (const { from, to, edits } of choice) {
      const key = this.key(from, to);
      if (edits !== 1 || this.close.has(key)) continue;
      this.close.set(key, Math.min(this.charge(from, to, 1), upToGrid(this.dearest(from, to))));
      lowered = true;
    }
    return lowered;
  }

  private key(from: number, to: number): string {
    return from === to ? this.words[from]! : `${this.words[from]} ${this.words[to]}`;
  }

  private taken(from: number, to: number): number[] {
    return (from === to ? [from] : [from, to])
      .map((word) => this.tokenOf[word]!)
      .filter((token) => token >= 0);
  }

  /** One edit, from above: what goes and what comes each by itself. */
  private guess(from: number, to: number): number {
    let goes = 0;
    for (const token of this.taken(from, to)) goes += this.goneFor(token);
    if (from !== to) return goes + this.newcomer;
    let comes = 0;
    for (const brought of this.changes.ofWord(this.words[from]!)) {
      let cost = 0;
      for (const row of brought) cost += this.charges.comes(row, this.edits);
      if (cost > comes) comes = cost;
    }
    return goes + comes;
  }

  /** One edit: the dearest of all changes that it can make. */
  private dearest(from: number, to: number): number {
    const { charges, changes, words } = this;
    const taken = this.taken(from, to);
    const others = 2 * (this.edits - 1);
    let goes = 0;
    for (const token of taken) goes += this.goneFor(token);
    const options = from === to ? changes.ofWord(words[from]!) : changes.ofJoin(words[from]!, words[to]!);
    const guesses = options.map((brought): { brought: Added; most: number } => {
      let most = goes;
      for (const row of brought) most += charges.comes(row, this.edits);
      return { brought, most };
    });
    guesses.sort((a, b) => b.most - a.most);
    let dearest = 0;
    for (const { brought, most } of guesses) {
      if (most <= dearest) break;
      if (taken.length === 0 && brought.length === 0) continue;
      this.budget.spend(1);
      const cost = Math.min(most, charges.cost(taken, brought, others));
      if (cost > dearest) dearest = cost;
    }
    return dearest;
  }

  private several(from: number, to: number, e: number): number {
    const words = to - from + 1;
    const empty = words === 1 && this.words[from] === "";
    let cost = (empty ? e : e - words + 2) * this.newcomer;
    for (let word = from; word <= to; word++)
      if (this.tokenOf[word]! >= 0) cost += this.goneFor(this.tokenOf[word]!);
    return cost;
  }

  private goneFor(token: number): number {
    const row = this.charges.text.tokens[token]!;
    let cost = this.gone.get(row);
    if (cost === undefined) {
      cost = Math.max(0, this.charges.cost([token], [], 2 * this.edits));
      this.gone.set(row, cost);
    }
    return cost;
  }
}

function upToGrid(cost: number): number {
  return Math.ceil(cost / GRID) * GRID;
}
