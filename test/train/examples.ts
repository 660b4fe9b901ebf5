/** Small labelled texts and trainers to test training on. */

import { Random } from "../../src/numeric/random.js";
import { fold } from "../../src/text/fold.js";
import { symbolText } from "../../src/text/symbols.js";
import { wordTokens } from "../../src/tokenizer/automaton.js";
import { wordAutomaton } from "../../src/tokenizer/build.js";
import type { VocabularyKind } from "../../src/tokenizer/vocabulary.js";
import { Adversary } from "../../src/train/adversary.js";
import { corpus, type Example } from "../../src/train/corpus.js";
import { growVocabulary } from "../../src/train/grow.js";
import { Objective } from "../../src/train/objective.js";
import { TRAIN_DEFAULTS, type TrainOptions } from "../../src/train/options.js";
import { Parameters } from "../../src/train/parameters.js";

const WORDS = [
  ..."free prize cash win lunch home meet late club goal team match share stock bank oil a on the of".split(
    " ",
  ),
  ..."frees price dash wins launch hone melt lace clubs goals teams watch spare stick bark oils".split(" "),
];

/** Texts whose words speak for their labels more often than not; every label occurs. */
export function examples(seed: number, count: number, labels: number, most = 7): Example[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, n) => {
    const label = n % labels;
    const words = Array.from({ length: 1 + Math.floor(random.next() * most) }, () => {
      const group = random.next() < 0.6 ? label : Math.floor(random.next() * labels);
      const own = WORDS.filter((_, w) => w % labels === group);
      return own[Math.floor(random.next() * own.length)]!;
    });
    return { text: words.join(" "), label };
  });
}

/** Options for tiny data: few epochs, everything that occurs is a token. */
export const tiny = (changes: Partial<TrainOptions> = {}): TrainOptions => ({
  ...TRAIN_DEFAULTS,
  minWordTexts: 1,
  minPatternTexts: 2,
  minPattern: 2,
  maxPattern: 3,
  epochs: 3,
  batch: 8,
  learningRate: 0.1,
  ...changes,
});

/** All that `add` of an objective needs, with random evidence in place of trained one. */
export function trainer(kind: VocabularyKind, labels: number, seed: number, changes: Partial<TrainOptions>) {
  const random = new Random(seed);
  const options = tiny({ kind, ...changes });
  const texts = corpus(examples(seed, 20, labels, 4));
  const vocabulary = growVocabulary(texts, options);
  const automaton = wordAutomaton(vocabulary);
  const size = vocabulary.tokens.length;
  const parameters = new Parameters(size, labels, new Float64Array(size).fill(1));
  const randomise = () => {
    for (let k = 0; k < parameters.evidence.length; k++) parameters.evidence[k] = random.next() * 0.6 - 0.3;
    for (let y = 0; y < labels; y++) parameters.bias[y] = random.next() - 0.5;
  };
  randomise();
  const adversary = new Adversary(automaton, texts, parameters);
  const weight = Float64Array.from({ length: labels }, (_, y) => 1 + y / 4);
  const tokens = texts.words.map((word) => Int32Array.from(wordTokens(automaton, word)));
  const objective = () =>
    new Objective(texts, tokens, parameters, adversary, options, weight, new Random(seed));
  return { options, texts, vocabulary, automaton, parameters, adversary, weight, objective, randomise };
}

/** A text of a corpus in printable form. */
export const printed = (words: readonly Uint8Array[], text: Int32Array): string =>
  [...text].map((w) => symbolText(words[w]!)).join(" ");

export const folded = (text: string): string => symbolText(fold(text).symbols);
