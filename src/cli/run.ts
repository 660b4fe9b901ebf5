/**
 * Runs one command line and gives its exit status.
 *
 * Promise: an error is one line on standard error and the right status (1 an error, 2 wrong usage), never a
 * stack trace unless `--debug` is given. A reader that goes away early, as `head` does, is no error.
 */
import { CommanderError } from "commander";
import { UserError } from "../failure.js";
import { ReaderGone } from "../node/output/sinks.js";
import type { Context } from "./context.js";
import type { Io } from "./io.js";
import { buildProgram } from "./program.js";

/** `args` are what follows the program's name. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const context: Context = { io, exitCode: 0 };
  try {
    await buildProgram(context).parseAsync(args, { from: "user" });
    return context.exitCode;
  } catch (error) {
    return report(error, io, args);
  }
}

function report(error: unknown, io: Io, args: readonly string[]): number {
  if (error instanceof ReaderGone) return 0;
  if (error instanceof CommanderError) {
    // Help and version are thrown too, after they were printed; help that was printed as an answer to wrong
    // usage has a status of its own.
    if (error.code === "commander.help") return 2;
    if (error.exitCode === 0) return 0;
    io.stderr.write(`${oneLine(error.message)}\n`);
    return 2;
  }
  io.stderr.write(failureText(error, args));
  return error instanceof UserError ? error.code : 1;
}

/** What standard error says about an error: one line, after the stack trace if `--debug` is given. */
export function failureText(error: unknown, args: readonly string[]): string {
  const debug = isDebug(args);
  const trace = debug && error instanceof Error ? `${error.stack}\n` : "";
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const hint = debug || error instanceof UserError ? "" : " (a defect of this program; --debug shows where)";
  return `${trace}error: ${message}${hint}\n`;
}

function oneLine(message: string): string {
  return message.trim().replace(/\s*[\r\n]+\s*/g, " ");
}

function isDebug(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes("--debug");
}
