/** `typoproof inspect`: what each layer contributes to the bound of one edit. */
import { extname } from "node:path";
import { defaultAlphabet } from "../../certify/certify.js";
import { inspect } from "../../certify/inspect/inspect.js";
import { UserError } from "../../failure.js";
import { loadAlphabet } from "../../node/jobs/alphabet.js";
import { loadModel } from "../../node/load-model.js";
import { inspectReporter } from "../../report/inspect.js";
import type { InspectCommandFlags, InspectFormatName } from "../inspect-formats.js";
import type { Io } from "../io.js";
import { sayNotes } from "../notes.js";
import { openSink, recordWriter } from "../output.js";
import { openSource, refuseOverwriting } from "../source.js";

const BY_EXTENSION: Readonly<Record<string, InspectFormatName>> = {
  ".html": "html",
  ".htm": "html",
  ".md": "markdown",
  ".json": "json",
  ".jsonl": "jsonl",
};

/** Gives the exit status. */
export async function runInspect(
  texts: readonly string[],
  flags: InspectCommandFlags,
  io: Io,
): Promise<number> {
  const source = await openSource(texts, flags, io);
  await refuseOverwriting(source, flags.output);
  const named = flags.output === undefined ? undefined : BY_EXTENSION[extname(flags.output).toLowerCase()];
  const model = await loadModel(flags.model);
  sayNotes(io, model);
  const alphabet =
    flags.alphabet === undefined ? defaultAlphabet(model) : await loadAlphabet(flags.alphabet, model);
  const reporter = inspectReporter(flags.format ?? named ?? "table", model.identity.name);
  const writer = recordWriter(reporter, openSink(io, flags.output, null));
  for await (const { id, text, error } of source.rows(null)) {
    if (error !== undefined) throw new UserError(error);
    const inspection = await inspect(model, text, {
      alphabet,
      ...(flags.timeLimit === undefined ? {} : { timeLimit: flags.timeLimit }),
      ...(flags.queries === undefined ? {} : { queries: flags.queries }),
      ...(flags.exactBlocks === undefined ? {} : { exactBlocks: flags.exactBlocks }),
    });
    await writer.record({ id, text, inspection });
  }
  await writer.end(null);
  return 0;
}
