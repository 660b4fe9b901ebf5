/**
 * What the command line may touch of the process, so that it can run inside a test or another program.
 */
import type { Readable, Writable } from "node:stream";

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Io {
  readonly stdin: Readable & Pick<Terminal, "isTTY">;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable & Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back when the user asks to stop; what comes back takes the callback off again. */
  onInterrupt(callback: () => void): () => void;
}

/** The real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(callback) {
      process.on("SIGINT", callback);
      return () => process.off("SIGINT", callback);
    },
  };
}
