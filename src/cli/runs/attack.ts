/** `typoproof attack`: `certify` by the method attack alone, which proves nothing. */
import type { Io } from "../io.js";
import { type CertifyCommandFlags, runCertify } from "./certify.js";

export type AttackCommandFlags = Omit<CertifyCommandFlags, "method" | "minRadius" | "minCertifiedAccuracy">;

/** Gives the exit status. */
export function runAttack(texts: readonly string[], flags: AttackCommandFlags, io: Io): Promise<number> {
  return runCertify(texts, { ...flags, method: "attack" }, io);
}
