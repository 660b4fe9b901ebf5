/**
 * The numbers that a method rests its answer on, as they stand in a certificate.
 *
 * Promise: plain data that JSON holds without loss, a few hundred numbers at most. Margins are differences of logits.
 * docs/certificates.md says what each number means; a key may be added, none is renamed.
 */

/** Method `exact`. */
export interface ExactEvidence {
  readonly kind: "exact";
  /**
   * [edits - 1][labels] The least margin over each label among all texts within so many edits, exactly; null over the
   * predicted label itself, and over labels that are surely no nearer than another one.
   */
  readonly least: readonly (readonly (number | null)[])[];
}

/** Method `lipschitz` for native Transformers: margin >= words - sum of charges + bias + blocks, for each number of edits. */
export interface BlocksEvidence {
  readonly kind: "native-blocks";
  /** Words of the text that the blocks read. */
  readonly tokens: number;
  /** One per number of edits from 1, each for the label that comes nearest. */
  readonly steps: readonly BlocksStep[];
}

export interface BlocksStep {
  readonly edits: number;
  /** Index of the label that comes nearest. */
  readonly rival: number;
  /** What the words contribute to the margin on the way that leaves the least. */
  readonly words: number;
  /** What the blocks can lose for the edits on that way, place by place. */
  readonly charges: readonly {
    /** Words from..to of the text, empty ones counted, between which the edits lie. */
    readonly from: number;
    readonly to: number;
    readonly edits: number;
    readonly charge: number;
  }[];
  readonly bias: number;
  /** What the first block adds to the margin of the text itself. */
  readonly first: number;
  /** What the other blocks add, and the most that they can lose by so many edits. */
  readonly later: number;
  readonly laterLoss: number;
  /** Taken off for the rounding of these numbers, and of the model's float64 forward. */
  readonly slack: number;
  readonly rounding: number;
  readonly lower: number;
}

/** Method `enumerate`. */
export interface EnumerateEvidence {
  readonly kind: "enumerate";
  /** Tokens of the text as the model reads it. */
  readonly tokens: number;
  /** Characters that stand for all of the alphabet. */
  readonly characters: number;
  /** One per number of edits that was finished, from 1; counts are of all up to it. */
  readonly levels: readonly {
    readonly edits: number;
    readonly strings: number;
    readonly sequences: number;
    readonly passes: number;
    readonly least: number;
  }[];
}

/** Method `lipschitz` for encoders. */
export interface EncoderEvidence {
  readonly kind: "encoder-bounds";
  readonly blocks: number;
  /** Blocks that were computed on every changed sequence; the others were bounded. */
  readonly exactBlocks: number;
  readonly sequences: number;
  /** The changed sequence with the least bound: `from` tokens as in the text, then `put`, then the last `kept` ones. */
  readonly worst: {
    readonly from: number;
    readonly put: readonly number[];
    readonly kept: number;
    /** What is proven of its margin; -1.8e308 where nothing is. */
    readonly lower: number;
  } | null;
}

/** LipsLev models. */
export interface LipslevEvidence {
  readonly kind: "lipslev";
  /** Whether texts within the limit can be longer than the model reads. */
  readonly cut: boolean;
  readonly rivals: readonly {
    readonly rival: number;
    readonly margin: number;
    /** The least margin after one edit, as computed; null if it wasn't needed. */
    readonly single: number | null;
    /** How far computed margins can be from real ones. */
    readonly allowance: number;
    /** The most that one edit can cost, by its kind. */
    readonly substitute: number;
    readonly insert: number;
    readonly delete: number;
  }[];
}

/** Method `attack`. */
export interface AttackEvidence {
  readonly kind: "attack";
  /** Times that the model was asked. */
  readonly queries: number;
}

export type Evidence =
  | ExactEvidence
  | BlocksEvidence
  | EnumerateEvidence
  | EncoderEvidence
  | LipslevEvidence
  | AttackEvidence;
