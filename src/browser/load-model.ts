/**
 * Models over HTTP, for the browser.
 *
 * Promise: the same folder gives the same model with the same hash as from disk. Nothing but the files that decide an
 * answer is asked for; what runs a sequence model is loaded with the first of them, never before.
 */
import type { CertifiableModel } from "../certify/certify.js";
import { UserError } from "../failure.js";
import { NATIVE_TYPES } from "../model/config.js";
import { type FolderModel, readModelFolder } from "../model/folder.js";
import { parseJsonObject } from "../model/json.js";
import { LIPSLEV_ARCHITECTURE } from "../model/lipslev-config.js";
import { readLipslevFolder } from "../model/lipslev-folder.js";
import {
  type FetchOptions,
  fetchedFiles,
  folderAddress,
  givenFiles,
  type ModelSource,
  sha256,
} from "./files.js";
import type { RuntimeOptions } from "./session.js";

export interface LoadModelFromOptions extends FetchOptions {
  /** The model's name; by default the last part of the address's path. */
  readonly name?: string;
}

/**
 * The native model whose files lie under `baseUrl`, with or without a trailing slash.
 * @throws UserError if a file is missing, can't be had or is wrong; the signal's reason if it is aborted
 */
export async function loadModelFrom(
  baseUrl: string,
  options: LoadModelFromOptions = {},
): Promise<FolderModel> {
  const { base, name } = folderAddress(baseUrl);
  return readModelFolder(fetchedFiles(base, options), sha256, options.name ?? name, base);
}

/**
 * The model of any kind that a folder holds.
 * @throws UserError if its files don't make one, or nothing here runs it
 */
export async function loadAnyModel(
  source: ModelSource,
  options: LoadModelFromOptions & RuntimeOptions = {},
): Promise<CertifiableModel> {
  const address = typeof source === "string" ? folderAddress(source) : null;
  const name = options.name ?? address?.name ?? (source as { name: string }).name;
  const where = address?.base ?? name;
  const files = address === null ? givenFiles(source as never) : fetchedFiles(address.base, options);
  const bytes = await files("config.json");
  if (bytes === null)
    throw new UserError(`${where} has no config.json; a model is a folder with config.json and its weights`);
  const config = parseJsonObject(bytes, `${where}/config.json`);
  if (NATIVE_TYPES.includes(config.model_type)) return readModelFolder(files, sha256, name, where);
  if (config.architecture === LIPSLEV_ARCHITECTURE) return readLipslevFolder(files, sha256, name, where);
  const { loadSequenceModel } = await import("./load-sequence.js");
  return loadSequenceModel(files, name, where, options);
}
