/**
 * The native additive model: fold, words, tokens, one evidence vector per token, sum, bias.
 *
 *     logits(text) = bias + sum over the text's tokens t of evidence[t]
 *
 * Weights lie on the grid of numeric/grid.ts and tokens weigh at most 1, so a logit is exact in float64 in whatever
 * order it is summed, for texts of fewer than 2^32 tokens: there is no rounding to account for.
 * It never truncates. Equal logits go to the lowest index.
 */

import { UserError } from "../failure.js";
import { assertOnGrid } from "../numeric/grid.js";
import { fold } from "../text/fold.js";
import { SEPARATOR, WORD_SYMBOLS } from "../text/symbols.js";
import type { WordAutomaton } from "../tokenizer/automaton.js";
import { stepCell } from "../tokenizer/automaton.js";
import { wordAutomaton } from "../tokenizer/build.js";
import type { Vocabulary } from "../tokenizer/vocabulary.js";
import type { Classifier, ModelIdentity, Prediction } from "./classifier.js";
import { predictionOf } from "./sequence.js";

export interface NativeWeights {
  readonly labels: readonly string[];
  readonly vocabulary: Vocabulary;
  /** [tokens * labels], row by token. */
  readonly evidence: Float64Array;
  /** [labels] */
  readonly bias: Float64Array;
}

export class NativeModel implements Classifier, NativeWeights {
  readonly kind = "native";
  readonly labels: readonly string[];
  readonly vocabulary: Vocabulary;
  readonly evidence: Float64Array;
  readonly bias: Float64Array;
  readonly automaton: WordAutomaton;
  /** [cells * labels] evidence summed over the automaton's output cells. */
  private readonly cellEvidence: Float64Array;

  /** @throws UserError if shapes don't fit or a weight is off the grid. */
  constructor(
    weights: NativeWeights,
    readonly identity: ModelIdentity,
  ) {
    const { labels, vocabulary, evidence, bias } = weights;
    if (labels.length < 2) throw new UserError(`a classifier needs at least 2 labels, not ${labels.length}`);
    if (evidence.length !== vocabulary.tokens.length * labels.length)
      throw new UserError(
        `evidence has ${evidence.length} numbers; ${vocabulary.tokens.length} tokens x ${labels.length} labels need ${vocabulary.tokens.length * labels.length}`,
      );
    if (bias.length !== labels.length)
      throw new UserError(`bias has ${bias.length} numbers for ${labels.length} labels`);
    assertOnGrid("evidence", evidence, 1);
    assertOnGrid("bias", bias);
    this.labels = labels;
    this.vocabulary = vocabulary;
    this.evidence = evidence;
    this.bias = bias;
    this.automaton = wordAutomaton(vocabulary);
    const { cellToken, cellRest } = this.automaton;
    const width = labels.length;
    this.cellEvidence = new Float64Array(cellToken.length * width);
    for (let c = 1; c < cellToken.length; c++)
      for (let y = 0; y < width; y++)
        this.cellEvidence[c * width + y] =
          this.cellEvidence[cellRest[c]! * width + y]! + evidence[cellToken[c]! * width + y]!;
  }

  /** Logits of a folded text. */
  logits(symbols: Uint8Array): Float64Array {
    const { automaton, cellEvidence } = this;
    const width = this.labels.length;
    const sum = Float64Array.from(this.bias);
    const add = (cell: number) => {
      if (cell !== 0) for (let y = 0; y < width; y++) sum[y] = sum[y]! + cellEvidence[cell * width + y]!;
    };
    let state = automaton.start;
    for (let i = 0; i <= symbols.length; i++) {
      const symbol = i === symbols.length ? SEPARATOR : symbols[i]!;
      if (symbol === SEPARATOR) {
        add(automaton.closeCell[state]!);
        state = automaton.start;
      } else {
        add(stepCell(automaton, state, symbol));
        state = automaton.next[state * WORD_SYMBOLS + symbol]!;
      }
    }
    return sum;
  }

  predict(text: string): Prediction {
    return this.prediction(this.logits(fold(text).symbols));
  }

  prediction(logits: Float64Array): Prediction {
    return predictionOf(this.labels, logits);
  }
}
