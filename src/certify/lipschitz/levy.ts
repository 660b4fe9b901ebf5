/**
 * The charges of a text's places (exact/blocks.ts), for a number of edits in all: cheap at first, closer on demand.
 *
 * Promise: `charge(from, to, e)` is at least what the blocks' part of the margin loses by the e edits at that place, as
 * the proof in native.ts needs it, rounded up to the grid; `refine` and `refineOne` only ever lower it.
 *
 * One edit at a place makes one of some changes of rows. Each has a guess, which is at least its cost; costs are computed from the
 * largest guess on, and the charge is the largest of the costs that are known and the guesses of the others.
 */
import { GRID } from "../../numeric/grid.js";
import type { BlockChoice } from "../exact/blocks.js";
import type { Budget } from "../exact/budget.js";
import type { Charges } from "./charges.js";
import type { Added, WordChanges } from "./word-changes.js";

/** One edit at a place. */
interface Single {
  readonly taken: readonly number[];
  /** Changes by guess, the largest first; `known` of them have been computed. */
  readonly changes: readonly { readonly brought: Added; readonly guess: number }[];
  known: number;
  /** The largest cost that is known, and 0. */
  dearest: number;
}

export class Levy {
  /** Single edits of a word: [word]; of it and the word before: [words + word]. */
  private readonly singles: (Single | undefined)[] = [];
  private readonly newcomer: number;
  private readonly gone: Float64Array;

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
    this.gone = charges.goneBy(2 * edits);
  }

  /** What is known; where single edits weren't looked at: at most two words come, or one where there was none or two are joined. */
  readonly charge = (from: number, to: number, e: number): number => {
    if (e !== 1) return this.several(from, to, e);
    const single = this.singles[this.key(from, to)];
    if (single !== undefined) return upToGrid(chargeOf(single));
    let cost = from === to && this.words[from] !== "" ? 2 * this.newcomer : this.newcomer;
    for (let word = from; word <= to; word++) cost += this.goneFor(word);
    return upToGrid(cost);
  };

  /** The same, after a look at the changes that single edits make. */
  readonly guess = (from: number, to: number, e: number): number => {
    if (e === 1) this.single(from, to);
    return this.charge(from, to, e);
  };

  /** How much of the charges of these `refine` may take off at most. */
  excess(choice: readonly BlockChoice[]): number {
    let excess = 0;
    for (const { from, to, edits } of choice)
      if (edits === 1) excess += this.guess(from, to, 1) - this.single(from, to).dearest;
    return excess;
  }

  /** Looks closely at the single edits among these; false if all of them had been looked at. */
  refine(choice: readonly BlockChoice[]): boolean {
    let lowered = false;
    for (const { from, to, edits } of choice) while (edits === 1 && this.refineOne(from, to)) lowered = true;
    return lowered;
  }

  /** Looks at the changes of one edit at a place, and then closely at the dearest; false if all that matter had been looked at. */
  refineOne(from: number, to: number): boolean {
    const single = this.singles[this.key(from, to)];
    if (single === undefined) {
      this.single(from, to);
      return true;
    }
    const next = single.changes[single.known];
    if (next === undefined || next.guess <= single.dearest) return false;
    single.known++;
    this.budget.spend(1);
    const cost = this.charges.cost(single.taken, next.brought, 2 * (this.edits - 1));
    single.dearest = Math.max(single.dearest, Math.min(next.guess, cost));
    return true;
  }

  private key(from: number, to: number): number {
    return from === to ? to : this.words.length + to;
  }

  private single(from: number, to: number): Single {
    const key = this.key(from, to);
    let single = this.singles[key];
    if (single === undefined) {
      single = this.made(from, to);
      this.singles[key] = single;
    }
    return single;
  }

  /** What goes and what comes are guessed each by itself. */
  private made(from: number, to: number): Single {
    const { charges, words, edits } = this;
    const taken: number[] = [];
    let goes = 0;
    for (let word = from; word <= to; word++) {
      const token = this.tokenOf[word]!;
      if (token >= 0) taken.push(token);
      goes += this.goneFor(word);
    }
    const options =
      from === to ? this.changes.ofWord(words[from]!) : this.changes.ofJoin(words[from]!, words[to]!);
    const guessed: { brought: Added; guess: number }[] = [];
    for (const brought of options) {
      if (taken.length === 0 && brought.length === 0) continue;
      let guess = goes;
      for (const row of brought) guess += charges.comes(row, edits);
      if (guess > 0) guessed.push({ brought, guess });
    }
    guessed.sort((a, b) => b.guess - a.guess);
    return { taken, changes: guessed, known: 0, dearest: 0 };
  }

  private several(from: number, to: number, e: number): number {
    const words = to - from + 1;
    const empty = words === 1 && this.words[from] === "";
    let cost = (empty ? e : e - words + 2) * this.newcomer;
    for (let word = from; word <= to; word++) cost += this.goneFor(word);
    return upToGrid(cost);
  }

  private goneFor(word: number): number {
    const token = this.tokenOf[word]!;
    return token < 0 ? 0 : Math.max(0, this.gone[token]!);
  }
}

function chargeOf({ changes, known, dearest }: Single): number {
  const next = changes[known];
  return next === undefined ? dearest : Math.max(dearest, next.guess);
}

function upToGrid(cost: number): number {
  return Math.ceil(cost / GRID) * GRID;
}
