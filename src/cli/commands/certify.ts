/** The options of `typoproof certify`; the work is in runs/certify.ts. */
import { resultFormats } from "../../report/format-names.js";
import type { AddCommand } from "../context.js";
import {
  addCertifyOptions,
  addCommonOptions,
  addGateOptions,
  addInputOptions,
  addOutputOptions,
  addRunOptions,
  modelOption,
  nothingToRead,
} from "../options.js";
import type { CertifyCommandFlags } from "../runs/certify.js";

export const addCertify: AddCommand = (program, context) => {
  const command = program
    .command("certify")
    .summary("prove how many character edits predictions withstand")
    .description(
      "Prove how many character edits the prediction for each text withstands, and show the shortest change that breaks it.",
    )
    .argument("[texts...]", "the texts; - reads them from standard input, one per line")
    .addOption(modelOption());
  addCertifyOptions(command);
  addInputOptions(command);
  addOutputOptions(command, resultFormats);
  addRunOptions(command);
  addGateOptions(command);
  addCommonOptions(command);
  command.action(async (texts: string[], flags: CertifyCommandFlags) => {
    if (nothingToRead(texts, flags, context.io.stdin)) return command.help({ error: true });
    const { runCertify } = await import("../runs/certify.js");
    context.exitCode = await runCertify(texts, flags, context.io);
  });
};
