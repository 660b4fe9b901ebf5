/**
 * Tokens that can occur within some edits of a text, from how tokens are spelled: a superset.
 *
 * Theorem. Let u be within j edits of w. Each token of ids(u) is in `nearTokens(..., w, j).tokens`, and their number
 * is between `least` and `most`.
 * Proof. Write d for Levenshtein's distance and let t be a token of ids(u) with a spelling. By claim 2 of
 * `Spelling` units(u) = x spelling(t) y, and by claim 1 d(units(u), units(w)) <= spread j. An alignment of the two
 * pairs spelling(t) with a substring of units(w) and costs no more there than in all, so spelling(t) is within
 * spread j of that substring. The tokens with this property are found exactly: row i of the table (Sellers 1980)
 * holds, for the first i units of a spelling and each place e of units(w), the least distance to a substring that
 * ends at e. The least number of a row never falls from one row to the next, since each entry is at least the least of the row
 * above, so where it exceeds the budget no spelling with this beginning is near. Tokens without a
 * spelling are all taken; the count is claim 3. Where the tokenizer offers no spelling, nothing is
 * known: all tokens, any number.
 */
import type { Spelling } from "../spelling.js";
import type { Tokenizer } from "../tokenizer.js";

export interface NearTokens {
  /** Ascending. */
  readonly tokens: Int32Array;
  readonly least: number;
  /** Infinity where nothing is known. */
  readonly most: number;
}

/** Spelled tokens in the order of their spellings, so that equal beginnings stand together. */
interface Sorted {
  readonly ids: Int32Array;
  readonly spelled: readonly ArrayLike<number>[];
  /** Units that a spelling shares with the one before it. */
  readonly shared: Int32Array;
  readonly anywhere: readonly number[];
}

const sortings = new WeakMap<Spelling, Sorted>();

export function nearTokens(tokenizer: Tokenizer, text: string, edits: number): NearTokens {
  const { spelling, size } = tokenizer;
  if (spelling === undefined)
    return { tokens: Int32Array.from({ length: size }, (_, id) => id), least: 0, most: Infinity };
  const units = spelling.units(text);
  const budget = spelling.spread * edits;
  let sorted = sortings.get(spelling);
  if (sorted === undefined) {
    sorted = sort(spelling, size);
    sortings.set(spelling, sorted);
  }
  const tokens = Int32Array.from([...sorted.anywhere, ...near(sorted, units, budget)]).sort();
  return { tokens, ...spelling.tokens(text, edits) };
}

function near({ ids, spelled, shared }: Sorted, units: ArrayLike<number>, budget: number): number[] {
  const width = units.length + 1;
  const rows: Uint16Array[] = [new Uint16Array(width)];
  /** Least entry of each row. */
  const least = [0];
  const found: number[] = [];
  let known = 0; // rows that hold for the spelling at hand
  for (let n = 0; n < ids.length; n++) {
    const spelling = spelled[n]!;
    known = Math.min(known, shared[n]!);
    // A beginning that is too far stays in `least`, so all that share it are passed over.
    while (known < spelling.length && least[known]! <= budget) {
      const above = rows[known]!;
      known++;
      rows[known] ??= new Uint16Array(width);
      least[known] = nextRow(above, rows[known]!, units, spelling[known - 1]!);
    }
    if (known === spelling.length && least[known]! <= budget) found.push(ids[n]!);
  }
  return found;
}

/** The row for one more unit of a spelling; its least entry. */
function nextRow(above: Uint16Array, row: Uint16Array, units: ArrayLike<number>, unit: number): number {
  let left = above[0]! + 1;
  let least = left;
  row[0] = left;
  for (let e = 1; e < row.length; e++) {
    let best = above[e - 1]! + (units[e - 1] === unit ? 0 : 1);
    if (above[e]! + 1 < best) best = above[e]! + 1;
    if (left + 1 < best) best = left + 1;
    row[e] = best;
    left = best;
    if (best < least) least = best;
  }
  return least;
}

function sort(spelling: Spelling, size: number): Sorted {
  const anywhere: number[] = [];
  const entries: { id: number; units: ArrayLike<number> }[] = [];
  for (let id = 0; id < size; id++) {
    const units = spelling.of(id);
    if (units === null) anywhere.push(id);
    else entries.push({ id, units });
  }
  entries.sort((a, b) => compare(a.units, b.units));
  const spelled = entries.map(({ units }) => units);
  const shared = Int32Array.from(spelled, (units, n) => (n === 0 ? 0 : common(spelled[n - 1]!, units)));
  return { ids: Int32Array.from(entries, ({ id }) => id), spelled, shared, anywhere };
}

function common(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = common(a, b);
  if (n === a.length || n === b.length) return a.length - b.length;
  return a[n]! - b[n]!;
}
