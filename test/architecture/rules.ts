/**
 * The rules that hold the parts of the program together, as functions from sources to complaints.
 *
 * A text flows through the folders in the order of `CORE`; each imports from those before it and from itself. The
 * core touches no platform; `node/` and `browser/` do, and so does the command line.
 */
import type { Source } from "./source.js";

/** Folders without platform code, in the direction in which a text flows through them. */
export const CORE = [
  "text",
  "edits",
  "tokenizer",
  "numeric",
  "layers",
  "model",
  "bounds",
  "attack",
  "certify",
  "train",
  "evaluate",
  "report",
] as const;
/** Folders that make platform code, and those among them that each may import. */
const PLATFORM: Readonly<Record<string, readonly string[]>> = { node: [], browser: [], cli: ["node"] };
/** Files at the root that everything may import and that import nothing. */
const LEAVES = ["clock.ts", "failure.ts"];
/** The package's door, made of the core and opened by the platforms' doors alone. */
const INDEX = "index.ts";

/** Packages that core files may import, and why. */
export const CORE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Strings to a string; it knows how wide characters are. Not part of `typoproof`'s door.
  "report/table.ts": ["cli-table3"],
  // Strings to tokens; no platform in it. Not part of `typoproof`'s door.
  "tokenizer/huggingface.ts": ["@huggingface/tokenizers"],
  // Bytes to messages and back; no platform in it. Not part of `typoproof`'s door.
  "model/onnx/builder.ts": ["@bufbuild/protobuf", "onnx-buf"],
  "model/onnx/parse.ts": ["@bufbuild/protobuf", "onnx-buf"],
};
/** Globals that are the same in Node and in browsers, declared where the core uses them. */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  "text/utf8.ts": ["TextEncoder", "TextDecoder"],
  "clock.ts": ["performance"],
};
const PLATFORM_NAMES = [
  "process",
  "Buffer",
  "require",
  "globalThis",
  "global",
  "window",
  "self",
  "document",
  "navigator",
  "fetch",
  "XMLHttpRequest",
  "localStorage",
  "setTimeout",
  "setInterval",
  "crypto",
];
const LONGEST = 400;
/** Tables that a program wrote. */
const GENERATED = ["text/fold-table.ts"];

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "");
const isRelative = (from: string): boolean => from.startsWith(".");
const isCore = (path: string): boolean =>
  (CORE as readonly string[]).includes(folderOf(path)) || LEAVES.includes(path) || path === INDEX;

/** The path of what a file imports, or null where that lies outside src/. */
export function target(path: string, from: string): string | null {
  const parts = path.split("/").slice(0, -1);
  for (const part of from.split("/")) {
    if (part === "..") {
      if (parts.length === 0) return null;
      parts.pop();
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/").replace(/\.js$/, ".ts");
}

/** Every import points to a folder that comes earlier. */
export function direction(sources: readonly Source[]): string[] {
  const complaints: string[] = [];
  const known = new Set(sources.map(({ path }) => path));
  for (const { path, imports } of sources) {
    const folder = folderOf(path);
    if (folder !== "" && !(CORE as readonly string[]).includes(folder) && PLATFORM[folder] === undefined)
      complaints.push(`${path}: the folder ${folder}/ has no place in the order`);
    if (folder === "" && path !== INDEX && !LEAVES.includes(path))
      complaints.push(
        `${path}: no file but ${`${[INDEX, ...LEAVES.slice(0, -1)].join(", ")} and ${LEAVES.at(-1)}`} stands at the root`,
      );
    for (const from of imports.filter(isRelative)) {
      const to = target(path, from);
      if (to === null || !known.has(to)) complaints.push(`${path}: ${from} is no file of src/`);
      else if (!mayImport(path, to)) complaints.push(`${path}: imports ${to}, which doesn't come before it`);
    }
  }
  return complaints;
}

function mayImport(path: string, to: string): boolean {
  if (LEAVES.includes(path)) return false;
  if (LEAVES.includes(to)) return true;
  const [mine, its] = [folderOf(path), folderOf(to)];
  if (to === INDEX) return path === "node/index.ts" || path === "browser/index.ts";
  if (path === INDEX) return isCore(to);
  if (mine === its) return true;
  const platforms = PLATFORM[mine];
  if (platforms !== undefined) return isCore(to) || platforms.includes(its);
  const order: readonly string[] = CORE;
  return order.includes(its) && order.indexOf(its) < order.indexOf(mine);
}

/** The core names no platform: no packages but those allowed, no globals of Node or of browsers. */
export function platform(sources: readonly Source[]): string[] {
  const complaints: string[] = [];
  for (const { path, imports, names, declared } of sources.filter((source) => isCore(source.path))) {
    for (const from of imports)
      if (!isRelative(from) && !CORE_PACKAGES[path]?.includes(from))
        complaints.push(`${path}: imports ${from}`);
    for (const name of PLATFORM_NAMES) if (names.has(name)) complaints.push(`${path}: uses ${name}`);
    for (const name of declared)
      if (!DECLARED[path]?.includes(name)) complaints.push(`${path}: declares the global ${name}`);
  }
  return complaints;
}

/** Whatever is printed is printed by the command line, through its own streams. */
export function silence(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path, names }) => folderOf(path) !== "cli" && names.has("console"))
    .map(({ path }) => `${path}: uses console`);
}

/** A file begins by saying what it is, and is short enough to be read. */
export function form(sources: readonly Source[]): string[] {
  const complaints: string[] = [];
  for (const { path, text } of sources) {
    if (!/^\/\*\*[\s\S]*?\w[\s\S]*?\*\//.test(text))
      complaints.push(`${path}: doesn't begin with a comment that says what it is`);
    const lines = text.split("\n").length - 1;
    if (lines > LONGEST && !GENERATED.includes(path))
      complaints.push(`${path}: ${lines} lines; it may have ${LONGEST}`);
  }
  return complaints;
}

/** No file imports itself by way of others; types count. */
export function cycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(isRelative).map((from) => target(path, from) ?? ""),
    ]),
  );
  const complaints: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string) => {
    const at = trail.indexOf(path);
    if (at >= 0) complaints.push([...trail.slice(at), path].join(" -> "));
    if (at >= 0 || done.has(path)) return;
    trail.push(path);
    for (const to of edges.get(path) ?? []) visit(to);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return complaints;
}

/** All that a file loads when it is loaded, types and `await import` included: its own path first. */
export function reached(sources: readonly Source[], entry: string): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const found = [entry];
  for (const path of found)
    for (const from of byPath.get(path)?.imports ?? []) {
      const to = isRelative(from) ? target(path, from)! : from;
      if (!found.includes(to)) found.push(to);
    }
  return found;
}
