/**
 * Where finished lines go: a file or a stream.
 *
 * Promise: each piece handed in is written before the next one is taken (so a slow reader slows the run down
 * and memory stays flat), and pieces of a file go to the system at once, so that a kill loses at most the
 * piece being written.
 */
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { UserError } from "../../failure.js";

export interface Sink {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Thrown when the reader at the other end of a pipe has gone away, which is no error of this program. */
export class ReaderGone extends Error {
  constructor() {
    super("the reader of the output has gone away");
    this.name = "ReaderGone";
  }
}

/** Opens a file for writing: emptied first, or kept and continued. */
export async function fileSink(path: string, options: { readonly append?: boolean } = {}): Promise<Sink> {
  const failed = (error: unknown): UserError =>
    new UserError(
      `can't write ${path}: ${reasonOf(error)}; allowed is a file in an existing, writable folder`,
    );
  const file = await open(path, options.append ? "a" : "w").catch((error: unknown) => {
    throw failed(error);
  });
  return {
    async write(text) {
      let rest: Uint8Array = Buffer.from(text);
      while (rest.length > 0) {
        const { bytesWritten } = await file.write(rest).catch((error: unknown) => {
          throw failed(error);
        });
        rest = rest.subarray(bytesWritten);
      }
    },
    close: () => file.close(),
  };
}

/** Writes to a stream that is already open, such as standard output; closing leaves it open. */
export function streamSink(stream: Writable): Sink {
  let failure: Error | null = null;
  const remember = (error: Error): void => {
    failure ??= (error as NodeJS.ErrnoException).code === "EPIPE" ? new ReaderGone() : error;
  };
  stream.on("error", remember);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        if (text === "") return resolve();
        stream.write(text, (error) => {
          if (error) remember(error);
          if (failure !== null) reject(failure);
          else resolve();
        });
      }),
    close: async () => {
      stream.off("error", remember);
      // A late EPIPE must not become an uncaught error.
      stream.on("error", () => {});
    },
  };
}

/** What the system said, without the call and the path. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: "the folder doesn't exist",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is not a folder",
    EROFS: "the file system is read-only",
    ENOSPC: "no space left",
  };
  return known[code ?? ""] ?? message;
}
