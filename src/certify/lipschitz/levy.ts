/**
 * The charges of a text's places (exact/blocks.ts), for a number of edits in all: cheap at first, closer on demand.
 *
 * Promise: `charge(from, to, e)` is at least what the blocks' part of the margin loses by the e edits at that place, as
 * the proof in native.ts needs it, rounded up to the grid; `refine` and `refineOne` only ever lower it.
 *
 * One edit, or two, at a place make one of some changes of rows. Each has a guess, which is at least its cost; costs are computed from
 * the largest guess on, and the charge is the largest of the costs that are known and the guesses of the others. Of more edits it is
 * known which rows may come and how many at most (many-changes.ts): as many times the dearest of them.
 */
import { GRID } from "../../numeric/grid.js";
import type { BlockChoice } from "../exact/blocks.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import type { Charges } from "./charges.js";
import { Dearest, type Guessed, type Largest } from "./dearest.js";
import type { Added } from "./embedded-words.js";
import type { WordChanges } from "./word-changes.js";

/** What edits at a place can do: tokens that go, and what comes, as changes of rows or as crowds of rows. */
interface Looked {
  readonly goes: number;
  readonly options: readonly { readonly count: number; readonly dearest: Largest }[];
}

export class Levy {
  /** By place and edits: what was looked at. */
  private readonly looked = new Map<number, Looked>();
  /** The most that one token costs that comes, whatever its row. */
  private newcomer: number;
  private readonly gone: Float64Array;
  /** Cost of one row that comes among others, by row, and by place where that counts. */
  private readonly coming = new Map<number, number>();
  private readonly anywhere = new Map<number, number>();
  /** [words] tokens before each word */
  private readonly before: Int32Array;
  private readonly bringable: (readonly number[] | undefined)[] = [];

  constructor(
    private readonly charges: Charges,
    private readonly words: readonly string[],
    /** [words] index of the word's token, or -1 */
    private readonly tokenOf: Int32Array,
    private readonly changes: WordChanges,
    private readonly edits: number,
    private readonly budget: Budget,
  ) {
    let tokens = 0;
    this.before = tokenOf.map((token) => (token < 0 ? tokens : tokens++));
    this.newcomer = Math.max(0, charges.newcomer(edits));
    this.gone = charges.goneBy(2 * edits);
  }

  /** What is known; at places that weren't looked at, as many words come as e edits can make, each as dear as any. */
  readonly charge = (from: number, to: number, e: number): number => {
    const looked = this.looked.get(this.key(from, to, e));
    if (looked !== undefined) return upToGrid(chargeOf(looked));
    const words = to - from + 1;
    const comers = words === 1 && this.words[from] === "" ? e : e - words + 2;
    return upToGrid(comers * this.newcomer + this.gonesOf(from, to));
  };

  /** The same, after a look at the changes that single edits make. */
  readonly guess = (from: number, to: number, e: number): number => {
    if (e === 1) this.look(from, to, 1);
    return this.charge(from, to, e);
  };

  /** Looks closely at what comes anywhere, which places of several edits are charged by that weren't looked at. */
  lookAtNewcomers(): void {
    const { charges, edits } = this;
    const rows = Array.from({ length: charges.rowCount }, (_, row) => ({
      what: row,
      guess: charges.comes(row, edits),
    }));
    const dearest = new Dearest(rows, (row) => this.anywhereOf(row));
    const most = charges.placed ? MOST_LOOKS / (charges.text.n + 1) : MOST_LOOKS;
    for (let looks = 0; looks < most && dearest.refine(); looks++);
    this.newcomer = Math.min(this.newcomer, Math.max(0, dearest.value));
  }

  /** How much of the charges of these `refine` may take off at most. */
  excess(choice: readonly BlockChoice[]): number {
    let excess = 0;
    for (const { from, to, edits } of choice)
      if (edits > 0) excess += this.guess(from, to, edits) - this.leastOf(from, to, edits);
    return excess;
  }

  /**
   * Looks at the changes of edits at a place, and then closely at the dearest, of several edits at all that may be the dearest;
   * false if all that matter had been looked at.
   */
  refineOne(from: number, to: number, e: number): boolean {
    const looked = this.looked.get(this.key(from, to, e));
    if (looked === undefined) {
      if (e > 1 && this.lettersOf(from, to) > MOST_LETTERS) return false;
      const before = this.charge(from, to, e);
      this.look(from, to, e);
      if (e === 1 || this.charge(from, to, e) < before) return true;
      return this.refineOne(from, to, e);
    }
    let lowered = false;
    while (refinable(looked)?.refine() === true) {
      lowered = true;
      if (e === 1) break;
    }
    return lowered;
  }

  private key(from: number, to: number, e: number): number {
    return (to * (this.edits + 2) + (to - from)) * (this.edits + 1) + e;
  }

  private look(from: number, to: number, e: number): Looked {
    const key = this.key(from, to, e);
    let looked = this.looked.get(key);
    if (looked === undefined) {
      looked = e <= 2 ? this.byChanges(from, to, e) : this.byCrowds(from, to, e);
      this.looked.set(key, looked);
    }
    return looked;
  }

  /** What goes and what comes are guessed each by itself. */
  private byChanges(from: number, to: number, e: number): Looked {
    const { charges, edits } = this;
    const taken = this.takenOf(from, to);
    const goes = this.gonesOf(from, to);
    const guessed: Guessed<Added>[] = [];
    for (const brought of this.changes.of(this.words.slice(from, to + 1), e)) {
      if (taken.length === 0 && brought.length === 0) continue;
      let guess = goes;
      for (const row of brought) guess += charges.comes(row, edits);
      if (guess > 0) guessed.push({ what: brought, guess });
    }
    const dearest = new Dearest(guessed, (brought) => {
      this.budget.spend(1);
      return charges.cost(taken, brought, 2 * (edits - e), this.companions(edits - e), this.before[from]!);
    });
    return { goes: 0, options: [{ count: 1, dearest }] };
  }

  private byCrowds(from: number, to: number, e: number): Looked {
    const { charges, edits } = this;
    const crowds = this.changes.pieces(this.words.slice(from, to + 1), e);
    const options = crowds.map(({ count, rows }) => {
      const guessed = rows.map((row) => ({ what: row, guess: charges.comes(row, edits) }));
      return { count, dearest: new Dearest(guessed, (row) => this.comingOf(row, this.before[from]!)) };
    });
    return { goes: this.gonesOf(from, to), options };
  }

  /** Cost of one row that comes, by itself; others of the same place are among those that come elsewhere. */
  private comingOf(row: number, at: number): number {
    const { charges, edits } = this;
    if (!charges.placed) return this.anywhereOf(row);
    return kept(this.coming, row * (charges.text.n + 1) + at, () => {
      this.budget.spend(1);
      return charges.cost([], [row], 2 * edits, null, at);
    });
  }

  /** The same, wherever it comes. */
  private anywhereOf(row: number): number {
    return kept(this.anywhere, row, () => {
      this.budget.spend(1);
      return this.charges.costAnywhere(row, 2 * this.edits);
    });
  }

  /** What is known to remain of a charge. */
  private leastOf(from: number, to: number, e: number): number {
    const looked = this.looked.get(this.key(from, to, e));
    if (looked === undefined) return 0;
    return looked.goes + Math.max(0, ...looked.options.map(({ count, dearest }) => count * dearest.known));
  }

  /** Rows that so many edits may bring, wherever they are; null: any. */
  private companions(e: number): readonly number[] | null {
    if (e === 0) return [];
    if (e > 2) return null;
    let rows = this.bringable[e];
    if (rows === undefined) {
      const { length } = this.words;
      if (
        e > 1 &&
        Array.from({ length }, (_, word) => this.lettersOf(Math.max(0, word - 2), word)).some(
          (letters) => letters > MOST_LETTERS,
        )
      )
        return null;
      const { words } = this;
      const found = new Set<number>();
      for (let to = 0; to < words.length; to++) {
        this.budget.check();
        for (let from = to; from >= 0 && to - from <= e; from--)
          for (let edits = Math.max(1, to - from); edits <= e; edits++)
            for (const list of this.changes.of(words.slice(from, to + 1), edits))
              for (const row of list) found.add(row);
      }
      rows = [...found];
      this.bringable[e] = rows;
    }
    return rows;
  }

  private lettersOf(from: number, to: number): number {
    let letters = 0;
    for (let word = from; word <= to; word++) letters += this.words[word]!.length;
    return letters;
  }

  private takenOf(from: number, to: number): number[] {
    const taken: number[] = [];
    for (let word = from; word <= to; word++) if (this.tokenOf[word]! >= 0) taken.push(this.tokenOf[word]!);
    return taken;
  }

  private gonesOf(from: number, to: number): number {
    let cost = 0;
    for (let word = from; word <= to; word++) {
      const token = this.tokenOf[word]!;
      if (token >= 0) cost += Math.max(0, this.gone[token]!);
    }
    return cost;
  }
}

/** What several edits make of more letters isn't listed, for it takes their square and more; any newcomer may come of them. */
const MOST_LETTERS = 128;

/** Rows that are looked at closely for what any newcomer costs, each at every place where that counts. */
const MOST_LOOKS = 300;

function kept(costs: Map<number, number>, key: number, make: () => number): number {
  let cost = costs.get(key);
  if (cost === undefined) {
    cost = make();
    costs.set(key, cost);
  }
  return cost;
}

function chargeOf({ goes, options }: Looked): number {
  let most = 0;
  for (const { count, dearest } of options) most = Math.max(most, count * dearest.value);
  return goes + most;
}

/** What the charge is by, if a look could lower it. */
function refinable({ options }: Looked): Largest | null {
  let most = options[0];
  for (const option of options)
    if (option.count * option.dearest.value > most!.count * most!.dearest.value) most = option;
  return most === undefined || most.dearest.settled ? null : most.dearest;
}

function upToGrid(cost: number): number {
  if (!Number.isFinite(cost)) throw new LimitReached("what edits cost is too large to be computed");
  return Math.ceil(cost / GRID) * GRID;
}
