/**
 * The direction of imports, the core without a platform, and the form of the sources (test/architecture/rules.ts).
 * Each rule is first shown to complain about sources that break it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import {
  CORE,
  CORE_PACKAGES,
  cycles,
  direction,
  form,
  platform,
  reached,
  silence,
} from "./architecture/rules.js";
import { readSource } from "./architecture/source.js";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => readSource(path.split(sep).join("/"), readFileSync(join(src, path), "utf8")));

/** Sources made up for a test: path, then text. */
const invented = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => readSource(path, text));

test("all sources are looked at", () => {
  expect(sources.length).toBeGreaterThan(100);
  const paths = sources.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(["failure.ts", "index.ts", "node/index.ts", "browser/index.ts", "cli/main.ts"]),
  );
});

describe("imports point one way", () => {
  const leaf = { "failure.ts": "export class UserError {}" };

  test.each([
    ["upwards", "text/a.ts", 'import { b } from "../edits/b.js";', "edits/b.ts"],
    ["a type", "edits/a.ts", 'import type { B } from "../model/b.js";', "model/b.ts"],
    ["a type in an expression", "edits/a.ts", 'type A = import("../model/b.js").B;', "model/b.ts"],
    ["loaded later", "certify/a.ts", 'const b = await import("../train/b.js");', "train/b.ts"],
    ["handed on", "model/a.ts", 'export * from "../certify/b.js";', "certify/b.ts"],
    ["handed on by name", "model/a.ts", 'export { b } from "../report/b.js";', "report/b.ts"],
    ["from the core to a platform", "report/a.ts", 'import "../node/b.js";', "node/b.ts"],
    ["between platforms", "browser/a.ts", 'import "../node/b.js";', "node/b.ts"],
    ["to the command line", "node/a.ts", 'import "../cli/b.js";', "cli/b.ts"],
    ["to the door", "report/a.ts", 'import "../index.js";', "index.ts"],
    ["from the leaf", "failure.ts", 'import "./text/b.js";', "text/b.ts"],
  ])("%s is a violation", (_, path, text, to) => {
    const files = invented({ ...leaf, [to]: "export const b = 1;", [path]: text });
    expect(direction(files)).toEqual([`${path}: imports ${to}, which doesn't come before it`]);
  });

  test("a folder or a root file without a place, and a file that isn't there, are violations", () => {
    expect(direction(invented({ "misc/a.ts": "export {};" }))).toEqual([
      "misc/a.ts: the folder misc/ has no place in the order",
    ]);
    expect(direction(invented({ "helpers.ts": "export {};" }))).toEqual([
      "helpers.ts: no file but index.ts, clock.ts and failure.ts stands at the root",
    ]);
    expect(direction(invented({ "text/a.ts": 'import "./b.js";' }))).toEqual([
      "text/a.ts: ./b.js is no file of src/",
    ]);
  });

  test("what the order allows is no violation", () => {
    const files = {
      ...leaf,
      "text/a.ts": 'import "../failure.js";',
      "edits/a.ts": 'import "../text/a.js"; import "./b.js";',
      "edits/b.ts": "export {};",
      "index.ts": 'export * from "./edits/a.js";',
      "node/a.ts": 'import "../edits/a.js"; import "node:fs";',
      "node/index.ts": 'export * from "../index.js";',
      "cli/a.ts": 'import "../node/a.js"; import "../text/a.js";',
    };
    expect(direction(invented(files))).toEqual([]);
  });

  test("in src", () => expect(direction(sources)).toEqual([]));
});

describe("no cycles", () => {
  test("a cycle is a violation, be it of types only", () => {
    const files = {
      "text/a.ts": 'import type { B } from "./b.js"; export type A = B;',
      "text/b.ts": 'import { c } from "./c.js"; export type B = number;',
      "text/c.ts": 'import type { A } from "./a.js"; export const c = 1;',
    };
    expect(cycles(invented(files))).toEqual(["text/a.ts -> text/b.ts -> text/c.ts -> text/a.ts"]);
  });
  test("in src", () => expect(cycles(sources)).toEqual([]));
});

describe("the core touches no platform", () => {
  test.each([
    ['import { readFile } from "node:fs";', "imports node:fs"],
    ['import type { Stats } from "node:fs";', "imports node:fs"],
    ['import Table from "cli-table3";', "imports cli-table3"],
    ['const fs = require("fs");', "uses require"],
    ["export const home = process.env.HOME;", "uses process"],
    ['export const page = await fetch("https://example.org");', "uses fetch"],
    ["export const width = window.innerWidth;", "uses window"],
    ['export const bytes = Buffer.from("a");', "uses Buffer"],
    ["export const p = globalThis.process;", "uses globalThis"],
    ["declare const Deno: { args: string[] }; export const a = Deno.args;", "declares the global Deno"],
    ["declare function alert(text: string): void; alert('a');", "declares the global alert"],
  ])("%s is a violation", (text, complaint) => {
    expect(platform(invented({ "model/a.ts": text }))).toContain(`model/a.ts: ${complaint}`);
    expect(platform(invented({ "node/a.ts": text }))).toEqual([]);
  });
  test("a member or a key of that name is none", () => {
    const text =
      "export const a = (options: { fetch: number }) => options.fetch; export const b = { process: 1 };";
    expect(platform(invented({ "model/a.ts": text }))).toEqual([]);
  });
  test("in src", () => expect(platform(sources)).toEqual([]));

  test("the packages that are allowed are used", () => {
    for (const [path, packages] of Object.entries(CORE_PACKAGES))
      expect(sources.find((source) => source.path === path)?.imports).toEqual(
        expect.arrayContaining([...packages]),
      );
  });

  test("the door of the package loads core files alone, and no package", () => {
    const loaded = reached(sources, "index.ts");
    expect(loaded.filter((path) => !path.endsWith(".ts"))).toEqual([]);
    expect(loaded).toContain("certify/certify.ts");
  });

  test("the compiler checks every core folder without a platform's types", () => {
    const config = JSON.parse(readFileSync(join(root, "tsconfig.core.json"), "utf8"));
    expect(config.compilerOptions).toEqual({ lib: ["ES2022"], types: [] });
    const there = CORE.filter((folder) => existsSync(join(src, folder))).map((folder) => `src/${folder}`);
    expect(config.include).toEqual(expect.arrayContaining(["src/index.ts", ...there]));
  });
});

describe("nothing but the command line prints", () => {
  test("console is a violation elsewhere", () => {
    const files = invented({ "node/a.ts": 'console.log("a");', "cli/a.ts": 'console.log("a");' });
    expect(silence(files)).toEqual(["node/a.ts: uses console"]);
  });
  test("in src", () => expect(silence(sources)).toEqual([]));
});

describe("a file says what it is and can be read", () => {
  test("a file without a header, or too long, is a violation", () => {
    const long = `/** A. */\n${"export {};\n".repeat(400)}`;
    const files = {
      "text/a.ts": "export {};\n",
      "text/b.ts": long,
      "text/fold-table.ts": long,
      "text/c.ts": "/** */",
    };
    expect(form(invented(files))).toEqual([
      "text/a.ts: doesn't begin with a comment that says what it is",
      "text/b.ts: 401 lines; it may have 400",
      "text/c.ts: doesn't begin with a comment that says what it is",
    ]);
  });
  test("in src", () => expect(form(sources)).toEqual([]));
});
