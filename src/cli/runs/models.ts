/** `typoproof models`: what ships with the package. */

import { UserError } from "../../failure.js";
import { listModels } from "../../node/load-model.js";
import { drawTable } from "../../report/table.js";
import type { Io } from "../io.js";
import type { ListingFlags } from "../listing.js";
import { print } from "../print.js";

export async function runListModels(flags: ListingFlags, io: Io): Promise<number> {
  const models = await listModels();
  const text =
    flags.format === "json"
      ? `${JSON.stringify(
          models.map(({ name, title, labels, bytes, folder }) => ({ name, title, labels, bytes, folder })),
          null,
          2,
        )}\n`
      : drawTable(
          ["name", "labels", "size", "about"],
          models.map(({ name, title, labels, bytes }) => [name, labels.join(", "), size(bytes), title]),
        );
  await print(io, text);
  return 0;
}

export async function runShowModel(name: string, io: Io): Promise<number> {
  const models = await listModels();
  const model = models.find((one) => one.name === name);
  if (model === undefined) {
    const names = models.map((one) => one.name).join(", ") || "none";
    throw new UserError(`there is no shipped model ${JSON.stringify(name)}; allowed are ${names}`);
  }
  await print(io, model.card.endsWith("\n") ? model.card : `${model.card}\n`);
  return 0;
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
