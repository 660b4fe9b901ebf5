/** The options of `typoproof verify`; the work is in runs/verify.ts. */
import type { AddCommand } from "../context.js";
import { addCommonOptions, seconds } from "../options.js";
import type { VerifyFlags } from "../runs/verify.js";

export const addVerify: AddCommand = (program, context) => {
  const verify = program
    .command("verify")
    .summary("check saved certificates again")
    .description(
      "Check every certificate that certify wrote as json or jsonl: that no bit was changed, and, by computing them " +
        "again, that its claims are true. Exits with 1 if one doesn't hold.",
    )
    .argument("<file>", "the saved certificates; - reads standard input")
    .option("-m, --model <name or folder>", "the model (default: the one that each certificate names)")
    .option("--alphabet <file>", "the alphabet file, for certificates that were made with one")
    .option("--time-limit <seconds>", "give up on a search after this long (default: 60)", seconds)
    .option("--quiet", "print only what doesn't hold");
  addCommonOptions(verify).action(async (file: string, flags: VerifyFlags) => {
    const { runVerify } = await import("../runs/verify.js");
    context.exitCode = await runVerify(file, flags, context.io);
  });
};
