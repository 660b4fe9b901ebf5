/**
 * The door to certification: validates the question, picks the method, and gives the answer as plain data.
 */
import { clock } from "../clock.js";
import { type Alphabet, unicodeAlphabet } from "../edits/alphabet.js";
import { threat } from "../edits/threat.js";
import { UserError } from "../failure.js";
import type { Classifier } from "../model/classifier.js";
import { NativeModel } from "../model/native.js";
import { exact } from "./exact/exact.js";
import type { Certification } from "./result.js";

export const MOST_EDITS = 1000;
export const METHODS = ["auto", "exact"] as const;
export type MethodName = (typeof METHODS)[number];

export interface CertifyOptions {
  /** The largest number of edits to try, 0..1000; default 2. */
  readonly edits?: number;
  readonly method?: MethodName;
  /** What may be written; default: all of Unicode. */
  readonly alphabet?: Alphabet;
  /** Seconds per text; none by default. */
  readonly timeLimit?: number;
  /** Search states per text. */
  readonly stateLimit?: number;
  readonly signal?: { readonly aborted: boolean };
}

/**
 * How many character edits does the prediction for `text` withstand?
 * @throws UserError if an option isn't allowed.
 */
export function certify(model: Classifier, text: string, options: CertifyOptions = {}): Certification {
  const limit = options.edits ?? 2;
  if (!Number.isInteger(limit) || limit < 0 || limit > MOST_EDITS)
    throw new UserError(`edits is ${limit}; allowed: a whole number from 0 to ${MOST_EDITS}`, 2);
  const method = options.method ?? "auto";
  if (!METHODS.includes(method))
    throw new UserError(`method is ${JSON.stringify(method)}; allowed: ${METHODS.join(", ")}`, 2);
  if (!(model instanceof NativeModel))
    throw new UserError(`no method certifies the model ${model.identity.name}: it is no native model`);
  const alphabet = options.alphabet ?? unicodeAlphabet();
  const began = clock();
  const { verdict, prediction, margins } = exact(model, text, alphabet, limit, {
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
    threat: threat(alphabet.name),
    model: model.identity,
    arithmetic: "float64",
    seconds: (clock() - began) / 1000,
  };
}
