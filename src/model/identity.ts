/**
 * What a model's hash is taken over: everything that decides an answer, and nothing else.
 *
 * Layout: UTF-8 JSON of {format, fold, kind, labels, tokens} in this order, then evidence and bias as float64, little-endian.
 * The JSON ends where its braces close and says how many numbers follow, so different models give different
 * bytes. The name, the model card and how the numbers are packed in files don't count.
 */
import { FOLD_VERSION } from "../text/fold-table.js";
import { utf8Encode } from "../text/utf8.js";
import { littleEndian } from "./little-endian.js";
import type { NativeWeights } from "./native.js";

export const IDENTITY_FORMAT = "typoproof-additive/1";

/** Canonical bytes of a model; the SHA-256 of them, in hexadecimal, is `ModelIdentity.sha256`. */
export function identityBytes({
  labels,
  vocabulary,
  evidence,
  bias,
}: NativeWeights): Uint8Array<ArrayBuffer> {
  const { kind, tokens } = vocabulary;
  const head = { format: IDENTITY_FORMAT, fold: FOLD_VERSION, kind, labels, tokens };
  const parts = [utf8Encode(JSON.stringify(head)), littleEndian(evidence), littleEndian(bias)];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
