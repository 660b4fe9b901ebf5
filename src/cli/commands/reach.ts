/** The options of `typoproof reach`; the work is in runs/reach.ts. */
import { Option } from "commander";
import type { AddCommand } from "../context.js";
import { addCommonOptions, alphabetOption, editsOption, modelOption } from "../options.js";
import { type ReachCommandFlags, reachFormats } from "../reach-formats.js";

/** More edits than this make supersets of everything. */
const MOST = 10;

export const addReach: AddCommand = (program, context) => {
  const command = program
    .command("reach")
    .summary("show which token changes edits can cause")
    .description(
      "Show, word by word, which tokens the model can come to see after some character edits. The model isn't run.",
    )
    .argument("[texts...]", "the texts; - reads them from standard input, one per line")
    .addOption(modelOption())
    .addOption(editsOption("number of character edits", 1, MOST).default(1))
    .addOption(alphabetOption())
    .addOption(new Option("-f, --format <format>", "output format").choices(reachFormats).default("table"));
  addCommonOptions(command);
  command.action(async (texts: string[], flags: ReachCommandFlags) => {
    if (texts.length === 0 && context.io.stdin.isTTY) return command.help({ error: true });
    const { runReach } = await import("../runs/reach.js");
    context.exitCode = await runReach(texts, flags, context.io);
  });
};
