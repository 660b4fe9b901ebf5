/**
 * Which changes of single parts to make together, as if what they do to the margin added up.
 *
 * Promise: for each number of edits at most one choice, made of changes of different parts that cost so many together;
 * the best such choice by the sum of their gains (a knapsack, solved exactly).
 */

/** A part that has become `written`. */
export interface PartChange {
  readonly part: number;
  readonly written: string;
  readonly cost: number;
  /** What it takes from the margin. */
  readonly gain: number;
}

/** By number of edits, from 0 to `most`; null where none costs just that. */
export function bestTogether(changes: readonly PartChange[], most: number): (readonly PartChange[] | null)[] {
  const byPart = new Map<number, Map<number, PartChange>>();
  for (const change of changes) {
    if (change.cost > most || change.gain <= 0) continue;
    const own = byPart.get(change.part) ?? new Map<number, PartChange>();
    byPart.set(change.part, own);
    if ((own.get(change.cost)?.gain ?? 0) < change.gain) own.set(change.cost, change);
  }
  let best: (Choice | null)[] = [{ gain: 0, last: null, rest: null }];
  for (let cost = 1; cost <= most; cost++) best.push(null);
  for (const own of byPart.values()) {
    const next = [...best];
    for (const change of own.values())
      for (let cost = change.cost; cost <= most; cost++) {
        const rest = best[cost - change.cost]!;
        if (rest === null) continue;
        const gain = rest.gain + change.gain;
        if (gain > (next[cost]?.gain ?? 0)) next[cost] = { gain, last: change, rest };
      }
    best = next;
  }
  return best.map((choice) => (choice === null ? null : listed(choice)));
}

interface Choice {
  readonly gain: number;
  readonly last: PartChange | null;
  readonly rest: Choice | null;
}

function listed(choice: Choice): PartChange[] {
  const list: PartChange[] = [];
  for (let at: Choice | null = choice; at !== null; at = at.rest) if (at.last !== null) list.push(at.last);
  return list;
}
