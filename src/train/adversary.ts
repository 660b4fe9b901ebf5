/**
 * The adversary inside the loss: the single edit of one word, or the join of two neighbours, that takes most
 * from a margin under weights of a moment ago.
 *
 * It only guides training, so it may be stale or miss an edit; certificates never use it.
 */
import { type MarginWeights, marginWeights } from "../certify/exact/weights.js";
import { WORD_SYMBOLS } from "../text/symbols.js";
import { type WordAutomaton, wordTokens } from "../tokenizer/automaton.js";
import type { Corpus } from "./corpus.js";
import type { Parameters } from "./parameters.js";
import { UsefulLetters } from "./useful-letters.js";

/** A change of a text: words `at` .. `at + words - 1` become these tokens. */
export interface Change {
  readonly at: number;
  readonly words: 1 | 2;
  readonly tokens: Int32Array;
  /** What it takes from the margin, by the weights at the time it was found. */
  drop: number;
}

export interface WorstEdit {
  readonly tokens: Int32Array;
  readonly drop: number;
  /** Parameter step at which it was found. */
  readonly step: number;
}

/** Parameter steps after which weights, and after which a word's worst edit, are looked at afresh. */
const REFRESH_WEIGHTS = 100;
const REFRESH_EDIT = 100;

export class Adversary {
  private readonly pairs = new Map<number, { weights: MarginWeights; step: number }>();
  private readonly found: (WorstEdit | undefined)[][] = [];
  private readonly joined = new Map<number, Int32Array>();
  private readonly letters: UsefulLetters;

  constructor(
    private readonly automaton: WordAutomaton,
    private readonly corpus: Corpus,
    private readonly parameters: Parameters,
  ) {
    this.letters = new UsefulLetters(automaton);
  }

  /** Forgets everything found, so that what follows depends on the parameters alone. */
  forget(): void {
    this.pairs.clear();
    this.found.length = 0;
  }

  /** What the worst single edit of a word took when it was last looked for; undefined if it never was. */
  knownDrop(word: number, plus: number, minus: number): number | undefined {
    return this.found[plus * this.parameters.classes + minus]?.[word]?.drop;
  }

  /** The worst single edit of a word, by recent weights. */
  worstEdit(word: number, plus: number, minus: number): WorstEdit {
    const pair = plus * this.parameters.classes + minus;
    let row = this.found[pair];
    if (row === undefined) {
      row = [];
      this.found[pair] = row;
    }
    const known = row[word];
    if (known !== undefined && this.parameters.step - known.step <= REFRESH_EDIT) return known;
    const made = this.search(this.corpus.words[word]!, this.margin(plus, minus));
    row[word] = made;
    return made;
  }

  /** Contribution of two words joined into one, and its tokens when asked for. */
  joinedValue(first: number, second: number, plus: number, minus: number): number {
    const { weights } = this.margin(plus, minus);
    const { next, start, stepBy } = this.automaton;
    const { step, close } = weights;
    let q = start;
    let value = 0;
    for (const id of [first, second]) {
      const word = this.corpus.words[id]!;
      for (let i = 0; i < word.length; i++) {
        const arc = q * WORD_SYMBOLS + word[i]!;
        q = next[arc]!;
        if (stepBy !== "never") value += step[stepBy === "state" ? q : arc]!;
      }
    }
    return value + close[q]!;
  }

  joinedTokens(first: number, second: number): Int32Array {
    const key = first * this.corpus.words.length + second;
    let tokens = this.joined.get(key);
    if (tokens === undefined) {
      const word = [...this.corpus.words[first]!, ...this.corpus.words[second]!];
      tokens = Int32Array.from(wordTokens(this.automaton, word));
      if (this.joined.size > 500_000) this.joined.clear();
      this.joined.set(key, tokens);
    }
    return tokens;
  }

  private margin(plus: number, minus: number): { weights: MarginWeights; step: number } {
    const { evidence, classes, tokens, step } = this.parameters;
    const pair = plus * classes + minus;
    const known = this.pairs.get(pair);
    if (known !== undefined && step - known.step < REFRESH_WEIGHTS) return known;
    const token = new Float64Array(tokens);
    for (let t = 0; t < tokens; t++)
      token[t] = evidence[t * classes + plus]! - evidence[t * classes + minus]!;
    const made = { weights: marginWeights(this.automaton, token), step };
    this.pairs.set(pair, made);
    return made;
  }

  /** All single edits of a word, each followed only until it rejoins the unedited path. */
  private search(word: Uint8Array, { weights }: { weights: MarginWeights }): WorstEdit {
    const { next, start, stepBy } = this.automaton;
    const { step, close, slack } = weights;
    const n = word.length;
    const state = new Int32Array(n + 1);
    const before = new Float64Array(n + 1); // what the first i symbols give
    const after = new Float64Array(n + 1); // what symbols i.. and the end give
    const given = (q: number, symbol: number, to: number) =>
      stepBy === "state" ? step[to]! : stepBy === "arc" ? step[q * WORD_SYMBOLS + symbol]! : 0;
    state[0] = start;
    for (let i = 0; i < n; i++) {
      const to = next[state[i]! * WORD_SYMBOLS + word[i]!]!;
      before[i + 1] = before[i]! + given(state[i]!, word[i]!, to);
      state[i + 1] = to;
    }
    const total = before[n]! + close[state[n]!]!;
    for (let i = 0; i <= n; i++) after[i] = total - before[i]!;
    /** What symbols i.. and the end give from state q, or more than `enough` if it is surely more. */
    const rest = (from: number, at: number, enough: number): number => {
      let q = from;
      let value = 0;
      for (let i = at; ; i++) {
        if (q === state[i]) return value + after[i]!;
        if (slack !== null) {
          const least = value + after[i]! + slack.lower[q]! - slack.upper[state[i]!]!;
          if (least >= enough) return least;
        }
        if (i === n) return value + close[q]!;
        const to = next[q * WORD_SYMBOLS + word[i]!]!;
        value += given(q, word[i]!, to);
        q = to;
      }
    };
    let best = total;
    let bestAt = 0;
    let bestDrop = 0;
    let bestWrite: number | "split" | "nothing" = "nothing";
    const offer = (value: number, at: number, drop: number, write: number | "split" | "nothing") => {
      if (value >= best) return;
      best = value;
      bestAt = at;
      bestDrop = drop;
      bestWrite = write;
    };
    for (let i = 0; i <= n; i++) {
      const q = state[i]!;
      const end = before[i]! + (i === 0 ? 0 : close[q]!);
      this.letters.ensure(q);
      const { symbol: letters, begin, count } = this.letters;
      for (let drop = 0; drop <= 1 && i + drop <= n; drop++) {
        const resume = i + drop;
        if (drop === 1) offer(n === 1 ? 0 : before[i]! + rest(q, resume, best - before[i]!), i, 1, "nothing");
        offer(end + (resume === n ? 0 : rest(start, resume, best - end)), i, drop, "split");
        for (let m = begin[q]!; m < begin[q]! + count[q]!; m++) {
          const symbol = letters[m]!;
          const to = next[q * WORD_SYMBOLS + symbol]!;
          const value = before[i]! + given(q, symbol, to);
          offer(value + rest(to, resume, best - value), i, drop, symbol);
        }
      }
    }
    const tokens: number[] = [];
    for (const part of edited(word, bestAt, bestDrop, bestWrite))
      if (part.length > 0) wordTokens(this.automaton, part, tokens);
    return { tokens: Int32Array.from(tokens), drop: total - best, step: this.parameters.step };
  }
}

function edited(word: Uint8Array, at: number, drop: number, write: number | "split" | "nothing"): number[][] {
  const left = [...word.subarray(0, at)];
  const right = [...word.subarray(at + drop)];
  if (write === "split") return [left, right];
  return [write === "nothing" ? [...left, ...right] : [...left, write, ...right]];
}
