/**
 * The page in a real Chromium: from opening it to the first verdict, from a key to its verdict, how long the page is ever
 * blocked, what it weighs, and how fast the worker is beside Node, in one run, on the same texts.
 *
 * Chromium is the one that TYPOPROOF_CHROMIUM names, or `chromium` on the path. Build first: npm run build
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { certify, loadModel } from "../dist/node/index.js";
import { servePage } from "../dist/node/page-server.js";
import * as bench from "./harness.mjs";

const given = bench.options({ loads: 10, keys: 60, texts: 200, repeats: 3, shared: "../shared" });
const root = bench.pathOf("..");
const page = join(root, "dist", "page");
const executablePath =
  process.env.TYPOPROOF_CHROMIUM || execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const LONG =
  "Free entry in 2 a wkly comp to win FA Cup final tkts 21st May 2005. Text FA to 87121 to receive entry question, std txt rate. T&C's apply, over 18 only. See you there if you win, or call us on Monday before noon to hear of your prize. Ok bye";

bench.heading("the page in Chromium");
const site = mkdtempSync(join(tmpdir(), "typoproof-bench-"));
cpSync(page, site, { recursive: true });
const encoders = ["deept-sst2-1layer", "lipslev-ag-news"].filter((name) => {
  const from = join(root, given.shared, "models", name);
  if (existsSync(from)) cpSync(from, join(site, "models", name), { recursive: true });
  return existsSync(from);
});
const server = await servePage(site);
const browser = await chromium.launch({ executablePath, args: flags });
bench.print(`Chromium ${browser.version()}, page over ${server.address}`);
bench.print();

const answered = (tab) =>
  tab.waitForFunction(
    () => document.documentElement.dataset.answered && !document.querySelector("#verdict.stale"),
    undefined,
    { polling: 5 },
  );

/** Milliseconds from the start of loading to the first verdict, nothing kept from before. */
async function firstVerdict() {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(server.address);
  await answered(tab);
  const time = await tab.evaluate(() => performance.getEntriesByName("verdict")[0].startTime);
  const paint = await tab.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  );
  await context.close();
  return { time, paint };
}
const loads = [];
for (let i = 0; i < given.loads; i++) loads.push(await firstVerdict());

const tab = await (await browser.newContext()).newPage();
await tab.goto(`${server.address}#model=sms-spam&k=2&text=`);
await answered(tab);
await tab.evaluate(() => {
  globalThis.typed = 0;
  globalThis.blocked = [];
  document.getElementById("text").addEventListener(
    "keydown",
    (event) => {
      globalThis.typed = event.timeStamp;
    },
    true,
  );
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.blocked.push(duration);
  }).observe({ type: "longtask" });
});
await tab.locator("#text").fill(LONG);
await answered(tab);
/** What the page itself computes, on the processor, whatever else the machine does. */
const devtools = await tab.context().newCDPSession(tab);
await devtools.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
await devtools.send("Performance.enable");
const computed = async () => {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
};
/** Each key waits for its verdict. */
const before = await computed();
const delays = [];
for (let i = 0; i < given.keys; i++) {
  await tab.keyboard.press(i % 2 === 0 ? "e" : "Backspace");
  await answered(tab);
  delays.push(
    await tab.evaluate(() => performance.getEntriesByName("verdict")[0].startTime - globalThis.typed),
  );
  if (i % 10 === 9) await tab.keyboard.press("Home");
}
const each = ((await computed()) - before) / given.keys;
/** Faster than one types, without waiting; the last key's verdict is what counts. */
const bursts = [];
for (let i = 0; i < 10; i++) {
  await tab.locator("#text").pressSequentially("call now ", { delay: 25 });
  await tab.waitForTimeout(20);
  await answered(tab);
  bursts.push(
    await tab.evaluate(() => performance.getEntriesByName("verdict")[0].startTime - globalThis.typed),
  );
  for (let n = 0; n < 9; n++) await tab.keyboard.press("Backspace");
  await answered(tab);
}
const blocked = await tab.evaluate(() => globalThis.blocked);

const ms = (values) => [bench.median(values), bench.p95(values), Math.max(...values)];
bench.table(
  ["milliseconds", "median", "95 %", "most"],
  [
    ["opened to first verdict, nothing kept", ...ms(loads.map(({ time }) => time))],
    ["opened to first paint", ...ms(loads.map(({ paint }) => paint))],
    [`one key in ${LONG.length} characters to its verdict, k = 2`, ...ms(delays)],
    ["last key of nine, one each 25 ms, to its verdict", ...ms(bursts)],
  ],
);
bench.print(`The page's own computing for one key, verdict and heat shown: ${bench.number(each)} ms of CPU.`);
bench.print(
  `Tasks of the page longer than 50 ms while typing: ${blocked.length}${blocked.length === 0 ? "" : ` (longest ${bench.number(Math.max(...blocked))} ms)`}`,
);
bench.print();

const size = (files) =>
  bench.sum(files.map((file) => gzipSync(readFileSync(join(page, file))).length)) / 1000;
const assets = readdirSync(join(page, "assets")).map((file) => join("assets", file));
const html = readFileSync(join(page, "index.html"), "utf8");
const early = await tab.evaluate(() =>
  performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name).pathname.replace(/^.typoproof./, "")),
);
const first = [
  "index.html",
  ...new Set(
    early.filter((file) => file.startsWith("assets/")).concat(assets.filter((file) => /worker-/.test(file))),
  ),
];
const models = readdirSync(join(page, "models"));
bench.table(
  ["kB, gzipped", ""],
  [
    ["page and worker, before the first verdict", size(first)],
    [
      "all but ONNX Runtime and typoproof.js",
      size(assets.filter((file) => !/ort[.-]/.test(file)).concat("index.html")),
    ],
    ["ONNX Runtime, when a Transformer is loaded", size(assets.filter((file) => /ort[.-]/.test(file)))],
    ...models.map((name) => [
      `model ${name}`,
      size(readdirSync(join(page, "models", name)).map((file) => join("models", name, file))),
    ]),
  ],
);
if (html.length === 0) throw new Error("the page is empty");

/** Milliseconds for all texts, as the answers themselves say: in Chromium, then in Node, several times; the least counts. */
async function compare(name, folder, texts, options) {
  const inPage = () =>
    tab.evaluate(
      async ([source, all, how]) => {
        const library = new URL("./typoproof.js", location.href).href;
        const { openCertifier } = await import(library);
        globalThis.opened ??= new Map();
        if (!globalThis.opened.has(source)) globalThis.opened.set(source, await openCertifier(source));
        let seconds = 0;
        for (const text of all) seconds += (await globalThis.opened.get(source).certify(text, how)).seconds;
        return 1000 * seconds;
      },
      [`models/${name}`, texts, options],
    );
  // The same runtime where one runs the model.
  const model = await loadModel(folder, folder === name ? {} : { backend: "wasm" });
  const inNode = async () => {
    let seconds = 0;
    for (const text of texts) seconds += (await certify(model, text, options)).seconds;
    return 1000 * seconds;
  };
  const chromiumTimes = [];
  const nodeTimes = [];
  for (let i = 0; i < given.repeats; i++) {
    chromiumTimes.push(await inPage());
    nodeTimes.push(await inNode());
  }
  const [a, b] = [bench.least(chromiumTimes), bench.least(nodeTimes)];
  return [`${options.method}, ${name}, ${texts.length} texts, k = ${options.edits}`, a, b, a / b];
}
const { measured: texts } = await bench.texts(bench.DEFAULT_TEXTS, given.texts, 0);
// A new copy of each text in each round, so that what a search keeps between texts is worth the same to both.
const rows = [
  await compare("sms-spam", "sms-spam", texts, { edits: 2, method: "exact" }),
  await compare("sst2", "sst2", texts, { edits: 2, method: "exact" }),
];
for (const name of encoders)
  rows.push(
    await compare(
      name,
      join(site, "models", name),
      texts.slice(0, 12).map((text) => text.slice(0, 60)),
      { edits: 1, method: "lipschitz" },
    ),
  );
bench.table(["milliseconds in all, least of the rounds", "Chromium", "Node", "ratio"], rows);
await browser.close();
await server.close();
rmSync(site, { recursive: true });
