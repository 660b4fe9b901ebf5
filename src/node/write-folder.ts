/**
 * A folder of files to disk, as one.
 *
 * Promise: at no moment does the folder hold a mixture of files that loads. Everything is first written aside, in
 * `.part-...` within the folder; then files are renamed into place, while there is no config.json, which comes last.
 * (Folders aren't renamed but those within: one may be the working directory, or a link.) What isn't to be replaced is never touched.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../failure.js";

const PART = ".part-";
/** Without this file nothing loads. */
const LAST = "config.json";

export interface WriteFolderOptions {
  /** Whether what is there already is replaced. */
  readonly overwrite?: boolean;
  /** All that overwriting may replace: entries of the folder. */
  readonly replaceable: ReadonlySet<string>;
  /** What these are entries of, for the message about any other: "a model". */
  readonly what: string;
}

/**
 * @param files by name, with "/" for a folder within
 * @throws UserError if the folder isn't empty (with `overwrite`: if it holds anything that isn't replaceable), or if
 * the place can't be written
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: WriteFolderOptions,
): Promise<void> {
  try {
    const stale = await entriesToReplace(folder, options);
    const part = join(folder, `${PART}${randomBytes(6).toString("hex")}`);
    await mkdir(part, { recursive: true });
    try {
      for (const [name, bytes] of files) {
        await mkdir(dirname(join(part, name)), { recursive: true });
        await writeFile(join(part, name), bytes);
      }
      await rm(join(folder, LAST), { force: true });
      for (const name of stale) await rm(join(folder, name), { recursive: true, force: true });
      const entries = new Set([...files.keys()].map((name) => name.split("/")[0]!));
      for (const name of [...entries].filter((name) => name !== LAST).concat(LAST))
        await rename(join(part, name), join(folder, name));
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  } catch (error) {
    throw writeError(folder, error);
  }
}

/** What stands in the folder now and may be replaced. */
async function entriesToReplace(
  folder: string,
  { overwrite = false, replaceable, what }: WriteFolderOptions,
): Promise<readonly string[]> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length > 0 && !overwrite)
    throw new UserError(`${folder} isn't empty; give another folder or allow overwriting`);
  const foreign = entries.find((name) => !replaceable.has(name) && !name.startsWith(PART));
  if (foreign !== undefined)
    throw new UserError(`${folder} holds ${foreign}, which is no file of ${what}; give another folder`);
  return entries;
}

function writeError(folder: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOTDIR" || code === "EEXIST")
    return new UserError(`${folder} is a file or lies in one; give a folder`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new UserError(`can't write ${folder}: permission denied`);
  if (code === "ENOSPC") return new UserError(`can't write ${folder}: no space left`);
  return error;
}
