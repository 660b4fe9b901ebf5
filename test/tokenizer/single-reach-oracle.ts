/**
 * Reach by brute force: every text at distance 1, tokenised whole.
 */
import type { Alphabet } from "../../src/edits/alphabet.js";
import { neighbourCount, neighbours } from "../../src/edits/neighbours.js";
import { singleReach, type TextEdit, type TokenChange } from "../../src/tokenizer/reach.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

const changed = (base: Int32Array, { from, to, ids }: TokenChange): string =>
  [...base.slice(0, from), ...ids, ...base.slice(to)].join();

const applied = (text: string, { at, remove, insert }: TextEdit): string => {
  const characters = [...text];
  characters.splice(at, remove, ...(insert < 0 ? [] : [String.fromCodePoint(insert)]));
  return characters.join("");
};

/** Throws unless reach holds what all neighbours give, nothing else, and each once per site. Number of neighbours. */
export function holdsAllNeighbours(tokenizer: Tokenizer, text: string, alphabet: Alphabet): number {
  const reach = singleReach(tokenizer, text, alphabet);
  const where = `${tokenizer.name}: ${JSON.stringify(text)}`;
  expect([where, ...reach.base]).toEqual([where, ...tokenizer.ids(text)]);
  const base = reach.base.join();
  const expected = new Set<string>();
  let count = 0;
  for (const neighbour of neighbours(text, alphabet)) {
    expected.add(tokenizer.ids(neighbour).join());
    count++;
  }
  expected.delete(base);
  const found = new Set<string>();
  for (const site of reach.sites) {
    const ofSite = new Set<string>();
    for (const change of reach.changes(site)) {
      const after = changed(reach.base, change);
      if (ofSite.has(after)) throw new Error(`${where}: a change comes twice`);
      if (change.from < site.from || change.to > site.to) throw new Error(`${where}: outside its site`);
      const replayed = tokenizer.ids(applied(text, change.edit)).join();
      if (replayed !== after) throw new Error(`${where}: ${JSON.stringify(change.edit)} gives other tokens`);
      ofSite.add(after);
      found.add(after);
    }
    if (ofSite.has(base)) throw new Error(`${where}: a change that changes nothing`);
  }
  const missing = [...expected].filter((ids) => !found.has(ids));
  const tooMany = [...found].filter((ids) => !expected.has(ids));
  expect([where, missing, tooMany]).toEqual([where, [], []]);
  const strings = reach.sites.reduce((sum, site) => sum + reach.strings(site), 0);
  expect([where, strings, count]).toEqual([where, count, neighbourCount(text, alphabet)]);
  return count;
}
