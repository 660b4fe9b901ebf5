import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { foldCodePoint } from "../../src/text/fold.js";
import { FOLD_VERSION } from "../../src/text/fold-table.js";
import { NOTHING, SYMBOL_COUNT } from "../../src/text/symbols.js";

const root = new URL("../../", import.meta.url);

test("the whole mapping is pinned: another hash is another fold and needs another FOLD_VERSION", () => {
  const mapping = Uint8Array.from({ length: 0x110000 }, (_, point) => foldCodePoint(point));
  expect(FOLD_VERSION).toBe("fold-1");
  expect(createHash("sha256").update(mapping).digest("hex")).toBe(
    "2d2bd2b951108ec1a546a16e0c8ac802a24b253e314cf911eab0f0a00b073ca5",
  );
});

test("every code point gives a symbol or nothing, and every symbol has a preimage", () => {
  const seen = new Set<number>();
  for (let point = 0; point < 0x110000; point++) seen.add(foldCodePoint(point));
  const all = [...Array(SYMBOL_COUNT).keys(), NOTHING];
  expect([...seen].sort((a, b) => a - b)).toEqual(all);
});

test("the run-time fold asks the engine nothing that depends on its Unicode version", () => {
  for (const file of ["fold.ts", "fold-table.ts", "symbols.ts", "code-points.ts"]) {
    const code = readFileSync(new URL(`src/text/${file}`, root), "utf8").replace(/\/\*\*[\s\S]*?\*\//g, "");
    expect(code).not.toMatch(/normalize|toLowerCase|toUpperCase|toLocale|\\p\{|Intl/);
  }
});

const table = readFileSync(new URL("src/text/fold-table.ts", root), "utf8");
const madeWith = /Made with Unicode (\S+)/.exec(table)?.[1];
const sameUnicode = process.versions.unicode === madeWith;
const title = `the table is what its generator makes (needs Unicode ${madeWith}, here ${process.versions.unicode})`;
(sameUnicode ? test : test.skip)(title, () => {
  const script = fileURLToPath(new URL("test/tools/make-fold-table.mjs", root));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
