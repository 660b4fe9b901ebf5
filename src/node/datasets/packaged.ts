/** The data set cards that come with the package: read from its folder `datasets`, checked, by name. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../failure.js";
import { packageRoot } from "../package-root.js";
import { cardFrom, type DatasetCard } from "./card.js";

export type { CardFilter, CardSplit, DatasetCard } from "./card.js";

/** The folder `datasets` of the package. */
export async function packagedDatasets(): Promise<string> {
  return join(await packageRoot(), "datasets");
}

/** All cards, by name. */
export async function listDatasets(): Promise<readonly DatasetCard[]> {
  const names = await datasetNames();
  return Promise.all(names.map((name) => loadDatasetCard(name)));
}

export async function loadDatasetCard(name: string): Promise<DatasetCard> {
  const names = await datasetNames();
  if (!names.includes(name)) {
    throw new UserError(`no data set is called ${JSON.stringify(name)}; there are ${names.join(", ")}`);
  }
  const file = join(await packagedDatasets(), name, "card.json");
  const card = cardFrom(parse(await readFile(file, "utf8"), file), file);
  if (card.name !== name)
    throw new UserError(`${file}.name is "${card.name}"; needed: the folder's name, "${name}"`);
  return card;
}

async function datasetNames(): Promise<readonly string[]> {
  const entries = await readdir(await packagedDatasets(), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} isn't JSON: ${(error as Error).message}`);
  }
}
