/**
 * Where this package lies.
 *
 * Promise: the folder is found from this module's own place, so it is the same from source and from a build and
 * doesn't depend on where the program is started.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package.json that is named typoproof. */
export async function packageRoot(): Promise<string> {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "null");
    if ((JSON.parse(text) as { name?: unknown } | null)?.name === "typoproof") return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json named typoproof above ${start}`);
  }
}
