/**
 * Which keys a query sees: itself, and so many of the nearest tokens before it and behind it.
 *
 * With windows attention knows an order, if only a local one: a head that looks back and one that looks ahead tell "not good" from "good
 * not". Places are counted in the sequence that attention reads, so that a token put in or taken away moves the window of every
 * query near it: what is at its far end is pushed out, or what is beyond is pulled in.
 */

/** Of one head. null: as many as there are. */
export interface Window {
  readonly before: number | null;
  readonly after: number | null;
}

/** The keys from `first` to `last` are what a query sees. */
export interface Seen {
  readonly first: number;
  readonly last: number;
}

/** For query i of n tokens; without windows all of them. */
export function seenBy(sides: Window | undefined, i: number, n: number): Seen {
  return {
    first: Math.max(0, i - reach(sides?.before)),
    last: Math.min(n - 1, i + reach(sides?.after)),
  };
}

/** Tokens on a side that a window reaches: a number, or Infinity. */
export function reach(side: number | null | undefined): number {
  return side ?? Number.POSITIVE_INFINITY;
}

/** Whether some head doesn't see everything. */
export function isWindowed({ windows }: { readonly windows?: readonly Window[] }): boolean {
  return windows?.some(({ before, after }) => before !== null || after !== null) === true;
}
