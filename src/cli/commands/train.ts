/** The options of `typoproof train`; the work is in runs/train.ts. */
import { Option } from "commander";
import { VOCABULARY_KINDS } from "../../tokenizer/vocabulary.js";
import { TRAIN_DEFAULTS as D } from "../../train/options.js";
import type { AddCommand } from "../context.js";
import { addCommonOptions, addInputOptions, decimal, integer, seconds, share } from "../options.js";
import type { TrainFlags } from "../runs/train.js";

export const addTrain: AddCommand = (program, context) => {
  const command = program
    .command("train")
    .summary("train a classifier that can be certified exactly")
    .description(
      "Train a classifier on labelled texts, made to withstand edits, and save it as a model folder with a card.",
    );
  addInputOptions(command);
  const number = (flags: string, text: string, value: number, parser: (text: string) => number) =>
    command.addOption(new Option(flags, text).default(value).argParser(parser));
  const whole = integer(0, 2 ** 31);

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

  command
    .optionsGroup("Model:")
    .addOption(
      new Option("--kind <kind>", "what a word's tokens are").choices(VOCABULARY_KINDS).default(D.kind),
    );
  number("--min-word-texts <n>", "a word is a token if n texts have it", D.minWordTexts, whole);
  number(
    "--min-pattern-texts <n>",
    "a part of words is a token if n texts have it",
    D.minPatternTexts,
    whole,
  );
  number("--min-pattern <n>", "shortest part of a word, in characters", D.minPattern, whole);
  number("--max-pattern <n>", "longest part of a word", D.maxPattern, whole);
  number(
    "--pattern-evidence <x>",
    "most weight of a part of a word; whole words: 1",
    D.patternEvidence,
    decimal,
  );

  command.optionsGroup("Training:");
  number("--epochs <n>", "passes over the texts", D.epochs, whole);
  number("--batch <n>", "texts per step", D.batch, whole);
  number("--learning-rate <x>", "falls to 0 by the last step", D.learningRate, decimal);
  number(
    "--worst-edits <n>",
    "edits that the adversary makes in the loss; 0: plain training",
    D.worstEdits,
    whole,
  );
  number("--temperature <x>", "scale of the margin in the loss", D.temperature, decimal);
  number("--dropout <share>", "part of a text's words left out at random", D.dropout, share);
  number("--balance <share>", "0: texts weigh the same; 1: labels do", D.balance, share);
  number("--average <n>", "models of different seeds, averaged into one", D.average, whole);
  number("--seed <n>", "equal seeds give equal models", D.seed, integer(0, 2 ** 32 - 1));
  number("-k, --edits <n>", "choose the epoch by certified accuracy at this many edits", D.chooseAt, whole);

  command
    .optionsGroup("Output:")
    .requiredOption("-o, --output <folder>", "the model folder to write")
    .option("--overwrite", "replace the model in the output folder")
    .option("--title <text>", "first line of the model card")
    .option("--log <file>", "one JSON line per epoch")
    .option("--resume", "continue the interrupted run with this output")
    .option("--time-limit <seconds>", "stop after the epoch in which this much time has passed", seconds)
    .option("--no-progress", "no progress bar");
  addCommonOptions(command);
  command.action(async (flags: TrainFlags) => {
    const { runTrain } = await import("../runs/train.js");
    context.exitCode = await runTrain(flags, context.io, program.args);
  });
};
