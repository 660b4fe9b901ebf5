/**
 * The command line as a tree of commands and options.
 *
 * Promise: unknown commands and options are refused, with the nearest known one; building the tree and
 * printing help load no model. A command is one file in `commands/` and one entry in `COMMANDS`.
 */
import { Command } from "commander";
import { addAttack } from "./commands/attack.js";
import { addCertify } from "./commands/certify.js";
import { addDatasets } from "./commands/datasets.js";
import { addDemo } from "./commands/demo.js";
import { addEvaluate } from "./commands/evaluate.js";
import { addExport } from "./commands/export.js";
import { addInspect } from "./commands/inspect.js";
import { addModels } from "./commands/models.js";
import { addPredict } from "./commands/predict.js";
import { addReach } from "./commands/reach.js";
import { addTrain } from "./commands/train.js";
import { addVerify } from "./commands/verify.js";
import type { AddCommand, Context } from "./context.js";
import { version } from "./version.js";

const COMMANDS: readonly AddCommand[] = [
  addCertify,
  addAttack,
  addReach,
  addInspect,
  addPredict,
  addEvaluate,
  addTrain,
  addVerify,
  addExport,
  addModels,
  addDatasets,
  addDemo,
];

const EXAMPLES = `
Examples:
  typoproof certify "Free entry in 2 a wkly comp to win FA Cup final tkts"
  typoproof certify --edits 3 --input messages.csv --text-column body --output results.jsonl
  typoproof evaluate --dataset sms-spam:test --data path/to/data
  typoproof verify results.jsonl

Exit status: 0 fine, 1 error, 2 wrong usage, 3 a --min-radius or --min-certified-accuracy gate not met.`;

export function buildProgram(context: Context): Command {
  const { io } = context;
  const program = new Command("typoproof")
    .description("Proves that a text classifier keeps its answer under every change of at most k characters.")
    .version(version(), "-V, --version", "print the version")
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => helpWidth(io.stdout.columns),
      getErrHelpWidth: () => helpWidth(io.stderr.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      // Errors are thrown and printed in one place, on one line.
      outputError: () => {},
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, context);
  return program;
}

/** The same width in a pipe as in a terminal of usual size, never too wide to read. */
function helpWidth(columns: number | undefined): number {
  return Math.min(Math.max(columns ?? 100, 60), 100);
}
