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
import { Places, pushEdited } from "./places.js";

interface Attacked {
  readonly rival: number;
  margin: number;
  readonly changes: Change[];
}

export class Objective {
  private readonly places: Places;

  constructor(
    private readonly corpus: Corpus,
    /** [words] tokens of each word. */
    private readonly wordTokens: readonly Int32Array[],
    private readonly parameters: Parameters,
    adversary: Adversary,
    private readonly options: TrainOptions,
    /** [classes] weight of a text by its label. */
    private readonly weight: Float64Array,
    private readonly random: Random,
  ) {
    this.places = new Places(wordTokens, parameters, adversary);
  }

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
    const given = this.places.given(words, label, rival);
    let margin = given.reduce((sum, value) => sum + value, bias[label]! - bias[rival]!);
    const changes: Change[] = [];
    const { worstEdits } = this.options;
    if (worstEdits > 0) {
      const used = new Uint8Array(words.length + 1);
      for (const change of this.candidates(words, given, label, rival)) {
        if (changes.length === worstEdits) break;
        if (used[change.at] || (change.words === 2 && used[change.at + 1])) continue;
        const before = given[change.at]! + (change.words === 2 ? given[change.at + 1]! : 0);
        const drop = before - this.places.value(change.tokens, label, rival);
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
    return this.places
      .all(words, given, label, rival)
      .slice(0, this.options.worstEdits + 2)
      .map((place) => this.places.change(words, place, label, rival))
      .sort((a, b) => b.drop - a.drop || a.at - b.at);
  }

  private push(words: Int32Array, changes: Change[], label: number, rival: number, amount: number): void {
    const { parameters } = this;
    // A rise of the margin lowers the loss.
    parameters.biasGradient[label] = parameters.biasGradient[label]! - amount;
    parameters.biasGradient[rival] = parameters.biasGradient[rival]! + amount;
    pushEdited(parameters, this.wordTokens, words, changes, label, rival, amount);
  }
}
