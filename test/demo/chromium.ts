/**
 * A real Chromium for the page's tests: the one that TYPOPROOF_CHROMIUM names, one in the usual places, or, on Debian and as
 * root, one that is installed now. TYPOPROOF_CHROMIUM=none leaves these tests out.
 *
 * Promise: `null` only with a reason in one line, which the test that is left out shows.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  "/snap/bin/chromium",
  "/usr/lib/chromium/chromium",
];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Found =
  | { readonly path: string; readonly why: null }
  | { readonly path: null; readonly why: string };

export function findChromium(): Found {
  const asked = process.env.TYPOPROOF_CHROMIUM;
  if (asked === "none") return { path: null, why: "TYPOPROOF_CHROMIUM=none" };
  if (asked !== undefined && asked !== "")
    return existsSync(asked) ? { path: asked, why: null } : { path: null, why: `there is no ${asked}` };
  const found = installed();
  if (found !== null) return { path: found, why: null };
  const why = install();
  const now = installed();
  if (now !== null) return { path: now, why: null };
  return { path: null, why: `no Chromium was found: ${why}; TYPOPROOF_CHROMIUM=<path> names one` };
}

function installed(): string | null {
  const paths = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...paths.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** @returns why not; one that did is found */
function install(): string {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get"))
    return "it can be installed by itself on Debian only";
  if (process.getuid?.() !== 0)
    return "it can be installed by itself as root only (apt-get install -y chromium)";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another test file may be at it: then this one waits for its lock, and finds it installed.
  const get = (...args: string[]) =>
    spawnSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...args], { env, timeout: 420_000 });
  get("update");
  const { status, stderr } = get("install", "-y", "--no-install-recommends", "chromium");
  return status === 0 ? "" : `apt-get install chromium failed: ${String(stderr).trim().split("\n").at(-1)}`;
}

export function launch(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, headless: true, args: FLAGS });
}

/** For a line in reports: `Chromium 156.0`. */
export function versionOf(path: string): string {
  return execFileSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
