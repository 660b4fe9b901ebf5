/** The options of `typoproof evaluate`; the work is in runs/evaluate.ts. */
import { Option } from "commander";
import { evaluationFormats } from "../../report/format-names.js";
import type { AddCommand } from "../context.js";
import {
  addCertifyOptions,
  addCommonOptions,
  addGateOptions,
  addInputOptions,
  addRunOptions,
  modelOption,
} from "../options.js";
import type { EvaluateCommandFlags } from "../runs/evaluate.js";

export const addEvaluate: AddCommand = (program, context) => {
  const command = program
    .command("evaluate")
    .summary("measure clean, certified and attacked accuracy")
    .description("Measure accuracy on labelled texts: as they are, proven, and attacked, by number of edits.")
    .addOption(modelOption());
  addCertifyOptions(command);
  addInputOptions(command)
    .optionsGroup("Output:")
    .addOption(new Option("-f, --format <format>", "format of the summary").choices(evaluationFormats))
    .option("-o, --output <file>", "write the summary to a file instead of standard output")
    .option("--lines <file>", "write one JSON line per text to a file, as `certify --format jsonl` does")
    .option("--resume", "continue the interrupted run that wrote --lines");
  addRunOptions(command);
  addGateOptions(command);
  addCommonOptions(command);
  command.action(async (flags: EvaluateCommandFlags) => {
    const { runEvaluate } = await import("../runs/evaluate.js");
    context.exitCode = await runEvaluate(flags, context.io);
  });
};
