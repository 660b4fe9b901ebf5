/**
 * What a token costs that comes into a text, by its own values alone: linear in them, with factors that are the same for all rows.
 * Written on from charges.ts, whose notation and first theorem it uses.
 *
 * Theorem (`anyNewcomer`). A token brought, whatever its row, in the company of at most 2k taken and 2k brought in all, costs at most that.
 * Proof. As for `cost`, with the heaviest weight, the least u(z) of all rows, and the longest z; its own output is an average of rows' z and 0.
 *
 * Theorem (`newcomerOf`). The same for a given row, from its own u(z), |z| and feed-forward, without its scores. Proof. As before; the cost of
 * attention to kept tokens, sum over i of (heaviest weight) max(0, u(o_i) - u(z)) / lo_i, is convex in u(z), so below its chord
 * between the least and the most that u(z) is for any row.
 *
 * Rounding: as in charges.ts.
 */
import { SLACK, SUMS } from "./rounding.js";
import type { RowTables, SeenRows } from "./row-tables.js";
import type { TextState } from "./text-state.js";

/** What a row that comes costs: fixed + sum over heads of atLeast + slope (u(z) - least) + perLength |z|. */
export interface Line {
  readonly fixed: number;
  /** Sum of the sizes of what all this was computed from. */
  readonly size: number;
  /** [heads] each */
  readonly atLeast: Float64Array;
  readonly slope: Float64Array;
  readonly perLength: Float64Array;
}

/** The most that the blocks' part falls by for one token that comes, whatever its row. */
export function anyNewcomer(line: Line, rows: SeenRows, tables: RowTables): number {
  const least = rows.leastSeen();
  const longest = tables.seenLengths();
  let total = line.fixed - rows.leastAloneOf();
  let size = line.size - rows.leastAloneOf();
  for (let h = 0; h < least.length; h++) {
    const part = line.atLeast[h]! + line.perLength[h]! * longest[h]!;
    total += part;
    size += part;
  }
  return total + SLACK * size;
}

/** The same for a row that has been made, as it is and whatever it scores. */
export function newcomerOf(row: number, line: Line, rows: SeenRows, tables: RowTables): number {
  const { heads, lengths } = tables;
  const { fixed, size: sizes, atLeast, slope, perLength } = line;
  const least = rows.leastSeen();
  const alone = rows.alone(row);
  let total = fixed - alone;
  let size = sizes + Math.abs(alone);
  for (let h = 0; h < heads; h++) {
    const chord = slope[h]! * (rows.seenOf(row, h) - least[h]!);
    const part = atLeast[h]! + perLength[h]! * lengths[row * heads + h]!;
    total += part + chord;
    size += part + Math.abs(chord);
  }
  return total + SLACK * size;
}

/**
 * Where every query sees every key.
 * @param seen [heads * n] u(o_h,i)
 * @param gain size of attention's gain
 */
export function bagLine(
  text: TextState,
  rows: SeenRows,
  seen: Float64Array,
  gain: number,
  edits: number,
): Line {
  const { n, forward: now, heaviest, lengths, tables } = text;
  const { masses } = now;
  const { heads, block } = tables;
  const { nullMass } = block.attention;
  const tops = text.heaviestOf(2 * edits);
  const least = rows.leastSeen();
  const most = rows.mostSeen();
  const longest = tables.seenLengths();
  const widest = rows.largestSize();
  const forward = rows.lipschitz * gain;
  const atLeast = new Float64Array(heads);
  const slope = new Float64Array(heads);
  const perLength = new Float64Array(heads);
  let fixed = 0;
  let size = 0;
  for (let h = 0; h < heads; h++) {
    fixed += forward * longest[h]! - least[h]!;
    size += widest[h]!;
    let atMost = 0;
    for (let i = 0; i < n; i++) {
      const at = h * n + i;
      const weight = heaviest[at]! / Math.max(nullMass, masses[at]! * (1 - SUMS) - tops[at]!);
      size += 4 * weight * widest[h]!;
      atLeast[h] = atLeast[h]! + weight * Math.max(0, seen[at]! - least[h]!);
      atMost += weight * Math.max(0, seen[at]! - most[h]!);
      perLength[h] = perLength[h]! + forward * weight;
      fixed += forward * weight * lengths[at]!;
    }
    const span = most[h]! - least[h]!;
    slope[h] = span > 0 ? (atMost - atLeast[h]!) / span : 0;
  }
  return { fixed, size: size + fixed, atLeast, slope, perLength };
}
