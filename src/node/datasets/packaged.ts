/**
 * The data set cards that come with the package.
 *
 * Promise: the folder is found from this module's own place, so it is the same from source and from a build and
 * doesn't depend on where the program is started.
 */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../numeric/failure.js";
import { cardFrom, type DatasetCard } from "./card.js";

export type { CardFilter, CardSplit, DatasetCard } from "./card.js";

/** The folder `datasets` beside the package.json that is named typoproof. */
export async function packagedDatasets(): Promise<string> {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "null");
    if ((JSON.parse(text) as { name?: unknown } | null)?.name === "typoproof")
      return join(folder, "datasets");
    if (folder === dirname(folder)) throw new Error(`no package.json named typoproof above ${start}`);
  }
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
