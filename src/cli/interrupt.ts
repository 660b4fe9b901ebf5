/**
 * Ctrl-C: the first one ends the run after the text at hand, a second one at once.
 */
import type { Io } from "./io.js";

/** Exit status of a program that was interrupted: 128 + SIGINT. */
export const INTERRUPTED = 130;

export interface Interrupt {
  readonly aborted: boolean;
  /** Takes the handler off again. */
  release(): void;
}

export function watchInterrupt(io: Io): Interrupt {
  let aborted = false;
  const release = io.onInterrupt(() => {
    if (aborted) process.exit(INTERRUPTED);
    aborted = true;
  });
  return {
    get aborted() {
      return aborted;
    },
    release,
  };
}
