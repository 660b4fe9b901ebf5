/**
 * What the training of blocks (attention and feed-forward over whole words) can be told, beside the options that the
 * additive part has (../options.ts).
 */
import { UserError } from "../../failure.js";
import { SIMILARITIES, type Similarity } from "../../layers/similarity.js";

export interface BlockOptions {
  /** Blocks over the words; 0: none, the model is the sum alone. */
  readonly blocks: number;
  /** Numbers per word. */
  readonly width: number;
  readonly heads: number;
  /** Numbers per query, key and value of one head. */
  readonly headWidth: number;
  /** Hidden numbers of the feed-forward branch. */
  readonly inner: number;
  /** `mlp`: any two matrices; `orthogonal`: -2 W' relu(W x) with orthonormal rows, so that x plus it has an orthogonal Jacobian. */
  readonly feedForward: FeedForwardName;
  /** In front of the branches; `chain`: channels scaled by running statistics (CHAIN). */
  readonly norm: NormName;
  /** Probability that a channel of a text stays unscaled at the first step; falls to 0. */
  readonly chainMixing: number;
  /** Weight of the squares of the channels' means. */
  readonly chainMean: number;
  /** How a query is compared with a key. */
  readonly similarity: Similarity;
  /** Largest size of an attention score. */
  readonly scoreLimit: number;
  /** Attention mass of nothing. */
  readonly nullMass: number;
  /** Nearest words that a head of attention sees: even heads before, odd heads behind, one head on both sides; 0: all, on both. */
  readonly window: number;
  /** A whole word has a row in the embedding if at least this many texts have it. */
  readonly minEmbeddedTexts: number;
  /** Words of a text that the blocks are trained on; a longer text is trained on a stretch of it. */
  readonly maxWords: number;
  /** Adam's rate for the blocks and the embedding; falls to 0 by the last step. */
  readonly blockRate: number;
  /** Weight of what edits can take from the blocks' part in the loss; 0: the blocks are trained on clean text. */
  readonly charge: number;
  /** Longest an embedding may be. */
  readonly ball: number;
  /** Standard deviation of a fresh embedding's numbers. */
  readonly embeddingScale: number;
  /** Margin that the loss wants beyond the adversary's edits. */
  readonly kappa: number;
  /** Share of the teacher in the loss; needs a teacher. */
  readonly distil: number;
  /** What moves the blocks' matrices. */
  readonly optimiser: OptimiserName;
  /** What is done to the blocks' matrices after each step, as constraints/parse.ts reads it. */
  readonly constraint: string;
}

export const OPTIMISERS = ["adam", "muon"] as const;
export type OptimiserName = (typeof OPTIMISERS)[number];

export const BLOCK_DEFAULTS: BlockOptions = {
  blocks: 0,
  width: 48,
  heads: 4,
  headWidth: 12,
  inner: 48,
  feedForward: "mlp",
  norm: "none",
  chainMixing: 0.1,
  chainMean: 0.1,
  similarity: "dot",
  scoreLimit: 2,
  nullMass: 4,
  window: 0,
  minEmbeddedTexts: 3,
  maxWords: 64,
  blockRate: 0.003,
  charge: 1,
  ball: 1,
  embeddingScale: 0.1,
  kappa: 0,
  distil: 0,
  optimiser: "adam",
  constraint: "none",
};

export const FEED_FORWARDS = ["mlp", "orthogonal"] as const;
export type FeedForwardName = (typeof FEED_FORWARDS)[number];

export const NORMS = ["none", "chain"] as const;
export type NormName = (typeof NORMS)[number];

type Numeric = { [K in keyof BlockOptions]: BlockOptions[K] extends number ? K : never }[keyof BlockOptions];

/** @throws UserError naming the first option out of range. */
export function checkBlockOptions(options: BlockOptions): void {
  const range = (name: Numeric, low: number, high: number, whole = false) => {
    const value = options[name];
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new UserError(
        `${name} is ${value}; allowed: a ${whole ? "whole " : ""}number from ${low} to ${high}`,
        2,
      );
  };
  range("blocks", 0, 8, true);
  range("width", 1, 1024, true);
  range("heads", 1, 64, true);
  range("headWidth", 1, 256, true);
  range("inner", 1, 4096, true);
  range("chainMixing", 0, 1);
  range("chainMean", 0, 1e6);
  range("scoreLimit", 1e-3, 20);
  range("nullMass", 1e-6, 1e6);
  range("window", 0, 4096, true);
  range("minEmbeddedTexts", 1, 1e9, true);
  range("maxWords", 2, 4096, true);
  range("blockRate", 1e-9, 1);
  range("charge", 0, 1e3);
  range("ball", 1e-3, 1e3);
  range("embeddingScale", 0, 10);
  range("kappa", 0, 1e6);
  range("distil", 0, 1);
  const choice = (name: "optimiser" | "feedForward" | "norm" | "similarity", allowed: readonly string[]) => {
    if (!allowed.includes(options[name]))
      throw new UserError(`${name} is ${JSON.stringify(options[name])}; allowed: ${allowed.join(", ")}`, 2);
  };
  choice("optimiser", OPTIMISERS);
  choice("feedForward", FEED_FORWARDS);
  choice("norm", NORMS);
  choice("similarity", SIMILARITIES);
  if (options.feedForward === "orthogonal" && options.inner > options.width)
    throw new UserError(
      `inner is ${options.inner}; allowed with an orthogonal feed-forward: at most the width, ${options.width}`,
      2,
    );
}
