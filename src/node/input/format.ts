/**
 * Which format an input has: the one given, else the one its name ends in.
 *
 * Promise: the content is never sniffed, so the same name always gives the same reader.
 */
import { extname } from "node:path";
import { UserError } from "../../failure.js";

export const INPUT_FORMATS = ["csv", "tsv", "jsonl", "txt"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

const BY_EXTENSION: ReadonlyMap<string, InputFormat> = new Map([
  [".csv", "csv"],
  [".tsv", "tsv"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".txt", "txt"],
]);

/** Standard input ("-") is plain text unless said otherwise. */
export function inputFormat(path: string, given?: string): InputFormat {
  if (given !== undefined) {
    if ((INPUT_FORMATS as readonly string[]).includes(given)) return given as InputFormat;
    throw new UserError(`input format ${JSON.stringify(given)} is none of ${INPUT_FORMATS.join(", ")}`, 2);
  }
  if (path === "-") return "txt";
  const format = BY_EXTENSION.get(extname(path).toLowerCase());
  if (format !== undefined) return format;
  throw new UserError(
    `can't tell the format of ${path} from its name (${[...BY_EXTENSION.keys()].join(", ")}); give --input-format ${INPUT_FORMATS.join("|")}`,
    2,
  );
}
