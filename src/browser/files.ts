/**
 * The files of a model folder, from wherever a page can have them: an address, files that a user dropped, bytes in memory.
 *
 * Promise: a file is asked for when it is needed, once at a time; one that isn't there is null, anything else that goes
 * wrong is one UserError. A source is plain data, so it can be sent to a worker.
 */
import { UserError } from "../failure.js";
import { sha256 as plainSha256 } from "../text/sha256.js";

/** Files by path within the folder, such as `config.json` and `onnx/model.onnx`. */
export interface FolderFiles {
  readonly name: string;
  readonly files: ReadonlyMap<string, Blob | Uint8Array>;
}

/** The address of a folder, or its files. */
export type ModelSource = string | FolderFiles;

export type ReadFile = (name: string) => Promise<Uint8Array | null>;

export interface FetchOptions {
  readonly signal?: AbortSignal;
  /** What to use instead of the global `fetch`. */
  readonly fetch?: (url: string, init: { signal?: AbortSignal }) => Promise<Response>;
}

/** The folder's address without slashes at its end, and its last part. */
export function folderAddress(url: string): { readonly base: string; readonly name: string } {
  const base = url.replace(/\/+$/, "");
  return { base, name: base.slice(base.lastIndexOf("/") + 1) };
}

export function fetchedFiles(base: string, options: FetchOptions = {}): ReadFile {
  const get = options.fetch ?? ((url, init) => fetch(url, init));
  const init = options.signal === undefined ? {} : { signal: options.signal };
  return async (file) => {
    const url = `${base}/${file}`;
    try {
      const response = await get(url, init);
      // Some hosts answer with a page, and no error, where a file isn't there.
      const page = /^text\/html\b/.test(response.headers.get("content-type") ?? "");
      if (response.status === 404 || (response.ok && page)) return null;
      if (!response.ok)
        throw new UserError(`${url} answered ${response.status} ${response.statusText}`.trimEnd());
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof UserError) throw error;
      throw new UserError(`${url} can't be loaded: ${(error as Error).message}`);
    }
  };
}

export function givenFiles({ name, files }: FolderFiles): ReadFile {
  return async (file) => {
    const found = files.get(file);
    if (found === undefined) return null;
    if (found instanceof Uint8Array) return found;
    try {
      return new Uint8Array(await found.arrayBuffer());
    } catch (error) {
      throw new UserError(`${name}/${file} can't be read: ${(error as Error).message}`);
    }
  };
}

/** In lower-case hexadecimal. Browsers give `crypto.subtle` to https and localhost only. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) return plainSha256(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
