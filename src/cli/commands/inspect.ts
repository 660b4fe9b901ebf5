/** The options of `typoproof inspect`; the work is in runs/inspect.ts. */
import { Option } from "commander";
import type { AddCommand } from "../context.js";
import { type InspectCommandFlags, inspectFormats } from "../inspect-formats.js";
import {
  addCommonOptions,
  addInputOptions,
  alphabetOption,
  integer,
  modelOption,
  nothingToRead,
  seconds,
} from "../options.js";

export const addInspect: AddCommand = (program, context) => {
  const command = program
    .command("inspect")
    .summary("show what each layer contributes to the bound of one edit")
    .description(
      "Show, layer by layer and place by place, what one edit can take from the margin of a prediction, and what would have to change for it to be certified.",
    )
    .argument("[texts...]", "the texts; - reads them from standard input, one per line")
    .addOption(modelOption())
    .optionsGroup("Bound:")
    .addOption(alphabetOption())
    .addOption(
      new Option(
        "--exact-blocks <n>",
        "encoders: compute the first n blocks on each changed text (default: all but the last)",
      ).argParser(integer(0, Number.MAX_SAFE_INTEGER)),
    )
    .option("--time-limit <seconds>", "stop looking after this long per text", seconds)
    .addOption(
      new Option(
        "--queries <n>",
        "most token sequences to bound or run per text (default: no limit)",
      ).argParser(integer(1, Number.MAX_SAFE_INTEGER)),
    );
  addInputOptions(command);
  command
    .optionsGroup("Output:")
    .addOption(
      new Option(
        "-f, --format <format>",
        "output format (default: by the output's name, else table)",
      ).choices(inspectFormats),
    )
    .option("-o, --output <file>", "write to a file instead of standard output");
  addCommonOptions(command);
  command.action(async (texts: string[], flags: InspectCommandFlags) => {
    if (nothingToRead(texts, flags, context.io.stdin)) return command.help({ error: true });
    const { runInspect } = await import("../runs/inspect.js");
    context.exitCode = await runInspect(texts, flags, context.io);
  });
};
