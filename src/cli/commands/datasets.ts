/** The options of `typoproof datasets`; the work is in runs/datasets.ts. */
import { Option } from "commander";
import type { AddCommand } from "../context.js";
import { type ListingFlags, listingFormats } from "../listing.js";
import { addCommonOptions } from "../options.js";

export const addDatasets: AddCommand = (program, context) => {
  const datasets = program
    .command("datasets")
    .summary("list the known data sets, check local copies")
    .description(
      "The data sets that are known by name: where they come from, on what terms, how they are read.",
    );
  const list = datasets
    .command("list", { isDefault: true })
    .description("List the known data sets.")
    .addOption(new Option("-f, --format <format>", "output format").choices(listingFormats).default("table"));
  addCommonOptions(list).action(async (flags: ListingFlags) => {
    const { runListDatasets } = await import("../runs/datasets.js");
    context.exitCode = await runListDatasets(flags, context.io);
  });
  const show = datasets
    .command("show")
    .description("Print a data set's card: source, licence, labels, files.")
    .argument("<name>", "a known data set");
  addCommonOptions(show).action(async (name: string) => {
    const { runShowDataset } = await import("../runs/datasets.js");
    context.exitCode = await runShowDataset(name, context.io);
  });
  const check = datasets
    .command("check")
    .description("Check a local copy against the card: is it the file that the published numbers are about?")
    .argument("<name>", "a known data set")
    .argument("<path>", "a file of the data set, or the folder with its files");
  addCommonOptions(check).action(async (name: string, path: string) => {
    const { runCheckDataset } = await import("../runs/datasets.js");
    context.exitCode = await runCheckDataset(name, path, context.io);
  });
};
