/** The entry point of the `typoproof` program: runs the command line of this process. */
import { processIo } from "./io.js";
import { failureText, run } from "./run.js";

/** `argv` as in `process.argv`. Sets the exit status and lets the process end by itself, so that output isn't cut off. */
export async function main(argv: readonly string[]): Promise<void> {
  const args = argv.slice(2);
  process.on("uncaughtException", (error) => {
    process.stderr.write(failureText(error, args));
    process.exit(1);
  });
  // A pipe that is closed early is noticed where something is written to it.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  process.exitCode = await run(args, processIo());
}
