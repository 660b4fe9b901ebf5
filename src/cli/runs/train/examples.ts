/** The texts that `train` learns from, those that it must not, and where they come from. */
import { UserError } from "../../../failure.js";
import { datasetInput } from "../../../node/datasets/input.js";
import { loadDatasetCard } from "../../../node/datasets/packaged.js";
import { readRows } from "../../../node/input/rows.js";
import type { Example } from "../../../train/corpus.js";
import type { Io } from "../../io.js";
import { requireLabels } from "../../labelled.js";
import { openSource } from "../../source.js";
import type { TrainFlags } from "./flags.js";

export interface Labelled {
  readonly examples: readonly Example[];
  readonly labels: readonly string[];
  /** As the user named the source. */
  readonly name: string;
}

/** @throws UserError for the first row that can't be read or has no label */
export async function readExamples(flags: TrainFlags, io: Io): Promise<Labelled> {
  const source = await openSource([], flags, io);
  const rows: { text: string; label: string }[] = [];
  for await (const row of requireLabels(source.rows(null), source.name, "train")) {
    if (row.error !== undefined) throw new UserError(`${source.name}: ${row.error}`);
    if (row.label === "") throw new UserError(`${source.name}: row ${row.id} has an empty label`);
    rows.push({ text: row.text, label: row.label! });
  }
  const labels = [...(source.datasetLabels ?? [...new Set(rows.map((row) => row.label))].sort())];
  const index = new Map(labels.map((label, i) => [label, i]));
  const examples = rows.map(({ text, label }) => ({ text, label: index.get(label)! }));
  return { examples, labels, name: source.name };
}

/** Texts of the files and data sets named by --exclude. */
export async function excludedTexts(flags: TrainFlags): Promise<string[]> {
  const texts: string[] = [];
  for (const input of flags.exclude ?? [])
    for await (const row of readRows(await inputOptions(input, flags)))
      if (row.error === undefined) texts.push(row.text);
  return texts;
}

/** A file, or a data set as name:split. */
export async function inputOptions(input: string, flags: TrainFlags) {
  return /^[a-z0-9-]+:[a-z0-9-]+$/.test(input) ? datasetInput(input, flags.data) : { path: input };
}

/** Where the texts come from, by their data set's card. */
export async function origin(flags: TrainFlags) {
  if (flags.dataset === undefined) return {};
  const card = await loadDatasetCard(flags.dataset.split(":")[0]!);
  return {
    source: `${card.title}, ${card.source.url}`,
    citation: card.source.citation,
    licence: card.licence.name,
    terms: card.licence.terms,
  };
}
