/**
 * Judges a certificate about any kind of model: picks the check that shares least with the method that made it.
 *
 * Promise: `holds` only if every claim was computed again and found true; what couldn't be computed again is a problem.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { NativeModel } from "../model/native.js";
import { NativeTransformer } from "../model/native-transformer.js";
import type { CertifiableModel } from "../model/views.js";
import { type Check, checkRecord } from "./check.js";
import { checkSequenceRecord } from "./check-sequence.js";
import { checkTransformerRecord } from "./check-transformer.js";
import type { ResultRecord } from "./result.js";

export interface CheckCertificateOptions {
  /** The alphabet that the certificate names; it is held to the hash that stands there. */
  readonly alphabet: Alphabet;
  /** How far searches may go before the certificate counts as not checked; default 60 s. */
  readonly seconds?: number;
}

export async function checkCertificate(
  model: CertifiableModel,
  record: ResultRecord,
  { alphabet, seconds }: CheckCertificateOptions,
): Promise<Check> {
  if (model instanceof NativeModel) return checkRecord(model, record, { alphabet, limits: { seconds } });
  if (model instanceof NativeTransformer) return checkTransformerRecord(model, record, alphabet, { seconds });
  return checkSequenceRecord(model, record, alphabet);
}
