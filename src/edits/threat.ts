/**
 * The threat model as data: what the adversary may do. It holds no code, so it can be hashed, written into a
 * certificate and compared.
 *
 * Levenshtein distance over Unicode code points. The alphabet limits the code points that may be inserted or
 * substituted in; characters that already stand in the text may stay whatever they are.
 */
export interface Threat {
  readonly distance: "levenshtein";
  readonly unit: "code point";
  /** `unicode`, `ascii`, `model`, or `file:<sha256 of the sorted code points>` for a list read from a file. */
  readonly alphabet: string;
}
