/**
 * Where the adversary can hurt a text: single words and pairs of neighbours that can be joined, with what an edit there
 * takes from a margin, by weights of a moment ago.
 */
import type { Adversary, Change } from "./adversary.js";
import type { Parameters } from "./parameters.js";

/** A join is looked at only where the two words give at least this much. */
const LEAST_JOIN = 0.1;

export interface Place {
  /** Index of the first word. */
  readonly at: number;
  readonly words: 1 | 2;
  /** What an edit takes, as far as it is known; above 0 for single words. */
  readonly drop: number;
}

export class Places {
  constructor(
    /** [words] tokens of each word. */
    private readonly wordTokens: readonly Int32Array[],
    private readonly parameters: Parameters,
    private readonly adversary: Adversary,
  ) {}

  /** [words of the text] what each word gives to the margin of `plus` over `minus`. */
  given(words: Int32Array, plus: number, minus: number): Float64Array {
    return Float64Array.from(words, (word) => this.value(this.wordTokens[word]!, plus, minus));
  }

  /** Every place; a word not looked at yet is taken to lose all that it gives. */
  all(words: Int32Array, given: Float64Array, plus: number, minus: number): Place[] {
    const { adversary } = this;
    const places: Place[] = [];
    for (let i = 0; i < words.length; i++) {
      const drop = adversary.knownDrop(words[i]!, plus, minus) ?? given[i]!;
      if (drop > 0) places.push({ at: i, words: 1, drop });
      if (i + 1 < words.length && given[i]! + given[i + 1]! > LEAST_JOIN) {
        const joined = adversary.joinedValue(words[i]!, words[i + 1]!, plus, minus);
        places.push({ at: i, words: 2, drop: given[i]! + given[i + 1]! - joined });
      }
    }
    return places.sort((a, b) => b.drop - a.drop || a.at - b.at);
  }

  /** The edit at a place: for one word its worst, looked for where it isn't known. */
  change(words: Int32Array, place: Place, plus: number, minus: number): Change {
    const { adversary } = this;
    if (place.words === 2)
      return { ...place, tokens: adversary.joinedTokens(words[place.at]!, words[place.at + 1]!) };
    const { tokens, drop } = adversary.worstEdit(words[place.at]!, plus, minus);
    return { at: place.at, words: 1, tokens, drop };
  }

  value(tokens: Int32Array, plus: number, minus: number): number {
    const { evidence, classes } = this.parameters;
    let sum = 0;
    for (let n = 0; n < tokens.length; n++) {
      const at = tokens[n]! * classes;
      sum += evidence[at + plus]! - evidence[at + minus]!;
    }
    return sum;
  }
}

/** Moves evidence from the rival to the label (or back, if `amount` is below 0) at the tokens of an edited text. */
export function pushEdited(
  parameters: Parameters,
  wordTokens: readonly Int32Array[],
  words: Int32Array,
  changes: readonly Change[],
  label: number,
  rival: number,
  amount: number,
): void {
  const changed = new Uint8Array(words.length);
  for (const { at, words: count, tokens } of changes) {
    changed.fill(1, at, at + count);
    for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, amount);
  }
  for (let i = 0; i < words.length; i++) {
    if (changed[i]) continue;
    const tokens = wordTokens[words[i]!]!;
    for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, amount);
  }
}

/** A change, and how much the loss rises with what it takes. */
export interface WeightedChange extends Change {
  readonly amount: number;
}

/**
 * The same where each change counts by its own amount: it moves what the words became, and that much less what they were. Changes don't
 * overlap.
 */
export function pushWeighted(
  parameters: Parameters,
  wordTokens: readonly Int32Array[],
  words: Int32Array,
  changes: readonly WeightedChange[],
  label: number,
  rival: number,
  amount: number,
): void {
  const left = new Float64Array(words.length).fill(amount);
  for (const { at, words: count, tokens, amount: own } of changes) {
    for (let i = at; i < at + count; i++) left[i] = left[i]! - own;
    for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, own);
  }
  for (let i = 0; i < words.length; i++) {
    if (left[i] === 0) continue;
    const tokens = wordTokens[words[i]!]!;
    for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, left[i]!);
  }
}
