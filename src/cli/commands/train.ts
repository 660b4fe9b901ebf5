/** The options of `typoproof train`; the work is in runs/train/. */
import { Option } from "commander";
import { readConfig } from "../config-file.js";
import type { AddCommand } from "../context.js";
import { addCommonOptions, addInputOptions, integer, seconds, share } from "../options.js";
import type { TrainFlags } from "../runs/train/flags.js";
import { trainingGroups } from "../training-flags.js";

export const addTrain: AddCommand = (program, context) => {
  const command = program
    .command("train")
    .summary("train a classifier that can be certified")
    .description(
      "Train a classifier on labelled texts, made to withstand edits, and save it as a model folder with a card.",
    );
  addInputOptions(command);
  command
    .optionsGroup("Held-out texts:")
    .addOption(
      new Option("--validation <share>", "part of the texts to hold out, to choose the epoch by")
        .default(0.1)
        .argParser(share),
    )
    .option("--validation-words <n>", "hold out only texts of at least n words", integer(0, 1000), 0)
    .option(
      "--exclude <input...>",
      "leave out texts that nearly repeat one of these: files, or data sets as name:split",
    )
    .option("--test <input...>", "measure accuracy on these when done, for the model card");
  for (const { title, options } of trainingGroups()) {
    command.optionsGroup(title);
    for (const option of options) command.addOption(option);
  }
  command
    .optionsGroup("Output:")
    .requiredOption("-o, --output <folder>", "the model folder to write")
    .option("--overwrite", "replace the model in the output folder")
    .option("--title <text>", "first line of the model card")
    .option("--log <file>", "one JSON line per epoch")
    .option("--resume", "continue the interrupted run with this output")
    .option("--time-limit <seconds>", "stop after the epoch in which this much time has passed", seconds)
    .option("--no-progress", "no progress bar");
  addCommonOptions(command).option("--config <file>", "options from a JSON file; flags given here win");
  const configured = readConfig(command);
  command.action(async (flags: TrainFlags) => {
    const { runTrain } = await import("../runs/train/run.js");
    context.exitCode = await runTrain(flags, context.io, [...program.args, ...configured.asArguments()]);
  });
};
