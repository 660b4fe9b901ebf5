/**
 * Files that are dropped on the page or chosen: a model's folder, or a table of texts.
 *
 * Promise: folders are read whole, by their paths below the folder that was dropped; what is neither is told in one line.
 */
import type { FolderFiles } from "../src/browser/index.js";
import { byId } from "./dom.js";

/** Files of more than this are left out of a model's folder: they would be no model that a page can hold. */
const MOST_FILES = 5000;

export interface Dropped {
  readonly model: (files: FolderFiles) => void;
  readonly table: (file: File) => void;
  readonly neither: (message: string) => void;
}

const TABLE = /\.(csv|tsv|jsonl|ndjson|txt)$/i;

export function dropping(taken: Dropped): void {
  const veil = byId("drop");
  let depth = 0;
  const show = (shown: boolean) => {
    veil.hidden = !shown;
  };
  document.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    show(true);
  });
  document.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) show(false);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer === null || event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    depth = 0;
    show(false);
    // Entries are gone once the event is over, so they are taken now.
    const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.() ?? null);
    const files = Array.from(event.dataTransfer.files);
    const folder = entries.find((entry) => entry?.isDirectory) as FileSystemDirectoryEntry | undefined;
    if (folder === undefined) sort(files, taken);
    else
      filesIn(folder).then(
        (found) => taken.model({ name: folder.name, files: found }),
        (error: Error) => taken.neither(`${folder.name} can't be read: ${error.message}`),
      );
  });
  const chooser = byId<HTMLInputElement>("model-files");
  // Not all browsers can choose folders; files can be chosen everywhere.
  if ("webkitdirectory" in chooser) chooser.webkitdirectory = true;
  byId("choose-model").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    const files = Array.from(chooser.files ?? []);
    chooser.value = "";
    if (files.length > 0) taken.model(asFolder(files));
  });
  const table = byId<HTMLInputElement>("table-file");
  byId("choose-table").addEventListener("click", () => table.click());
  table.addEventListener("change", () => {
    const [file] = table.files ?? [];
    table.value = "";
    if (file !== undefined) taken.table(file);
  });
}

function sort(files: readonly File[], taken: Dropped): void {
  if (files.some(({ name }) => name === "config.json")) taken.model(asFolder(files));
  else if (files.length === 1 && TABLE.test(files[0]!.name)) taken.table(files[0]!);
  else
    taken.neither(
      `${files
        .map(({ name }) => name)
        .slice(0, 3)
        .join(", ")}: neither a model's folder (with config.json) nor one table (.csv, .tsv, .jsonl, .txt)`,
    );
}

/** By their paths below the folder that was chosen. */
function asFolder(files: readonly File[]): FolderFiles {
  const [first] = files;
  const path = first?.webkitRelativePath ?? "";
  const name = path === "" ? "my-model" : path.slice(0, path.indexOf("/"));
  const below = (file: File): string => file.webkitRelativePath.slice(name.length + 1) || file.name;
  return { name, files: new Map(files.slice(0, MOST_FILES).map((file) => [below(file), file])) };
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<Map<string, File>> {
  const found = new Map<string, File>();
  const walk = async (directory: FileSystemDirectoryEntry, path: string): Promise<void> => {
    const reader = directory.createReader();
    for (;;) {
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (entries.length === 0) return;
      for (const entry of entries) {
        if (found.size >= MOST_FILES) return;
        if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`);
        else
          found.set(
            path + entry.name,
            await new Promise<File>((resolve, reject) =>
              (entry as FileSystemFileEntry).file(resolve, reject),
            ),
          );
      }
    }
  };
  await walk(folder, "");
  return found;
}
