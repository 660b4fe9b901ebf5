/** What a command gets to know besides its own options: the process, and where to leave its exit status. */
import type { Io } from "./io.js";

export interface Context {
  readonly io: Io;
  /** The exit status once the action is over. */
  exitCode: number;
}

/** Adds one command to the program; one per file in `commands/`. */
export type AddCommand = (program: import("commander").Command, context: Context) => void;
