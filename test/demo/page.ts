/**
 * The built page in a real Chromium: served, opened, watched, and asked.
 *
 * Promise: a page that is opened here is held to two things in every test: no request leaves the page's own address, and
 * nothing is complained about on the console (`quiet` tells).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { servePage } from "../../src/node/page-server.js";
import { findChromium, launch } from "./chromium.js";
import { type PlainHost, plainHost } from "./plain-host.js";

export const root = join(import.meta.dirname, "..", "..");
export const built = join(root, "dist", "page");
export const found = findChromium();

/** Tests in a browser; without one each is shown as left out, with the reason in its name. */
export const inChromium = (name: string, tests: () => void): void => {
  if (found.path !== null) describe(name, tests);
  else describe.skip(`${name} (left out: ${found.why})`, tests);
};

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly address: string;
  /** What went wrong so far: requests to elsewhere, errors and warnings of the console. Empty if nothing did. */
  readonly complaints: string[];
}

export class Stage {
  private browser: Browser | null = null;
  private readonly servers: { close(): void | Promise<void> }[] = [];

  async start(): Promise<void> {
    if (!existsSync(join(built, "index.html"))) throw new Error("the page isn't built; run: npm run build");
    this.browser = await launch(found.path!);
  }

  async serve(folder = built): Promise<string> {
    const server = await servePage(folder);
    this.servers.push(server);
    return server.address;
  }

  /** A host without headers of its own. */
  async host(folder = built, lacks?: (path: string) => boolean): Promise<PlainHost> {
    const host = await plainHost(folder, lacks);
    this.servers.push(host);
    return host;
  }

  /** A page of its own, that shares nothing with others; `hash` is what stands behind the address. */
  async open(address: string, hash = "", options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await this.browser!.newContext({ acceptDownloads: true, ...options });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.setDefaultTimeout(45_000);
    const complaints: string[] = [];
    const own = new URL(address).origin;
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(own) && !/^(blob|data):/.test(url)) complaints.push(`request to ${url}`);
    });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => void complaints.push(`error: ${error.message}`));
    await page.goto(address + hash);
    return { page, context, address, complaints };
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

/** Waits until the page has answered what stands in its box now. */
export async function settled(page: Page, most = 45_000): Promise<void> {
  await page.waitForFunction(
    () => {
      const answered = document.documentElement.dataset.answered !== undefined;
      return answered && document.querySelector("#verdict.stale") === null;
    },
    undefined,
    { timeout: most, polling: 10 },
  );
}

/** Types nothing, but puts a text into the box as typing would, and waits for the answer. */
export async function enter(page: Page, text: string): Promise<void> {
  await page.locator("#text").fill(text);
  await settled(page);
}

export const textOf = (page: Page, id: string): Promise<string> =>
  page.locator(`#${id}`).evaluate((element) => element.textContent ?? "");

/** The answer on the page, as its button copies it. */
export async function copiedJson(page: Page): Promise<Record<string, unknown>> {
  await page.locator("#copy-json").click();
  await page.waitForFunction(() => document.getElementById("copied")?.textContent?.includes("copied"));
  return JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
}

/** Drops files on the page: by path below the folder, with their bytes. A folder can't be made by a script, so files are. */
export async function dropFiles(
  page: Page,
  files: readonly { name: string; bytes: Uint8Array }[],
): Promise<void> {
  const sent = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString("base64") }));
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer();
    for (const { name, base64 } of given)
      made.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    return made;
  }, sent);
  for (const event of ["dragenter", "dragover", "drop"])
    await page.dispatchEvent("body", event, { dataTransfer: transfer });
}
