/**
 * From the name of a data set and a split to what is needed to read it.
 *
 * Promise: the file that is used has one of the hashes on the card, so every number measured on a split is about
 * the same rows. Nothing is downloaded.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../failure.js";
import type { InputOptions } from "../input/rows.js";
import { fileError } from "../input/source.js";
import type { CardSplit, DatasetCard } from "./card.js";
import { loadDatasetCard, packagedDatasets } from "./packaged.js";

/** The split that is meant where only a data set is named. */
export const DEFAULT_SPLIT = "test";

/**
 * `name` or `name:split`. Files are looked for in the package, then in `<dataFolder>/<name>/`, then in
 * `<dataFolder>/`; the folder is by default what TYPOPROOF_DATA says, else `data` in the working directory.
 */
export async function datasetInput(
  nameAndSplit: string,
  dataFolder: string = process.env.TYPOPROOF_DATA || "data",
): Promise<InputOptions> {
  const colon = nameAndSplit.indexOf(":");
  const card = await loadDatasetCard(colon < 0 ? nameAndSplit : nameAndSplit.slice(0, colon));
  const split = splitOf(card, colon < 0 ? DEFAULT_SPLIT : nameAndSplit.slice(colon + 1));
  return optionsFor(card, split, dataFolder);
}

function splitOf(card: DatasetCard, name: string): CardSplit {
  const found = card.files.find((file) => file.split === name);
  if (found !== undefined) return found;
  const splits = card.files.map((file) => file.split).join(", ");
  throw new UserError(`the data set ${card.name} has no split ${JSON.stringify(name)}; there are ${splits}`);
}

async function optionsFor(card: DatasetCard, split: CardSplit, dataFolder: string): Promise<InputOptions> {
  const { every, remainder, others, first, notIn } = split.keep ?? {};
  const other = notIn === undefined ? undefined : await optionsFor(card, splitOf(card, notIn), dataFolder);
  return {
    path: await findFile(card, split, dataFolder),
    format: split.format,
    header: split.header,
    ...(split.textColumn === undefined ? {} : { textColumn: split.textColumn }),
    ...(split.labelColumn === undefined ? {} : { labelColumn: split.labelColumn }),
    ...(split.labels === undefined ? {} : { labels: new Map(Object.entries(split.labels)) }),
    allowedLabels: card.labels,
    ...(split.keep === undefined
      ? {}
      : {
          keep: {
            ...(every === undefined ? {} : { every }),
            ...(remainder === undefined ? {} : { remainder }),
            ...(others === undefined ? {} : { others }),
            ...(first === undefined ? {} : { first }),
            ...(other === undefined ? {} : { notIn: other }),
          },
        }),
  };
}

async function findFile(card: DatasetCard, split: CardSplit, dataFolder: string): Promise<string> {
  const folders = [join(await packagedDatasets(), card.name), join(dataFolder, card.name), dataFolder];
  const names = [split.file, ...(split.alsoNamed ?? [])];
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name);
      if (!(await isFile(path))) continue;
      const hash = await sha256Of(path);
      if (split.sha256.includes(hash)) return path;
      throw new UserError(
        `${path} isn't the file that the card of ${card.name} means: its sha256 is ${hash}, the card has ${split.sha256.join(" or ")}`,
      );
    }
  }
  throw new UserError(
    `${names.join(" or ")} of ${card.name} isn't in ${folders.join(" or ")}; ${split.obtain ?? `get it from ${card.source.url}`} and put it into ${folders[1]} (TYPOPROOF_DATA sets the data folder)`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw fileError(path, error);
  }
  return hash.digest("hex");
}
