/**
 * All framed token sequences that k edits can cause, in few families: a length, and for each place the tokens that can stand there.
 *
 * Theorem. Every text within k edits of `reached.text`, k = `reached.edits`, is framed as a member of one of the families: a sequence with
 * one of the place's tokens in each place.
 * Proof. By the theorem of tokenizer/reach/levels.ts its ids are the concatenation of members of levels of sites that part the stretches,
 * with budgets of at most k in all. Levels hold what AT MOST so many edits do, so what is left of k can be given to any of the sites, and it is enough
 * to take the partings that use all of it. A member of an exact level is one of its sequences, and so in the family of those of its length;
 * one of another level has between `least` and `most` of its tokens. What the model cuts off at the end are whole places, and the special tokens around them
 * are the same for all (`Tokenizer.frame`; it is checked on one member of each family).
 * Families may hold more than edits can cause: that costs certificates, never soundness.
 */
import type { Reached, ReachLevel } from "../../tokenizer/reach.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { LimitReached } from "../exact/budget.js";

/** By place, specials included; each place's tokens are distinct, and at least one. */
export type Family = readonly Int32Array[];

/** @throws LimitReached where nothing is known of what edits can cause */
export function* families(tokenizer: Tokenizer, reached: Reached): Generator<Family, void> {
  const { sites, stretches, edits } = reached;
  if (stretches === 0) throw new LimitReached("no stretch of the text is known");
  const shapes = new Map<ReachLevel, readonly Family[]>();
  const frame = framing(tokenizer);
  function* walk(first: number, left: number, before: Family): Generator<Family, void> {
    if (first === stretches) {
      if (left === 0) yield frame(before);
      return;
    }
    for (const site of sites) {
      if (site.first !== first) continue;
      for (const level of site.levels) {
        if (level.edits > left) continue;
        let own = shapes.get(level);
        if (own === undefined) {
          own = shapesOf(level);
          shapes.set(level, own);
        }
        for (const shape of own)
          yield* walk(first + site.stretches, left - level.edits, [...before, ...shape]);
      }
    }
  }
  yield* walk(0, edits, []);
}

function shapesOf(level: ReachLevel): Family[] {
  if (level.exact) {
    const byLength = new Map<number, Set<number>[]>();
    for (const ids of level.sequences) {
      const places = byLength.get(ids.length) ?? Array.from(ids, () => new Set<number>());
      ids.forEach((id, i) => {
        places[i]!.add(id);
      });
      byLength.set(ids.length, places);
    }
    return [...byLength.values()].map((places) => places.map((ids) => Int32Array.from(ids)));
  }
  if (!(level.most < Number.POSITIVE_INFINITY))
    throw new LimitReached("nothing is known of the tokens that so many edits can cause");
  const found: Family[] = [];
  for (let n = level.least; n <= level.most; n++) {
    if (n > 0 && level.tokens.length === 0) break;
    found.push(new Array<Int32Array>(n).fill(level.tokens));
  }
  return found;
}

/** The special tokens around the places that the model reads. */
function framing(tokenizer: Tokenizer): (family: Family) => Family {
  const specials = tokenizer.frame(new Int32Array(0));
  let other = 0;
  while (specials.includes(other)) other++;
  const before = other < tokenizer.size ? tokenizer.frame(Int32Array.of(other)).indexOf(other) : -1;
  return (family) => {
    const read = family.slice(0, tokenizer.most);
    const framed: Family = [
      ...Array.from(specials.subarray(0, before), (id) => Int32Array.of(id)),
      ...read,
      ...Array.from(specials.subarray(before), (id) => Int32Array.of(id)),
    ];
    const member = tokenizer.frame(Int32Array.from(family, (ids) => ids[0]!));
    if (before < 0 || member.length !== framed.length || !framed.every((ids, i) => ids[0] === member[i]))
      throw new LimitReached("the tokenizer frames texts in a way that this method doesn't know");
    return framed;
  };
}
