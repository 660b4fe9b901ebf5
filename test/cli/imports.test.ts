/** What is loaded before a command runs. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..", "..", "src");

/** All modules that loading `file` loads: imports that aren't types, without `await import`. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(file, "utf8");
  for (const [, clause, from] of source.matchAll(/^(?:import|export)\s([^;]*?)from\s+"([^"]+)"/gm)) {
    if (clause!.startsWith("type ") || !from!.startsWith(".")) continue;
    loaded(join(dirname(file), from!.replace(/\.js$/, ".ts")), seen);
  }
  return seen;
}

test("help, version and usage errors load neither models nor certification nor data sets", () => {
  const modules = [...loaded(join(root, "cli", "run.ts"))].map((file) => relative(root, file));
  expect(modules).toContain("cli/commands/certify.ts");
  expect(modules.filter((module) => !module.startsWith("cli/")).sort()).toEqual([
    "failure.ts",
    // The scores that `train --similarity` chooses from.
    "layers/similarity.ts",
    "node/output/sinks.ts",
    "report/format-names.ts",
    // The defaults and choices of `train`, which its help names.
    "text/symbols.ts",
    "tokenizer/vocabulary.ts",
    "train/options.ts",
    "train/regularisers/options.ts",
    "train/transformer/options.ts",
  ]);
  expect(modules.filter((module) => module.startsWith("cli/runs/"))).toEqual([]);
});
