/**
 * One edit by brute force: every neighbour as a whole string through the whole tokenizer, and every different sequence
 * through the model. Shares nothing with reach and `enumerate` but the tokenizer and the model it is given.
 */
import type { Alphabet } from "../../src/edits/alphabet.js";
import { neighbours } from "../../src/edits/neighbours.js";
import type { Backend } from "../../src/model/backend.js";

export interface Whole {
  /** Texts at distance 1. */
  readonly strings: number;
  /** Different sequences of these and the text itself, which comes first. */
  readonly sequences: readonly Int32Array[];
}

export function wholeNeighbours(
  text: string,
  alphabet: Alphabet,
  encode: (text: string) => ArrayLike<number>,
): Whole {
  const seen = new Map<string, Int32Array>();
  let strings = -1;
  const meet = (one: string): void => {
    const ids = Int32Array.from(encode(one));
    strings++;
    seen.set(ids.join(" "), seen.get(ids.join(" ")) ?? ids);
  };
  meet(text);
  for (const neighbour of neighbours(text, alphabet)) meet(neighbour);
  return { strings, sequences: [...seen.values()] };
}

export interface Truth {
  /** The label of the first sequence. */
  readonly label: number;
  /** Sequences with another label. */
  readonly flips: number;
  /** Least margin of them all against that label. */
  readonly least: number;
}

/** Labels of all sequences, the first one's being the answer in question. Ties go to the lowest label. */
export async function truthOf(backend: Backend, sequences: readonly Int32Array[]): Promise<Truth> {
  const logits = await backend.logits(sequences);
  const labelOf = (row: Float64Array) => row.indexOf(Math.max(...row));
  const label = labelOf(logits[0]!);
  let flips = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const row of logits) {
    if (labelOf(row) !== label) flips++;
    row.forEach((logit, y) => {
      if (y !== label) least = Math.min(least, row[label]! - logit);
    });
  }
  return { label, flips, least };
}
