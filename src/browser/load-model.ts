/**
 * Models over HTTP, for the browser.
 *
 * Promise: the same folder gives the same model with the same hash as from disk. Nothing but the three files that
 * decide an answer is asked for.
 */

import { UserError } from "../failure.js";
import { type FolderModel, readModelFolder } from "../model/folder.js";

export interface LoadModelFromOptions {
  /** The model's name; by default the last part of the address's path. */
  readonly name?: string;
  readonly signal?: AbortSignal;
  /** What to use instead of the global `fetch`. */
  readonly fetch?: (url: string, init: { signal?: AbortSignal }) => Promise<Response>;
}

/**
 * The model whose files lie under `baseUrl`, with or without a trailing slash.
 * @throws UserError if a file is missing, can't be had or is wrong, or if the page has no `crypto.subtle`; the
 * signal's reason if it is aborted
 */
export async function loadModelFrom(
  baseUrl: string,
  options: LoadModelFromOptions = {},
): Promise<FolderModel> {
  const base = baseUrl.replace(/\/+$/, "");
  const name = options.name ?? base.slice(base.lastIndexOf("/") + 1);
  const get = options.fetch ?? ((url, init) => fetch(url, init));
  const init = options.signal === undefined ? {} : { signal: options.signal };
  const read = async (file: string): Promise<Uint8Array | null> => {
    const url = `${base}/${file}`;
    try {
      const response = await get(url, init);
      if (response.status === 404) return null;
      if (!response.ok)
        throw new UserError(`${url} answered ${response.status} ${response.statusText}`.trimEnd());
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof UserError) throw error;
      throw new UserError(`${url} can't be loaded: ${(error as Error).message}`);
    }
  };
  return readModelFolder(read, sha256, name, base);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (globalThis.crypto?.subtle === undefined)
    throw new UserError(
      "loading a model needs crypto.subtle, which browsers give to https and localhost only",
    );
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
