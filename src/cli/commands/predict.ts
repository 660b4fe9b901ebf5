/** The options of `typoproof predict`; the work is in runs/predict.ts. */
import type { AddCommand } from "../context.js";
import {
  addCommonOptions,
  addInputOptions,
  addOutputOptions,
  addRunOptions,
  modelOption,
  nothingToRead,
} from "../options.js";
import type { PredictCommandFlags } from "../runs/predict.js";

export const addPredict: AddCommand = (program, context) => {
  const command = program
    .command("predict")
    .summary("label texts, without proof")
    .description("Label each text with the model's answer. Nothing is proven.")
    .argument("[texts...]", "the texts; - reads them from standard input, one per line")
    .addOption(modelOption());
  addInputOptions(command);
  addOutputOptions(command);
  addRunOptions(command);
  addCommonOptions(command);
  command.action(async (texts: string[], flags: PredictCommandFlags) => {
    if (nothingToRead(texts, flags, context.io.stdin)) return command.help({ error: true });
    const { runPredict } = await import("../runs/predict.js");
    context.exitCode = await runPredict(texts, flags, context.io);
  });
};
