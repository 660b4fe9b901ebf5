/** Takes a certified text apart for looking at: what can be had of a model, and why the rest can't. */

import type { CertifiableModel } from "../certify/certify.js";
import { marginCurves } from "../certify/exact/curves.js";
import { wordLedger } from "../certify/exact/ledger.js";
import { worstByPlace } from "../certify/exact/places.js";
import type { Alphabet } from "../edits/alphabet.js";
import { NativeModel } from "../model/native.js";
import type { Analysis } from "./protocol.js";

export interface AnalyseLimits {
  readonly seconds: number;
  readonly signal: { readonly aborted: boolean };
}

/** @param edits up to which the curves go */
export function analyse(
  model: CertifiableModel,
  text: string,
  alphabet: Alphabet,
  edits: number,
  limits: AnalyseLimits,
): Analysis {
  if (!(model instanceof NativeModel)) {
    const missing =
      "No heat map here: the exact worst edit at each character is computed for native models without blocks only.";
    return { places: null, curves: null, ledger: null, missing };
  }
  const places = worstByPlace(model, text, alphabet, limits);
  const curves = places === null ? null : marginCurves(model, text, alphabet, edits, limits);
  const ledger = places === null ? null : wordLedger(model, text, places);
  const missing =
    places === null ? `No heat map here: it would have taken more than ${limits.seconds} s.` : null;
  return { places, curves, ledger, missing };
}
