/**
 * A margin between two classes, laid over a tokenizer's automaton: what every step and every end of a word adds.
 *
 * All weights are multiples of 2^-20 (model/grid.ts), so sums below are exact in float64 in any order.
 */
import type { WordAutomaton } from "../../tokenizer/automaton.js";
import { type Slack, slack } from "./slack.js";

export interface MarginWeights {
  /** [cells] sum over the cell's tokens of weight(class) - weight(rival). */
  readonly cell: Float64Array;
  /** What a step adds, indexed as the automaton's `stepCell`; empty where steps add nothing. */
  readonly step: Float64Array;
  /** [states] what the end of the word adds. */
  readonly close: Float64Array;
  readonly slack: Slack | null;
}

/** @param tokenWeight [tokens] margin contribution of each token. */
export function marginWeights(automaton: WordAutomaton, tokenWeight: Float64Array): MarginWeights {
  const { cellToken, cellRest, stepCell, closeCell } = automaton;
  const cell = new Float64Array(cellToken.length);
  // A cell is made after the cell it extends, so rests come first.
  for (let c = 1; c < cell.length; c++) cell[c] = cell[cellRest[c]!]! + tokenWeight[cellToken[c]!]!;
  const step = new Float64Array(stepCell.length);
  for (let i = 0; i < step.length; i++) step[i] = cell[stepCell[i]!]!;
  const close = new Float64Array(automaton.states);
  for (let q = 0; q < close.length; q++) close[q] = cell[closeCell[q]!]!;
  return { cell, step, close, slack: slack(automaton, tokenWeight, close) };
}
