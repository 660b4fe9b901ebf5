/**
 * Marks in colour for a terminal, plain ones otherwise. NO_COLOR and FORCE_COLOR are obeyed.
 */
import { styleText } from "node:util";
import { type Mark, plainMark } from "../report/mark.js";
import type { Io } from "./io.js";

/** Whether there is colour is decided here, not by what standard output happens to be. */
const style = (format: "red" | "green" | "bold" | "dim", text: string): string =>
  styleText(format, text, { validateStream: false });

const colourMark: Mark = {
  removed: (text) => style("red", plainMark.removed(text)),
  added: (text) => style("green", plainMark.added(text)),
  strong: (text) => style("bold", text),
  faint: (text) => style("dim", text),
};

/** The marks for standard output; `toFile` where the output goes to a file instead. */
export function markFor(io: Io, toFile: boolean): Mark {
  return !toFile && hasColour(io) ? colourMark : plainMark;
}

function hasColour({ env, stdout }: Io): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return stdout.isTTY === true && env.TERM !== "dumb";
}
