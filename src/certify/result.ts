/**
 * The answer to "how many character edits does this prediction withstand?", as plain data.
 *
 * Promise of every method: `certified` is never too large; `broken` is never given without a counterexample
 * in hand that has been replayed through the model. A limit that is reached gives `unknown`.
 */
import type { Threat } from "../edits/threat.js";
import type { Prediction } from "../model/classifier.js";
import type { ModelClaim } from "./claim.js";
import type { Evidence } from "./evidence.js";

export interface Counterexample {
  readonly text: string;
  /** Levenshtein distance in code points from the original text. */
  readonly edits: number;
  readonly prediction: Prediction;
}

/** Lower bound of the margin (predicted logit minus best rival) over all texts within `edits` edits. */
export interface MarginBound {
  readonly edits: number;
  readonly lower: number;
}

export type Verdict =
  | {
      readonly verdict: "certified";
      readonly certified: number;
      readonly broken: null;
      readonly counterexample: null;
    }
  | {
      readonly verdict: "refuted";
      readonly certified: number;
      readonly broken: number;
      readonly counterexample: Counterexample;
    }
  | {
      readonly verdict: "unknown";
      /** Largest k proven so far, null if not even k = 0 was decided. */
      readonly certified: number | null;
      readonly broken: number | null;
      readonly counterexample: Counterexample | null;
      readonly reason: string;
    };

export type Certification = Verdict & {
  readonly prediction: Prediction;
  /** The largest k that was asked for. */
  readonly limit: number;
  /** One entry per k that was decided, from 0 up. */
  readonly margins: readonly MarginBound[];
  readonly method: string;
  readonly threat: Threat;
  readonly model: ModelClaim;
  /** In which the model was run. */
  readonly arithmetic: "float64" | "float32";
  readonly seconds: number;
  /** What it took, where the method counts. */
  readonly work?: Work;
  /** The numbers that the method rests its answer on. */
  readonly evidence?: Evidence;
};

/** What a method that runs the model went through. */
export interface Work {
  /** What ran the model: `onnxruntime-node 1.30.0`. */
  readonly backend: string;
  /** Single changes of the text whose tokens were looked at. */
  readonly strings: number;
  /** Different token sequences among them. */
  readonly sequences: number;
  /** Sequences that the model was run on. */
  readonly passes: number;
  /**
   * Margins this near to 0 were not believed in float32: they were decided in float64, or not at all. 0 where the
   * arithmetic is float64.
   */
  readonly guard: number;
}

/** One output line: a certification with the row it is about. `text`, `label` and `correct` come from the input. */
export type ResultRecord = {
  readonly id: number;
  readonly text: string;
  readonly label: string | null;
  readonly correct: boolean | null;
} & (Certification | FailedRecord);

/** The line of a text that was handled. */
export type Row = ResultRecord & Certification;

/** A text that could not be handled still yields one line. */
export interface FailedRecord {
  readonly error: string;
}

/** One row of an input file. `error` is set where the row could not be read (then `text` is what was seen). */
export interface InputRow {
  /** 0-based row of the input, header not counted. */
  readonly id: number;
  readonly text: string;
  readonly label: string | null;
  readonly error?: string;
}
