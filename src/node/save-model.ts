/**
 * A model to disk.
 *
 * Promise: at no moment does the folder hold a mixture of files that loads. Everything is first written aside, in
 * `.part-...` within the folder; then files are renamed into place, while there is no config.json, which comes last.
 * (Folders aren't renamed: one may be the working directory, or a link.) What isn't a model's is never touched.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../failure.js";
import {
  type FolderWeights,
  type ModelFolderMeta,
  WRITTEN_FILES,
  writeModelFolder,
} from "../model/folder.js";
import { utf8Encode } from "../text/utf8.js";

const CARD = "README.md";
const PART = ".part-";
/** Without this file nothing loads. */
const LAST = "config.json";
/** All that a model folder may hold and that overwriting it therefore replaces. */
const MODEL_ENTRIES = new Set([...WRITTEN_FILES, CARD, "onnx"]);

/**
 * Writes a model folder, with `card` as its README.md.
 * @throws UserError if the folder isn't empty (with `overwrite`: if it holds anything that isn't a model's), if
 * the place can't be written, or if the weights make no model
 */
export async function saveModel(
  folder: string,
  weights: FolderWeights,
  meta: ModelFolderMeta = {},
  card?: string,
  options: { readonly overwrite?: boolean } = {},
): Promise<void> {
  const files = writeModelFolder(weights, meta);
  if (card !== undefined) files.set(CARD, utf8Encode(card));
  try {
    const stale = await entriesToReplace(folder, options.overwrite ?? false);
    const part = join(folder, `${PART}${randomBytes(6).toString("hex")}`);
    await mkdir(part, { recursive: true });
    try {
      for (const [name, bytes] of files) await writeFile(join(part, name), bytes);
      await rm(join(folder, LAST), { force: true });
      for (const name of stale) await rm(join(folder, name), { recursive: true, force: true });
      for (const name of [...files.keys()].filter((name) => name !== LAST).concat(LAST))
        await rename(join(part, name), join(folder, name));
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  } catch (error) {
    throw writeError(folder, error);
  }
}

/** What stands in the folder now and may be replaced. */
async function entriesToReplace(folder: string, overwrite: boolean): Promise<readonly string[]> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length > 0 && !overwrite)
    throw new UserError(`${folder} isn't empty; give another folder or allow overwriting`);
  const foreign = entries.find((name) => !MODEL_ENTRIES.has(name) && !name.startsWith(PART));
  if (foreign !== undefined)
    throw new UserError(`${folder} holds ${foreign}, which is no file of a model; give another folder`);
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
