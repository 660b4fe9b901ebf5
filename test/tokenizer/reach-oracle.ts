/**
 * What a `Reached` says of a text's tokens, by its theorem (src/tokenizer/reach/levels.ts), and what is true.
 */
import type { Alphabet } from "../../src/edits/alphabet.js";
import { neighbours } from "../../src/edits/neighbours.js";
import type { Reached, ReachedSite, ReachLevel } from "../../src/tokenizer/reach.js";

/** Whether the sites can be chosen such that their members make up `ids`, with at most `reached.edits` edits. */
export function saysReachable(reached: Reached, ids: ArrayLike<number>): boolean {
  const failed = new Set<string>();
  const from = (stretch: number, place: number, left: number): boolean => {
    if (stretch === reached.stretches) return place === ids.length;
    const key = `${stretch} ${place} ${left}`;
    if (failed.has(key)) return false;
    for (const site of reached.sites) {
      if (site.first !== stretch) continue;
      for (const level of site.levels) {
        if (level.edits > left) continue;
        for (const end of ends(level, ids, place))
          if (from(stretch + site.stretches, end, left - level.edits)) return true;
      }
    }
    failed.add(key);
    return false;
  };
  return from(0, 0, reached.edits);
}

function* ends(level: ReachLevel, ids: ArrayLike<number>, place: number): Generator<number> {
  if (level.exact) {
    for (const sequence of level.sequences)
      if (sequence.every((id, i) => ids[place + i] === id)) yield place + sequence.length;
    return;
  }
  for (let end = place; end <= ids.length; end++) {
    if (end > place && !level.tokens.includes(ids[end - 1]!)) return;
    if (end - place >= level.least && end - place <= level.most) yield end;
  }
}

/** Every concatenation that a `Reached` whose levels are all exact says can come about. */
export function allReachable(reached: Reached): Set<string> {
  const found = new Set<string>();
  const add = (stretch: number, before: readonly number[], left: number): void => {
    if (stretch === reached.stretches) found.add(before.join());
    for (const site of reached.sites) {
      if (site.first !== stretch) continue;
      for (const sequence of exactUpTo(site, left).flat())
        add(stretch + site.stretches, [...before, ...sequence.ids], left - sequence.edits);
    }
  };
  add(0, [], reached.edits);
  return found;
}

/** Members of each level that those below don't have. */
function exactUpTo(site: ReachedSite, most: number): { ids: Int32Array; edits: number }[][] {
  const seen = new Set<string>();
  return site.levels
    .filter(({ edits }) => edits <= most)
    .map((level) => {
      if (!level.exact) throw new Error("a superset");
      const fresh = level.sequences.filter((ids) => !seen.has(ids.join()));
      for (const ids of fresh) seen.add(ids.join());
      return fresh.map((ids) => ({ ids, edits: level.edits }));
    });
}

/** All texts that k single edits, one after the other, can make. */
export function allTexts(text: string, alphabet: Alphabet, k: number): Set<string> {
  let last = new Set([text]);
  const all = new Set(last);
  for (let j = 0; j < k; j++) {
    const next = new Set<string>();
    for (const origin of last)
      for (const neighbour of neighbours(origin, alphabet)) if (!all.has(neighbour)) next.add(neighbour);
    for (const found of next) all.add(found);
    last = next;
  }
  return all;
}
