/** The options of `typoproof export`; the work is in runs/export.ts. */
import type { AddCommand } from "../context.js";
import { addCommonOptions, modelOption } from "../options.js";
import type { ExportFlags } from "../runs/export.js";

export const addExport: AddCommand = (program, context) => {
  const command = program
    .command("export")
    .summary("write a model for ONNX Runtime and transformers.js")
    .description(
      "Write a native model as a folder that ONNX Runtime, the tokenizers libraries and transformers.js " +
        "(text-classification) load. The files are tried before they are written.",
    )
    .addOption(modelOption())
    .requiredOption("-o, --output <folder>", "the folder to write")
    .option("--overwrite", "replace an exported model in the output folder");
  addCommonOptions(command);
  command.action(async (flags: ExportFlags) => {
    const { runExport } = await import("../runs/export.js");
    context.exitCode = await runExport(flags, context.io);
  });
};
