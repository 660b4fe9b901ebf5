/**
 * What a run of `train` keeps beside its output folder while it goes on: a checkpoint after every epoch, which belongs to
 * this run alone.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UserError } from "../../../failure.js";
import type { FolderWeights } from "../../../model/folder.js";
import { readCheckpoint, writeCheckpoint } from "../../../train/checkpoint.js";
import type { Checkpoint } from "../../../train/loop.js";
import type { Split } from "../../../train/split.js";
import { version } from "../../version.js";
import type { Plan, TrainFlags } from "./flags.js";

const pathOf = (output: string): string => `${resolve(output)}.checkpoint`;

/**
 * Makes sure, before the training, that what is to be written can be.
 * @throws UserError if the output is there already, or there is nothing to resume
 */
export async function prepareOutput({ output, overwrite, resume, log }: TrainFlags): Promise<void> {
  if ((await exists(output)) && overwrite !== true)
    throw new UserError(`${output} exists; allowed is a new folder, or --overwrite`);
  if (resume === true && !(await exists(pathOf(output))))
    throw new UserError(`there is nothing to resume: no ${pathOf(output)}; leave out --resume to start anew`);
  await attempt(output, () => mkdir(dirname(pathOf(output)), { recursive: true }));
  if (log !== undefined) await attempt(log, () => appendFile(log, ""));
}

export async function save(output: string, checkpoint: Checkpoint, key: string): Promise<void> {
  const path = pathOf(output);
  await writeFile(`${path}.part`, writeCheckpoint(checkpoint, key));
  await rename(`${path}.part`, path);
}

/** @throws UserError if the checkpoint belongs to another run or is damaged */
export async function resumed<W extends FolderWeights>(output: string, key: string): Promise<Checkpoint<W>> {
  return readCheckpoint<W>(await readFile(pathOf(output)), key, pathOf(output));
}

export async function forget(output: string): Promise<void> {
  await rm(pathOf(output), { force: true });
}

/** Tells runs apart: equal keys mean equal options, texts, version and other models that it uses. */
export function runKey(
  plan: Plan,
  others: readonly (string | null)[],
  labels: readonly string[],
  { train, validation }: Split,
): string {
  const { way, options, teacher, threads } = plan;
  const hash = createHash("sha256").update(
    JSON.stringify([
      version(),
      way,
      options,
      teacher?.scale ?? 0,
      way === "graph" ? threads : 0,
      others,
      labels,
    ]),
  );
  for (const part of [train, validation])
    for (const { text, label } of part) hash.update(`${label} ${text.length} ${text}\n`);
  return hash.digest("hex");
}

async function attempt(path: string, write: () => Promise<unknown>): Promise<void> {
  await write().catch((error: Error) => {
    throw new UserError(`can't write ${path}: ${error.message}`);
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
