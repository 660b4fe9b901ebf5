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

/** The threat with this alphabet (`Alphabet.name`). Whoever reads a certificate checks that the name is known. */
export function threat(alphabetName: string): Threat {
  return { distance: "levenshtein", unit: "code point", alphabet: alphabetName };
}

export function sameThreat(a: Threat, b: Threat): boolean {
  return canonicalThreat(a) === canonicalThreat(b);
}

/** JSON with sorted keys and no spaces: equal threats give equal strings, so it can be hashed. */
export function canonicalThreat({ alphabet, distance, unit }: Threat): string {
  return JSON.stringify({ alphabet, distance, unit });
}
