/** Says on standard error what a user should know of how a model was loaded: one line each. */
import type { CertifiableModel } from "../certify/certify.js";
import type { Io } from "./io.js";

export function sayNotes(io: Io, model: CertifiableModel): void {
  if (model.kind === "sequence") for (const note of model.notes) io.stderr.write(`note: ${note}\n`);
}
