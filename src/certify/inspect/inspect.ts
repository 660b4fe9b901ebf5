/** The door to `inspect`: what each layer of a model contributes to the bound of one edit, whatever kind of model it is. */
import { clock } from "../../clock.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { threat } from "../../edits/threat.js";
import { UserError } from "../../failure.js";
import { LipslevModel } from "../../model/lipslev.js";
import { NativeModel } from "../../model/native.js";
import { NativeTransformer } from "../../model/native-transformer.js";
import { type CertifiableModel, defaultAlphabet } from "../certify.js";
import { Budget } from "../exact/budget.js";
import { inspectAdditive } from "./additive.js";
import { inspectBlackBox } from "./black-box.js";
import { inspectEncoder } from "./encoder.js";
import type { Findings, Inspection } from "./inspection.js";
import { inspectLipslev } from "./lipslev.js";
import { inspectTransformer } from "./transformer.js";

export interface InspectOptions {
  /** What may be written; default as for `certify`. */
  readonly alphabet?: Alphabet;
  /** Seconds per text; none by default. */
  readonly timeLimit?: number;
  /** Most token sequences that are bounded or run per text; none by default. */
  readonly queries?: number;
  /** Encoders: blocks that are computed on each changed sequence instead of bounded; default: all but the last. */
  readonly exactBlocks?: number;
  readonly signal?: { readonly aborted: boolean };
}

/**
 * What one edit can make of the margin of `text`, layer by layer, and what would have to change for it to be certified.
 * @throws UserError if an option doesn't fit the model
 */
export async function inspect(
  model: CertifiableModel,
  text: string,
  options: InspectOptions = {},
): Promise<Inspection> {
  const began = clock();
  const alphabet = options.alphabet ?? defaultAlphabet(model);
  const found = await findings(model, text, alphabet, options, began);
  return {
    model: model.identity,
    threat: threat(alphabet),
    edits: 1,
    ...found,
    seconds: (clock() - began) / 1000,
  };
}

async function findings(
  model: CertifiableModel,
  text: string,
  alphabet: Alphabet,
  { timeLimit: seconds, queries, exactBlocks, signal }: InspectOptions,
  began: number,
): Promise<Findings> {
  const budget = new Budget({ seconds, signal }, began);
  const known = model.kind === "sequence" && model.encoder !== null;
  if (exactBlocks !== undefined && !known)
    throw new UserError(
      `exactBlocks is ${exactBlocks}, but ${model.identity.name} is no encoder with known weights; leave it out`,
      2,
    );
  if (model instanceof NativeModel) return inspectAdditive(model, text, alphabet, budget);
  if (model instanceof NativeTransformer) return inspectTransformer(model, text, alphabet, budget);
  if (model instanceof LipslevModel)
    return inspectLipslev(model, text, alphabet, budget, { seconds, signal });
  if (!known) return inspectBlackBox(model, text, alphabet, budget, queries);
  return inspectEncoder(model, text, alphabet, budget, { exactBlocks, sequences: queries });
}
