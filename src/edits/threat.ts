/**
 * The threat model as data: what the adversary may do. It holds no code, so it can be hashed, written into a
 * certificate and compared.
 *
 * Levenshtein distance over Unicode code points. The alphabet limits the code points that may be inserted or
 * substituted in; characters that already stand in the text may stay whatever they are.
 */
import { type Alphabet, alphabetSha256 } from "./alphabet.js";

export interface Threat {
  readonly distance: "levenshtein";
  readonly unit: "code point";
  /** `unicode`, `ascii`, `model`, or `file:<sha256 of the sorted code points>` for a list read from a file. */
  readonly alphabet: string;
  /** How many code points the alphabet has. */
  readonly characters: number;
  /** Of what the alphabet holds, whatever it is called (`alphabetSha256`). */
  readonly sha256: string;
}

/** The threat with this alphabet. */
export function threat(alphabet: Alphabet): Threat {
  return {
    distance: "levenshtein",
    unit: "code point",
    alphabet: alphabet.name,
    characters: alphabet.size,
    sha256: alphabetSha256(alphabet),
  };
}

export function sameThreat(a: Threat, b: Threat): boolean {
  return canonicalThreat(a) === canonicalThreat(b);
}

/** JSON with sorted keys and no spaces: equal threats give equal strings, so it can be hashed. */
export function canonicalThreat({ alphabet, characters, distance, sha256, unit }: Threat): string {
  return JSON.stringify({ alphabet, characters, distance, sha256, unit });
}
