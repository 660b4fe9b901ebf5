/**
 * What a training run can be told, with defaults and the checks at the door.
 * Equal options, data and version give equal models, bit for bit.
 */
import { UserError } from "../failure.js";
import { VOCABULARY_KINDS, type VocabularyKind } from "../tokenizer/vocabulary.js";

export interface TrainOptions {
  readonly kind: VocabularyKind;
  /** A whole word becomes a token if at least this many texts have it. */
  readonly minWordTexts: number;
  /** A pattern or piece becomes a token if at least this many (word, text) pairs have it. */
  readonly minPatternTexts: number;
  /** Lengths of patterns and pieces, in symbols; an end of the word counts as one. */
  readonly minPattern: number;
  readonly maxPattern: number;
  /** Most evidence of one pattern for one class; whole words have 1. */
  readonly patternEvidence: number;
  /** So many of the most frequent words that have a given vector become tokens, whether or not a training text has them. */
  readonly vectorWords: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Edits of the adversary in the loss: the margin is lowered by this many of the worst single edits. 0: none. */
  readonly worstEdits: number;
  /** The margin's scale in the loss. */
  readonly temperature: number;
  /** Part of a text's words left out, anew each time it is trained on. */
  readonly dropout: number;
  /** 0: every text weighs the same; 1: every class does. */
  readonly balance: number;
  /** Models trained one after the other with seeds of their own and averaged: a sum of sums is a sum again. */
  readonly average: number;
  readonly seed: number;
  /** The k at which certified accuracy on the validation texts chooses among epochs. */
  readonly chooseAt: number;
}

export const TRAIN_DEFAULTS: TrainOptions = {
  kind: "patterns",
  minWordTexts: 2,
  minPatternTexts: 5,
  minPattern: 3,
  maxPattern: 5,
  patternEvidence: 0.3,
  vectorWords: 10_000,
  epochs: 6,
  batch: 16,
  learningRate: 0.02,
  worstEdits: 1,
  temperature: 0.5,
  dropout: 0,
  balance: 0,
  average: 1,
  seed: 1,
  chooseAt: 1,
};

/** @throws UserError naming the first option out of range. */
export function checkTrainOptions(options: TrainOptions): void {
  const range = (name: keyof TrainOptions, low: number, high: number, whole = false) => {
    const value = options[name] as number;
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new UserError(
        `${name} is ${value}; allowed: a ${whole ? "whole " : ""}number from ${low} to ${high}`,
        2,
      );
  };
  if (!VOCABULARY_KINDS.includes(options.kind))
    throw new UserError(
      `kind is ${JSON.stringify(options.kind)}; allowed: ${VOCABULARY_KINDS.join(", ")}`,
      2,
    );
  range("minWordTexts", 1, 1e9, true);
  range("minPatternTexts", 1, 1e9, true);
  range("minPattern", 1, 32, true);
  range("maxPattern", options.minPattern, 32, true);
  range("patternEvidence", 2 ** -20, 1);
  range("vectorWords", 0, 1e6, true);
  range("epochs", 1, 10_000, true);
  range("batch", 1, 100_000, true);
  range("learningRate", 1e-9, 10);
  range("worstEdits", 0, 100, true);
  range("temperature", 1e-6, 1e6);
  range("dropout", 0, 0.9);
  range("balance", 0, 1);
  range("average", 1, 100, true);
  range("seed", 0, 2 ** 32 - 1, true);
  range("chooseAt", 0, 100, true);
}
