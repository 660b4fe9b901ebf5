/** The options of `typoproof models`; the work is in runs/models.ts. */
import { Option } from "commander";
import type { AddCommand } from "../context.js";
import { type ListingFlags, listingFormats } from "../listing.js";
import { addCommonOptions } from "../options.js";

export const addModels: AddCommand = (program, context) => {
  const models = program
    .command("models")
    .summary("list the shipped models")
    .description("The shipped models.");
  const list = models
    .command("list", { isDefault: true })
    .description("List the shipped models.")
    .addOption(new Option("-f, --format <format>", "output format").choices(listingFormats).default("table"));
  addCommonOptions(list).action(async (flags: ListingFlags) => {
    const { runListModels } = await import("../runs/models.js");
    context.exitCode = await runListModels(flags, context.io);
  });
  const show = models
    .command("show")
    .description("Print a model's card.")
    .argument("<name>", "a shipped model");
  addCommonOptions(show).action(async (name: string) => {
    const { runShowModel } = await import("../runs/models.js");
    context.exitCode = await runShowModel(name, context.io);
  });
};
