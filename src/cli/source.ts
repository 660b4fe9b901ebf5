/**
 * Where the texts of a run come from: the command line, a file, standard input or a data set.
 *
 * Promise: exactly one source is chosen, or the usage error says what is allowed; rows are read only as they
 * are taken.
 */
import { realpath } from "node:fs/promises";
import type { InputRow } from "../certify/result.js";
import { UserError } from "../failure.js";
import { datasetInput } from "../node/datasets/input.js";
import { type InputOptions, parseLabelMap, readRows } from "../node/input/rows.js";
import type { Io } from "./io.js";
import type { InputFlags } from "./options.js";

export interface Source {
  readonly kind: "texts" | "file" | "stdin";
  /** As the user named it. */
  readonly name: string;
  /** The file that is read, if it is one. */
  readonly path: string | null;
  /** The labels that its card names, if it is a data set. */
  readonly datasetLabels: readonly string[] | null;
  /** Labels that are none of `labels` make their row an error; null: those of the data set's card, if any. */
  rows(labels: readonly string[] | null): AsyncIterable<InputRow>;
  /** Number of rows, for the progress bar; null where they can be read only once. */
  count(): Promise<number | null>;
}

/** @throws UserError with code 2 if there is no source, or more than one. */
export async function openSource(texts: readonly string[], flags: InputFlags, io: Io): Promise<Source> {
  const dash = texts.length === 1 && texts[0] === "-";
  if (!dash && texts.includes("-")) {
    throw new UserError(
      "- reads texts from standard input and can't be mixed with texts; give one or the other",
      2,
    );
  }
  const given = [
    ...(texts.length > 0 ? [dash ? "-" : "texts"] : []),
    ...(flags.input !== undefined ? ["--input"] : []),
    ...(flags.dataset !== undefined ? ["--dataset"] : []),
  ];
  if (given.length > 1) throw new UserError(`${given.join(" and ")} are given; allowed is one of them`, 2);
  if (given.length === 0) {
    throw new UserError(
      "no texts: give texts as arguments, --input <file>, --dataset <name>, or - for standard input",
      2,
    );
  }
  if (given[0] === "texts") return textsSource(texts, flags);
  if (flags.dataset !== undefined) return datasetSource(flags.dataset, flags);
  return fileSource(flags.input ?? "-", flags, io);
}

function textsSource(texts: readonly string[], flags: InputFlags): Source {
  refuseFlags(flags, "texts", [
    "inputFormat",
    "data",
    "textColumn",
    "labelColumn",
    "labels",
    "offset",
    "limit",
  ]);
  async function* rows(): AsyncGenerator<InputRow> {
    for (const [id, text] of texts.entries()) yield { id, text, label: null };
  }
  return {
    kind: "texts",
    name: "arguments",
    path: null,
    datasetLabels: null,
    rows,
    count: async () => texts.length,
  };
}

async function datasetSource(name: string, flags: InputFlags): Promise<Source> {
  refuseFlags(flags, "--dataset", ["inputFormat", "textColumn", "labelColumn", "labels"]);
  const options = await datasetInput(name, flags.data);
  return source("file", name, { ...options, ...range(flags) }, undefined, options.allowedLabels ?? null);
}

function fileSource(path: string, flags: InputFlags, io: Io): Source {
  refuseFlags(flags, "--input", ["data"]);
  const options: InputOptions = {
    path,
    header: flags.header,
    ...(flags.inputFormat === undefined ? {} : { format: flags.inputFormat }),
    ...(flags.textColumn === undefined ? {} : { textColumn: flags.textColumn }),
    ...(flags.labelColumn === undefined ? {} : { labelColumn: flags.labelColumn }),
    ...(flags.labels === undefined ? {} : { labels: parseLabelMap(flags.labels) }),
    ...range(flags),
  };
  if (path === "-") return source("stdin", "standard input", options, io.stdin, null);
  return source("file", path, options, undefined, null);
}

function source(
  kind: "file" | "stdin",
  name: string,
  options: InputOptions,
  stdin: AsyncIterable<Uint8Array> | undefined,
  datasetLabels: readonly string[] | null,
): Source {
  return {
    kind,
    name,
    path: kind === "file" ? options.path : null,
    datasetLabels,
    rows: (labels) => readRows(labels === null ? options : { ...options, allowedLabels: labels }, stdin),
    async count() {
      if (kind === "stdin") return null;
      let rows = 0;
      for await (const _ of readRows(options)) rows++;
      return rows;
    },
  };
}

function range(flags: InputFlags): Pick<InputOptions, "offset" | "limit"> {
  return {
    ...(flags.offset === undefined ? {} : { offset: flags.offset }),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
  };
}

/** An option that would have no effect is refused instead of ignored. */
function refuseFlags(flags: InputFlags, source: string, names: readonly (keyof InputFlags)[]): void {
  for (const name of names) {
    if (flags[name] === undefined) continue;
    const flag = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    throw new UserError(`${flag} has no meaning with ${source}; leave it out`, 2);
  }
}

/** @throws UserError if the output would overwrite the input. */
export async function refuseOverwriting(source: Source, output: string | undefined): Promise<void> {
  if (output === undefined || source.path === null) return;
  const real = (path: string): Promise<string> => realpath(path).catch(() => path);
  if ((await real(source.path)) === (await real(output))) {
    throw new UserError(`--output ${output} is the input itself; allowed is another file`, 2);
  }
}

/** @throws UserError if a data set's labels are not the model's. */
export function checkDatasetLabels(source: Source, model: string, labels: readonly string[]): void {
  const strange = source.datasetLabels?.filter((label) => !labels.includes(label)) ?? [];
  if (strange.length === 0) return;
  throw new UserError(
    `the data set ${source.name} has the labels ${source.datasetLabels!.join(", ")}; the model ${model} has ${labels.join(", ")}`,
  );
}
