/**
 * Models from disk: those that ship with the package by name, any other by its folder.
 *
 * Promise: a name of a shipped model means that model wherever the program is started; anything with a path
 * separator, or beginning with ".", is a folder. A folder that isn't a whole model is one UserError.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../failure.js";
import { readModelConfig } from "../model/config.js";
import { readModelFolder } from "../model/folder.js";
import type { NativeModel } from "../model/native.js";
import { packageRoot } from "./package-root.js";

export interface ModelSummary {
  readonly name: string;
  readonly folder: string;
  /** First heading of the model card, or the name where there is none. */
  readonly title: string;
  readonly labels: readonly string[];
  /** Of all its files together. */
  readonly bytes: number;
  /** Text of the model card (README.md), "" where there is none. */
  readonly card: string;
}

/**
 * The shipped model of that name, or else the model in that folder.
 * @throws UserError if there is no such model, listing the shipped ones, or if its files don't make one
 */
export async function loadModel(nameOrFolder: string): Promise<NativeModel> {
  const names = await modelNames();
  if (!isPath(nameOrFolder) && names.includes(nameOrFolder))
    return loadFrom(join(await packagedModels(), nameOrFolder), nameOrFolder);
  if (nameOrFolder === "" || !(await isFolder(nameOrFolder)))
    throw new UserError(
      `no model is called ${JSON.stringify(nameOrFolder)} and there is no such folder; shipped models: ${names.join(", ") || "none"}`,
    );
  return loadFrom(nameOrFolder, basename(resolve(nameOrFolder)));
}

/** The shipped models, by name. */
export async function listModels(): Promise<readonly ModelSummary[]> {
  return Promise.all((await modelNames()).map(summary));
}

async function summary(name: string): Promise<ModelSummary> {
  const folder = join(await packagedModels(), name);
  const config = await readIfThere(join(folder, "config.json"));
  if (config === null) throw new UserError(`${folder} has no config.json`);
  const card = (await readIfThere(join(folder, "README.md")))?.toString("utf8") ?? "";
  return {
    name,
    folder,
    title: /^#[ \t]+(.*\S)/m.exec(card)?.[1] ?? name,
    labels: readModelConfig(config, join(folder, "config.json")).labels,
    bytes: await folderBytes(folder),
    card,
  };
}

function loadFrom(folder: string, name: string): Promise<NativeModel> {
  return readModelFolder((file) => readIfThere(join(folder, file)), sha256, name, folder);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function packagedModels(): Promise<string> {
  return join(await packageRoot(), "models");
}

async function modelNames(): Promise<readonly string[]> {
  const entries = await readdir(await packagedModels(), { withFileTypes: true }).catch(nullIfAbsent);
  return (entries ?? [])
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function isPath(text: string): boolean {
  return /^\.|[\\/]/.test(text);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EPERM") throw new UserError(`can't read ${path}: permission denied`);
    if (code === "EISDIR") throw new UserError(`${path} is a folder; it must be a file`);
    return nullIfAbsent(error);
  }
}

function nullIfAbsent(error: unknown): null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}
