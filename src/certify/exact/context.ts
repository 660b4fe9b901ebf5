/**
 * What `exact` keeps between texts of one model: for each margin (a pair of classes) and alphabet, moves and the
 * tables of words seen before (the worst that j edits make of a word doesn't depend on the text around it).
 * Tables are dropped when they grow past a fixed number, so long runs need constant memory.
 */
import type { FoldedAlphabet } from "../../edits/alphabet.js";
import type { NativeModel } from "../../model/native.js";
import { Fronts } from "./block.js";
import { Moves } from "./moves.js";
import { Tables } from "./tables.js";
import { marginWeights } from "./weights.js";

/** Nodes kept by all margins together; one takes about half a kilobyte. */
const MOST_NODES = 300_000;

const contexts = new WeakMap<NativeModel, ExactContext>();

export class ExactContext {
  private readonly fronts: Fronts;
  private readonly margins = new Map<string, Tables>();

  private constructor(private readonly model: NativeModel) {
    this.fronts = new Fronts(model.automaton.states);
  }

  static of(model: NativeModel): ExactContext {
    let context = contexts.get(model);
    if (context === undefined) {
      context = new ExactContext(model);
      contexts.set(model, context);
    }
    return context;
  }

  /** The margin of class `winner` over class `rival`, searched over one alphabet. */
  margin(winner: number, rival: number, alphabet: FoldedAlphabet): Tables {
    const letters = alphabet.allowed.join("");
    const key = `${winner} ${rival} ${letters}`;
    let margin = this.margins.get(key);
    if (margin === undefined) {
      const { automaton, evidence, labels, vocabulary } = this.model;
      const width = labels.length;
      const token = new Float64Array(vocabulary.tokens.length);
      for (let t = 0; t < token.length; t++)
        token[t] = evidence[t * width + winner]! - evidence[t * width + rival]!;
      const weights = marginWeights(automaton, token);
      const moves = new Moves(automaton, weights, alphabet.allowed);
      margin = new Tables({ automaton, weights, moves, fronts: this.fronts });
      this.margins.set(key, margin);
    }
    margin.trim(MOST_NODES / Math.max(2, this.margins.size));
    return margin;
  }
}
