/**
 * The options that commands share, each checked at the door: what comes out has the type it says.
 *
 * Nothing here loads a model, a data set or a format, so `--help` stays quick.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { MethodName } from "../certify/certify.js";
import { UserError } from "../failure.js";
import type { InputFormat } from "../node/input/format.js";
import { formats, type ResultFormat } from "../report/format-names.js";

export const METHOD_NAMES: readonly MethodName[] = ["auto", "exact", "lipschitz", "enumerate", "attack"];
export const INPUT_FORMAT_NAMES: readonly InputFormat[] = ["csv", "tsv", "jsonl", "txt"];
export const MOST_EDITS = 1000;

export interface CommonOptions {
  readonly debug?: boolean;
}

export interface InputFlags {
  readonly input?: string;
  readonly inputFormat?: InputFormat;
  readonly dataset?: string;
  readonly data?: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  /** False with `--no-header`. */
  readonly header: boolean;
  readonly labels?: string;
  readonly offset?: number;
  readonly limit?: number;
}

export interface CertifyFlags {
  readonly model: string;
  readonly edits: number;
  readonly method: MethodName;
  readonly alphabet?: string;
  readonly timeLimit?: number;
  readonly queries?: number;
  readonly seed?: number;
}

export interface RunFlags {
  readonly jobs: number | "auto";
  /** False with `--no-progress`. */
  readonly progress: boolean;
}

export interface GateFlags {
  readonly minRadius?: number;
  readonly minCertifiedAccuracy?: number;
}

export const modelOption = (): Option =>
  new Option("-m, --model <name or folder>", "shipped model or model folder").default("sms-spam");

export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup("Other:")
    .helpOption("-h, --help", "show this help")
    .option("--debug", "show the stack trace of an error");
}

export function addInputOptions(command: Command): Command {
  return command
    .optionsGroup("Input:")
    .option("-i, --input <file>", "read texts from a csv, tsv, jsonl or txt file; - reads standard input")
    .addOption(
      new Option("--input-format <format>", "format of the input (default: by its name; txt for -)").choices(
        INPUT_FORMAT_NAMES,
      ),
    )
    .option("--dataset <name[:split]>", "read a data set with a card (see `typoproof datasets`)")
    .option("--data <folder>", "where the data sets' files are (default: $TYPOPROOF_DATA, else data)")
    .option("--text-column <column>", "name or number from 1; 2,3 joins columns with a space")
    .option("--label-column <column>", "name or number from 1")
    .option("--no-header", "the first row is data, not column names")
    .option("--labels <map>", "what the labels in the input mean, as in 0=ham,1=spam")
    .option("--offset <n>", "skip the first n rows", integer(0, Number.MAX_SAFE_INTEGER))
    .option("--limit <n>", "read at most n rows", integer(0, Number.MAX_SAFE_INTEGER));
}

/** Whether there is nothing to read: no texts, no input, and nobody who pipes any in. Then help is what is wanted. */
export function nothingToRead(
  texts: readonly string[],
  flags: Pick<InputFlags, "input" | "dataset">,
  stdin: { readonly isTTY?: boolean },
): boolean {
  return (
    texts.length === 0 && flags.input === undefined && flags.dataset === undefined && stdin.isTTY === true
  );
}

export function addCertifyOptions(command: Command): Command {
  return command
    .optionsGroup("Proof:")
    .addOption(editsOption("largest number of character edits to try", 0, MOST_EDITS).default(2))
    .addOption(new Option("--method <id>", "how to prove").choices(METHOD_NAMES).default("auto"))
    .addOption(alphabetOption())
    .option("--time-limit <seconds>", "give up on a text after this long (verdict: unknown)", seconds)
    .addOption(
      queriesOption(
        "most token sequences to run the model on per text (default: 2000 for attack, else no limit)",
      ),
    )
    .addOption(seedOption("for attack, which draws at random"));
}

/** The part of `CertifyFlags` that an attack has; its method is settled. */
export function addAttackOptions(command: Command): Command {
  return command
    .optionsGroup("Attack:")
    .addOption(editsOption("largest number of character edits to make", 1, MOST_EDITS).default(10))
    .addOption(alphabetOption())
    .option("--time-limit <seconds>", "stop looking after this long per text", seconds)
    .addOption(queriesOption("most token sequences to run the model on per text (default: 2000)"))
    .addOption(seedOption("what is drawn at random (default: 0)"));
}

export const editsOption = (description: string, least: number, most: number): Option =>
  new Option("-k, --edits <n>", description).argParser(integer(least, most));

export const alphabetOption = (): Option =>
  new Option(
    "--alphabet <name or file>",
    "what may be typed: unicode, ascii, model, or a file (default: unicode for native models, ascii for others)",
  );

const queriesOption = (description: string): Option =>
  new Option("--queries <n>", description).argParser(integer(1, Number.MAX_SAFE_INTEGER));

const seedOption = (description: string): Option =>
  new Option("--seed <n>", description).argParser(integer(0, 2 ** 32 - 1));

export function addRunOptions(command: Command): Command {
  return command
    .optionsGroup("Run:")
    .addOption(
      new Option("-j, --jobs <n>", "worker threads")
        .default("auto", "1 for few texts, else one per core")
        .argParser(jobs),
    )
    .option("--no-progress", "no progress bar");
}

export function addOutputOptions(command: Command, choices: readonly ResultFormat[] = formats): Command {
  return command
    .optionsGroup("Output:")
    .addOption(new Option("-f, --format <format>", "output format").choices(choices))
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("--resume", "continue the interrupted run that wrote --output (jsonl)");
}

export function addGateOptions(command: Command): Command {
  return command
    .optionsGroup("Gates:")
    .option(
      "--min-radius <n>",
      "exit with 3 unless every text is certified for n edits",
      integer(0, MOST_EDITS),
    )
    .option(
      "--min-certified-accuracy <share>",
      "exit with 3 unless certified accuracy at --edits is at least this, 0 to 1",
      share,
    );
}

/** A gate above what is tried could never be met. */
export function checkGates(flags: GateFlags & { readonly edits: number }): void {
  if (flags.minRadius !== undefined && flags.minRadius > flags.edits) {
    throw new UserError(
      `--min-radius is ${flags.minRadius}, but only ${flags.edits} edits are tried; allowed is 0 to ${flags.edits}, or a larger --edits`,
      2,
    );
  }
}

export function integer(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^[+-]?\d+$/.test(value) || number < least || number > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Allowed is an integer ${range}.`);
    }
    return number;
  };
}

const DECIMAL = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function share(value: string): number {
  const number = Number(value);
  if (!DECIMAL.test(value) || number > 1) throw new InvalidArgumentError("Allowed is a number from 0 to 1.");
  return number;
}

export function decimal(value: string): number {
  if (!DECIMAL.test(value)) throw new InvalidArgumentError("Allowed is a number, 0 or more.");
  return Number(value);
}

/** The longest time limit, in seconds: about 11 days. */
const LONGEST = 1e6;

export function seconds(value: string): number {
  const number = Number(value);
  if (!DECIMAL.test(value) || number === 0 || number > LONGEST) {
    throw new InvalidArgumentError(`Allowed is a number of seconds above 0, at most ${LONGEST}.`);
  }
  return number;
}

export function jobs(value: string): number | "auto" {
  return value === "auto" ? value : integer(1, 256)(value);
}
