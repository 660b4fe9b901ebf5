/** The seal of a certificate by Node's own hash and a replacer that sorts keys. */
import { createHash } from "node:crypto";

const sorted = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** The object with its seal as the last key, whatever seal it had. */
export function resealed<T extends object>(certificate: T): T & { sha256: string } {
  const { sha256: _, ...fields } = certificate as Record<string, unknown>;
  const hash = createHash("sha256").update(JSON.stringify(fields, sorted)).digest("hex");
  return { ...fields, sha256: hash } as unknown as T & { sha256: string };
}
