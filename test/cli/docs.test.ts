/**
 * The examples in docs/cli.md are run, and must print what stands there (times excepted).
 *
 * After a change of the shipped model: TYPOPROOF_UPDATE_DOCS=1 npm run -s jest -- test/cli/docs
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typoproof } from "./harness.js";

const file = join(import.meta.dirname, "..", "..", "docs", "cli.md");
const update = process.env.TYPOPROOF_UPDATE_DOCS === "1";

/** A fenced block: what stands behind the fence, and what is in it. */
const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-docs-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Splits a command line at spaces outside quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole);
}

const timeless = (text: string): string =>
  text
    .replace(/"seconds":[^,}]+/g, '"seconds":T')
    .replace(/"sha256":"[0-9a-f]+"}$/gm, '"sha256":S}')
    .replace(/\d[\d.]* (?:ms|s)\b/g, "T")
    .replace(/\d+ min \d+ s/g, "T");

test("the examples print what the documentation says", async () => {
  const text = await readFile(file, "utf8");
  const blocks = [...text.matchAll(BLOCK)];
  const files = new Set<string>();
  const changed: [string, string][] = [];
  for (const [block, language, name, body] of blocks) {
    if (language === "csv" && name !== undefined) {
      files.add(name);
      await writeFile(join(folder, name), body!);
    }
    if (language !== "console") continue;
    const [command, ...said] = body!.split("\n");
    const args = words(command!.replace(/^\$ typoproof /, ""));
    const outcome = await typoproof(
      args.map((arg) => (files.has(arg) || /^results\./.test(arg) ? join(folder, arg) : arg)),
    );
    const printed = (outcome.stdout + outcome.stderr).replaceAll(`${folder}/`, "");
    if (update) changed.push([block!, `\`\`\`console\n${command}\n${printed}\`\`\``]);
    else expect(`${command}\n${timeless(printed)}`).toBe(`${command}\n${timeless(said.join("\n"))}`);
  }
  expect(blocks.filter(([, language]) => language === "console").length).toBeGreaterThan(4);
  if (update) {
    await writeFile(
      file,
      changed.reduce((all, [before, after]) => all.replace(before, () => after), text),
    );
  }
}, 60_000);
