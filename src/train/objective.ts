/**
 * The loss of one text: logistic over its margins after the adversary's edits.
 *
 *     loss = log(1 + sum over rivals r of exp(-temperature * M_r)),
 *     M_r  = margin of the label over r, minus the `worstEdits` largest drops by single edits and joins
 *            that touch different words.
 *
 * With worstEdits = 0 it is plain cross-entropy. The gradient goes to the tokens of the text as edited for r: up
 * for the label, down for r.
 */

import type { Random } from "../numeric/random.js";
import type { Adversary, Change } from "./adversary.js";
import type { Corpus } from "./corpus.js";
import type { TrainOptions } from "./options.js";
import type { Parameters } from "./parameters.js";

/** A join is looked at only where the two words give at least this much. */
const LEAST_JOIN = 0.1;

interface Attacked {
  readonly rival: number;
  margin: number;
  readonly changes: Change[];
}

export class Objective {
  constructor(
    private readonly corpus: Corpus,
    /** [words] tokens of each word. */
    private readonly wordTokens: readonly Int32Array[],
    private readonly parameters: Parameters,
    private readonly adversary: Adversary,
    private readonly options: TrainOptions,
    /** [classes] weight of a text by its label. */
    private readonly weight: Float64Array,
    private readonly random: Random,
  ) {}

  /** Adds one text's gradient; returns its loss. */
  add(index: number): number {
    const words = this.thinned(this.corpus.texts[index]!);
    const label = this.corpus.labels[index]!;
    const { classes } = this.parameters;
    const { temperature } = this.options;
    const attacked: Attacked[] = [];
    for (let rival = 0; rival < classes; rival++)
      if (rival !== label) attacked.push(this.attack(words, label, rival));
    let sum = 1;
    const terms = attacked.map(({ margin }) => {
      const term = Math.exp(Math.min(50, -temperature * margin));
      sum += term;
      return term;
    });
    attacked.forEach(({ rival, changes }, n) => {
      const amount = (temperature * terms[n]! * this.weight[label]!) / sum;
      if (amount < 1e-5) return;
      this.push(words, changes, label, rival, amount);
    });
    return Math.log(sum) * this.weight[label]!;
  }

  /** The words left after dropping each with the probability that the options name. */
  private thinned(words: Int32Array): Int32Array {
    const { dropout } = this.options;
    return dropout === 0 ? words : words.filter(() => this.random.next() >= dropout);
  }

  private attack(words: Int32Array, label: number, rival: number): Attacked {
    const { bias } = this.parameters;
    const given = new Float64Array(words.length);
    let margin = bias[label]! - bias[rival]!;
    for (let i = 0; i < words.length; i++) {
      given[i] = this.value(this.wordTokens[words[i]!]!, label, rival);
      margin += given[i]!;
    }
    const changes: Change[] = [];
    const { worstEdits } = this.options;
    if (worstEdits > 0) {
      const used = new Uint8Array(words.length + 1);
      for (const change of this.candidates(words, given, label, rival)) {
        if (changes.length === worstEdits) break;
        if (used[change.at] || (change.words === 2 && used[change.at + 1])) continue;
        const before = given[change.at]! + (change.words === 2 ? given[change.at + 1]! : 0);
        const drop = before - this.value(change.tokens, label, rival);
        if (drop <= 0) continue;
        used[change.at] = 1;
        if (change.words === 2) used[change.at + 1] = 1;
        changes.push(change);
        margin -= drop;
      }
    }
    return { rival, margin, changes };
  }

  /** The most harmful changes, worst first; the ones in front are found with recent weights. */
  private candidates(words: Int32Array, given: Float64Array, label: number, rival: number): Change[] {
    const { adversary } = this;
    const places: { at: number; words: 1 | 2; drop: number }[] = [];
    for (let i = 0; i < words.length; i++) {
      // A word not looked at yet is taken to lose all that it gives.
      const drop = adversary.knownDrop(words[i]!, label, rival) ?? given[i]!;
      if (drop > 0) places.push({ at: i, words: 1, drop });
      if (i + 1 < words.length && given[i]! + given[i + 1]! > LEAST_JOIN) {
        const joined = adversary.joinedValue(words[i]!, words[i + 1]!, label, rival);
        places.push({ at: i, words: 2, drop: given[i]! + given[i + 1]! - joined });
      }
    }
    places.sort((a, b) => b.drop - a.drop || a.at - b.at);
    const changes: Change[] = [];
    for (const place of places.slice(0, this.options.worstEdits + 2)) {
      if (place.words === 2) {
        const tokens = adversary.joinedTokens(words[place.at]!, words[place.at + 1]!);
        changes.push({ ...place, tokens });
      } else {
        const { tokens, drop } = adversary.worstEdit(words[place.at]!, label, rival);
        changes.push({ at: place.at, words: 1, tokens, drop });
      }
    }
    return changes.sort((a, b) => b.drop - a.drop || a.at - b.at);
  }

  private value(tokens: Int32Array, plus: number, minus: number): number {
    const { evidence, classes } = this.parameters;
    let sum = 0;
    for (let n = 0; n < tokens.length; n++) {
      const at = tokens[n]! * classes;
      sum += evidence[at + plus]! - evidence[at + minus]!;
    }
    return sum;
  }

  private push(words: Int32Array, changes: Change[], label: number, rival: number, amount: number): void {
    const { parameters } = this;
    // A rise of the margin lowers the loss.
    parameters.biasGradient[label] = parameters.biasGradient[label]! - amount;
    parameters.biasGradient[rival] = parameters.biasGradient[rival]! + amount;
    const changed = new Uint8Array(words.length);
    for (const { at, words: count, tokens } of changes) {
      changed.fill(1, at, at + count);
      for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, amount);
    }
    for (let i = 0; i < words.length; i++) {
      if (changed[i]) continue;
      const tokens = this.wordTokens[words[i]!]!;
      for (let n = 0; n < tokens.length; n++) parameters.push(tokens[n]!, rival, label, amount);
    }
  }
}
