/** `typoproof datasets`: the known data sets, and whether a local copy is the one that is meant. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../failure.js";
import type { CardSplit, DatasetCard } from "../../node/datasets/packaged.js";
import { listDatasets, loadDatasetCard } from "../../node/datasets/packaged.js";
import { drawTable } from "../../report/table.js";
import type { Io } from "../io.js";
import type { ListingFlags } from "../listing.js";
import { print } from "../print.js";

export async function runListDatasets(flags: ListingFlags, io: Io): Promise<number> {
  const cards = await listDatasets();
  const text =
    flags.format === "json"
      ? `${JSON.stringify(cards, null, 2)}\n`
      : drawTable(
          ["name", "labels", "splits", "licence"],
          cards.map((card) => [
            card.name,
            card.labels.join(", "),
            card.files.map(({ split }) => split).join(", "),
            card.licence.name,
          ]),
        );
  await print(io, text);
  return 0;
}

export async function runShowDataset(name: string, io: Io): Promise<number> {
  const card = await loadDatasetCard(name);
  const lines = [
    `${card.name}: ${card.title}`,
    "",
    `source   ${card.source.url}`,
    `cite     ${card.source.citation}`,
    `licence  ${card.licence.name}. ${card.licence.terms}`,
    `labels   ${card.labels.join(", ")}`,
    ...card.files.flatMap((file) => ["", ...splitLines(file)]),
    ...(card.notes.length > 0 ? ["", ...card.notes.map((note) => `- ${note}`)] : []),
  ];
  await print(io, `${lines.join("\n")}\n`);
  return 0;
}

function splitLines(file: CardSplit): string[] {
  const labels = Object.entries(file.rowsByLabel).map(([label, rows]) => `${rows} ${label}`);
  return [
    `split ${file.split}: ${file.rows} rows (${labels.join(", ")})`,
    `  file    ${[file.file, ...(file.alsoNamed ?? [])].join(" or ")} (${file.format})`,
    ...file.sha256.map((hash) => `  sha256  ${hash}`),
    ...(file.obtain === undefined ? [] : [`  get it  ${file.obtain}`]),
  ];
}

/** Exit status 0 if every file that is there is the one on the card, and at least one is. */
export async function runCheckDataset(name: string, path: string, io: Io): Promise<number> {
  const card = await loadDatasetCard(name);
  const info = await stat(path).catch(() => null);
  if (info === null) throw new UserError(`no such file or folder: ${path}`);
  const found = info.isDirectory() ? await filesIn(card, path) : [path];
  if (found.length === 0) {
    const names = [...new Set(card.files.flatMap((file) => [file.file, ...(file.alsoNamed ?? [])]))];
    throw new UserError(`${path} holds no file of ${name}; expected ${names.join(" or ")}`);
  }
  let wrong = 0;
  const lines: string[] = [];
  for (const file of found) {
    const hash = await sha256Of(file);
    const splits = card.files.filter((split) => split.sha256.includes(hash)).map((split) => split.split);
    if (splits.length > 0) lines.push(`${file}: is the file of ${name} (${splits.join(", ")})`);
    else {
      wrong++;
      lines.push(
        `${file}: is not a file of ${name}; its sha256 is ${hash}, expected ${expected(card, file)}`,
      );
    }
  }
  await print(io, `${lines.join("\n")}\n`);
  return wrong === 0 ? 0 : 1;
}

/** The hashes for this file's name; for a name that the card doesn't know, all of them. */
function expected(card: DatasetCard, path: string): string {
  const named = card.files.filter((file) => [file.file, ...(file.alsoNamed ?? [])].includes(basename(path)));
  const files = named.length > 0 ? named : card.files;
  return [...new Set(files.flatMap((file) => file.sha256))].join(" or ");
}

async function filesIn(card: DatasetCard, folder: string): Promise<string[]> {
  const names = new Set(card.files.flatMap((file) => [file.file, ...(file.alsoNamed ?? [])]));
  const paths = [...names].map((name) => join(folder, name));
  const there = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (info) => info.isFile(),
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => there[i]);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash).catch((error: Error) => {
    throw new UserError(`can't read ${path}: ${error.message}`);
  });
  return hash.digest("hex");
}
