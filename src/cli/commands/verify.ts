/** The options of `typoproof verify`; the work is in runs/verify.ts. */
import type { AddCommand } from "../context.js";
import { addCommonOptions } from "../options.js";
import type { VerifyFlags } from "../runs/verify.js";

export const addVerify: AddCommand = (program, context) => {
  const verify = program
    .command("verify")
    .summary("check saved results again")
    .description(
      "Check every line that `certify --format jsonl` wrote by computing it again. Exits with 1 if one doesn't hold.",
    )
    .argument("<file>", "the saved lines; - reads standard input")
    .option("-m, --model <name or folder>", "the model (default: the one that each line names)")
    .option("--alphabet <file>", "the alphabet file, for lines that were made with one")
    .option("--quiet", "print only what doesn't hold");
  addCommonOptions(verify).action(async (file: string, flags: VerifyFlags) => {
    const { runVerify } = await import("../runs/verify.js");
    context.exitCode = await runVerify(file, flags, context.io);
  });
};
