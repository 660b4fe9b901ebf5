/** Makes docs/page.png, the page as the README shows it: npm run build && node test/tools/page-screenshot.mjs */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { servePage } from "../../dist/node/page-server.js";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const executablePath =
  process.env.TYPOPROOF_CHROMIUM || execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
const server = await servePage(path("../../dist/page"));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1080, height: 826 }, colorScheme: "light" });
await page.goto(server.address);
await page.waitForFunction(() => document.querySelector("#words table") !== null);
// The caret on the second e of "Free", so that its worst edit is told.
await page.locator("#text").press("Control+Home");
for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
await page.waitForFunction(() => document.getElementById("here").textContent !== "");
const file = path("../../docs/page.png");
await page.screenshot({ path: file });
await browser.close();
await server.close();
if (statSync(file).size > 200_000)
  throw new Error(`${file} has ${statSync(file).size} bytes; at most 200,000`);
