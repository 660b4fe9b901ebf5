/**
 * The seal of a certificate: a hash over all that stands in it.
 *
 * Theorem. `sealOf` is the SHA-256 of the UTF-8 bytes of the canonical JSON (RFC 8785: keys sorted by their UTF-16 code units, no
 * spaces, numbers and strings as JSON.stringify writes them) of the certificate without its key `sha256`. So content that was
 * changed has another seal, whatever was changed. It isn't a signature: who changes a certificate on purpose can seal it again. What
 * such a certificate claims is judged by computing it again (certify/check.ts).
 */
import { sha256 } from "../text/sha256.js";
import { utf8Encode } from "../text/utf8.js";

export interface Versions {
  /** Of the format of certificates. */
  readonly certificate: number;
  /** Of the program that wrote it. */
  readonly typoproof: string;
}

/** What this program writes. */
export const VERSIONS: Versions = { certificate: 1, typoproof: "0.1.0" };

/** The same fields, and last of all `sha256`, the seal over them. */
export function sealed(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...fields, sha256: sealOf(fields) };
}

/** The seal over all fields but `sha256`. */
export function sealOf({ sha256: _, ...fields }: Readonly<Record<string, unknown>>): string {
  return sha256(utf8Encode(canonicalJson(fields)));
}

/** RFC 8785; lone surrogates, which it has no form for, are written as JSON.stringify does, as \udXXX. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = value as Readonly<Record<string, unknown>>;
  const written = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(fields[key])}`);
  return `{${written.join(",")}}`;
}
