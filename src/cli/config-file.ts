/**
 * Options from a JSON file: `--config options.json` with {"blocks": 1, "block-rate": 0.002, "test": ["a.csv"]}.
 *
 * Promise: a key is the name of a flag without its dashes, or in the form that a model's config.json has it (blockRate); what isn't
 * one is an error. A value is checked as the flag's own is. Flags on the command line win.
 */
import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { UserError } from "../failure.js";

export interface Configured {
  /** What the file says, without what the command line overrides, as flags. */
  asArguments(): string[];
}

/** Options that a file can't hold. */
const REFUSED: readonly string[] = ["config", "help"];
const SOURCE = "config";

/** Makes `command` take up the file when it meets its option --config. */
export function readConfig(command: Command): Configured {
  const given = new Map<Option, unknown>();
  command.on("option:config", (path: string) => {
    for (const [key, value] of Object.entries(parsed(path))) {
      const option = command.options.find((one) => one.attributeName() === camelCase(key));
      if (option === undefined || REFUSED.includes(option.attributeName()))
        throw new UserError(
          `${path}: no option is called ${JSON.stringify(key)}; allowed are the flags of \`${command.name()} --help\` without their dashes`,
          2,
        );
      if (command.getOptionValueSource(option.attributeName()) === "cli") continue;
      command.setOptionValueWithSource(option.attributeName(), checked(path, key, option, value), SOURCE);
      given.set(option, value);
    }
  });
  // What a list has on the command line replaces the file's instead of going on from it.
  const events = command as unknown as EventEmitter;
  for (const option of command.options.filter((one) => one.variadic))
    events.prependListener(`option:${option.name()}`, () => {
      if (command.getOptionValueSource(option.attributeName()) === SOURCE)
        command.setOptionValueWithSource(option.attributeName(), undefined, "default");
    });
  return {
    asArguments: () =>
      [...given].flatMap(([option, value]) =>
        command.getOptionValueSource(option.attributeName()) === SOURCE ? flagOf(option, value) : [],
      ),
  };
}

function parsed(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`can't read the config ${path}: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${path} must hold an object of options, as in {"epochs": 4}`);
  return value;
}

function checked(path: string, key: string, option: Option, value: unknown): unknown {
  const refuse = (allowed: string): never => {
    throw new UserError(`${path}: ${key} is ${JSON.stringify(value)}; ${allowed}`, 2);
  };
  if (!option.required) return typeof value === "boolean" ? value : refuse("allowed is true or false");
  if (option.variadic) {
    const fine = Array.isArray(value) && value.every((one) => typeof one === "string");
    return fine ? value : refuse("allowed is a list of strings");
  }
  if (typeof value !== "string" && typeof value !== "number")
    return refuse("allowed is a number or a string");
  try {
    return option.parseArg === undefined ? String(value) : option.parseArg(String(value), undefined as never);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return refuse(`${error.message[0]!.toLowerCase()}${error.message.slice(1).replace(/\.$/, "")}`);
  }
}

function flagOf(option: Option, value: unknown): string[] {
  if (typeof value === "boolean") return value === option.negate ? [] : [option.long!];
  return [option.long!, ...(Array.isArray(value) ? value : [String(value)])];
}

function camelCase(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
