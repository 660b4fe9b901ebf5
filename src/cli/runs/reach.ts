/** `typoproof reach`: which token changes edits can cause, word by word. */
import { defaultAlphabet } from "../../certify/certify.js";
import { UserError } from "../../failure.js";
import { viewOf } from "../../model/views.js";
import { loadAlphabet } from "../../node/jobs/alphabet.js";
import { loadModel } from "../../node/load-model.js";
import { reachRecord, reachTable } from "../../report/reach.js";
import type { Io } from "../io.js";
import { print } from "../print.js";
import type { ReachCommandFlags } from "../reach-formats.js";
import { openSource } from "../source.js";

/** Gives the exit status. */
export async function runReach(texts: readonly string[], flags: ReachCommandFlags, io: Io): Promise<number> {
  if (texts.length === 0)
    throw new UserError("no texts: give texts as arguments, or - for standard input", 2);
  const source = await openSource(texts, { header: true }, io);
  const model = await loadModel(flags.model);
  const alphabet =
    flags.alphabet === undefined ? defaultAlphabet(model) : await loadAlphabet(flags.alphabet, model);
  const view = viewOf(model);
  let first = true;
  for await (const { id, text, error } of source.rows(null)) {
    if (error !== undefined) throw new UserError(error);
    const record = reachRecord(view, { id, text }, alphabet, flags.edits);
    if (flags.format === "table") await print(io, (first ? "" : "\n") + reachTable(record));
    else if (flags.format === "jsonl") await print(io, `${JSON.stringify(record)}\n`);
    else await print(io, `${first ? "[" : ","}\n${JSON.stringify(record)}`);
    first = false;
  }
  if (flags.format === "json") await print(io, first ? "[]\n" : "\n]\n");
  return 0;
}
