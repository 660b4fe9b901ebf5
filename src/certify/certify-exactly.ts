/**
 * Method `exact` as a plain function: a native model's answer at once, without a promise.
 */
import { clock } from "../clock.js";
import { type Alphabet, unicodeAlphabet } from "../edits/alphabet.js";
import { threat } from "../edits/threat.js";
import { UserError } from "../failure.js";
import type { NativeModel } from "../model/native.js";
import { modelClaim } from "./claim.js";
import { exact } from "./exact/exact.js";
import type { Certification } from "./result.js";

export const MOST_EDITS = 1000;

export interface ExactOptions {
  /** The largest number of edits to try, 0..1000; default 2. */
  readonly edits?: number | undefined;
  /** What may be written; default: all of Unicode. */
  readonly alphabet?: Alphabet | undefined;
  /** Seconds per text; none by default. */
  readonly timeLimit?: number | undefined;
  /** Search states per text. */
  readonly stateLimit?: number | undefined;
  readonly signal?: { readonly aborted: boolean } | undefined;
}

/**
 * How many character edits does the prediction for `text` withstand?
 * @throws UserError if an option isn't allowed.
 */
export function certifyExactly(model: NativeModel, text: string, options: ExactOptions = {}): Certification {
  const limit = checkedEdits(options.edits);
  const alphabet = options.alphabet ?? unicodeAlphabet();
  const began = clock();
  const { verdict, prediction, margins, evidence } = exact(model, text, alphabet, limit, {
    seconds: options.timeLimit,
    states: options.stateLimit,
    signal: options.signal,
  });
  return {
    ...verdict,
    prediction,
    limit,
    margins,
    method: "exact",
    threat: threat(alphabet),
    model: modelClaim(model),
    arithmetic: "float64",
    seconds: (clock() - began) / 1000,
    evidence,
  };
}

/** @throws UserError if it is no number of edits that can be asked for */
export function checkedEdits(edits = 2): number {
  if (!Number.isInteger(edits) || edits < 0 || edits > MOST_EDITS)
    throw new UserError(`edits is ${edits}; allowed: a whole number from 0 to ${MOST_EDITS}`, 2);
  return edits;
}
