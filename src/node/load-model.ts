/**
 * Models from disk: those that ship with the package by name, any other by its folder, those of the hub as `hub:name`.
 *
 * Promise: a name of a shipped model means that model wherever the program is started; anything with a path
 * separator, or beginning with ".", is a folder. A folder that isn't a whole model is one UserError. Nothing is fetched
 * unless a name begins with `hub:`. What runs a sequence model is loaded with the first of them, never before.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { CertifiableModel } from "../certify/certify.js";
import { UserError } from "../failure.js";
import { exportedFrom, NATIVE_TYPES } from "../model/config.js";
import { readLabels } from "../model/encoder-config.js";
import { readModelFolder } from "../model/folder.js";
import { parseJsonObject, shown } from "../model/json.js";
import { LIPSLEV_ARCHITECTURE } from "../model/lipslev-config.js";
import { readLipslevFolder } from "../model/lipslev-folder.js";
import { NativeModel } from "../model/native.js";
import { HUB_NAME, hubFolder } from "./hub.js";
import type { LoadOptions } from "./load-sequence.js";
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

/** A name that begins so is the hub's. */
export const HUB = "hub:";

/**
 * The shipped model of that name, or else the model in that folder; `hub:owner/name` is a model of the hub. The options
 * are for sequence models; native models need none.
 * @throws UserError if there is no such model, listing the shipped ones, or if its files don't make one
 */
export async function loadModel(nameOrFolder: string, options: LoadOptions = {}): Promise<CertifiableModel> {
  const { folder, name } = await findModel(nameOrFolder);
  const files = filesOf(folder);
  const bytes = await files("config.json");
  // Without a config it may be of either kind; a native model's reader says that it is missing.
  if (bytes === null) return readModelFolder(files, sha256, name, folder);
  const config = parseJsonObject(bytes, `${folder}/config.json`);
  if (NATIVE_TYPES.includes(config.model_type)) return readModelFolder(files, sha256, name, folder);
  if (config.architecture === LIPSLEV_ARCHITECTURE) return readLipslevFolder(files, sha256, name, folder);
  const from = exportedFrom(config);
  if (from !== null)
    throw new UserError(
      `${folder} was written by export, for other programs; give the model that it was made from, ${shown(from)}`,
    );
  const { loadSequenceModel } = await import("./load-sequence.js");
  return loadSequenceModel(files, sha256, name, folder, options);
}

/**
 * The same, of a model that must be native and without blocks.
 * @throws UserError also if it isn't
 */
export async function loadNativeModel(nameOrFolder: string): Promise<NativeModel> {
  const { folder, name } = await findModel(nameOrFolder);
  const model = await readModelFolder(filesOf(folder), sha256, name, folder);
  if (model instanceof NativeModel) return model;
  throw new UserError(`${folder} is a model with blocks; allowed here are native models without`);
}

/** The text of the model's card, "" where there is none. */
export async function readCard(nameOrFolder: string): Promise<string> {
  const { folder } = await findModel(nameOrFolder);
  return (await readIfThere(join(folder, "README.md")))?.toString("utf8") ?? "";
}

async function findModel(nameOrFolder: string): Promise<{ readonly folder: string; readonly name: string }> {
  if (nameOrFolder.startsWith(HUB)) {
    const name = nameOrFolder.slice(HUB.length);
    return { folder: await hubFolder(name), name };
  }
  const names = await modelNames();
  if (!isPath(nameOrFolder) && names.includes(nameOrFolder))
    return { folder: join(await packagedModels(), nameOrFolder), name: nameOrFolder };
  if (nameOrFolder !== "" && (await isFolder(nameOrFolder)))
    return { folder: nameOrFolder, name: basename(resolve(nameOrFolder)) };
  const hub = HUB_NAME.test(nameOrFolder) ? `; a model of the hub is ${HUB}${nameOrFolder}` : "";
  throw new UserError(
    `no model is called ${JSON.stringify(nameOrFolder)} and there is no such folder; shipped models: ${names.join(", ") || "none"}${hub}`,
  );
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
    labels: readLabels(parseJsonObject(config, join(folder, "config.json")), join(folder, "config.json")),
    bytes: await folderBytes(folder),
    card,
  };
}

function filesOf(folder: string): (name: string) => Promise<Buffer | null> {
  return (file) => readIfThere(join(folder, file));
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
