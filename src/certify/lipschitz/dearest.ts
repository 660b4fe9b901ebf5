/**
 * The largest of some costs that are dear to compute, from guesses that are each at least the cost.
 *
 * Promise: `value` is at least every cost and 0, `known` the largest of those computed and 0; once `settled` they are equal.
 */

export interface Guessed<T> {
  readonly what: T;
  /** At least its cost. */
  readonly guess: number;
}

export interface Largest {
  readonly known: number;
  readonly value: number;
  readonly settled: boolean;
  refine(): boolean;
}

export class Dearest<T> implements Largest {
  known = 0;
  private next = 0;
  private readonly guessed: readonly Guessed<T>[];

  constructor(
    guessed: readonly Guessed<T>[],
    private readonly cost: (what: T) => number,
  ) {
    this.guessed = guessed.filter(({ guess }) => !(guess <= 0)).sort((a, b) => b.guess - a.guess);
  }

  get value(): number {
    return Math.max(this.known, this.guessed[this.next]?.guess ?? 0);
  }

  get settled(): boolean {
    return (this.guessed[this.next]?.guess ?? 0) <= this.known;
  }

  /** Computes one more cost; false if none matters any more. */
  refine(): boolean {
    if (this.settled) return false;
    const { what, guess } = this.guessed[this.next++]!;
    this.known = Math.max(this.known, Math.min(guess, this.cost(what)));
    return true;
  }
}
