/**
 * Running a model leaves no file and opens no connection. onnxruntime-node reports its use over the network by default:
 * it then keeps a database in the home folder and looks up the host that it reports to.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { installedRuntimes } from "../../contract/installed.js";
import { tinyGraph } from "../../oracle/tiny-graph.js";

/** Milliseconds; a process each, which a busy computer takes its time for. */
const LONG = 60_000;
const root = join(import.meta.dirname, "..", "..", "..");
const built = join(root, "dist", "node", "backends", "open.js");
let folder: string;
beforeAll(async () => {
  if (!existsSync(built)) throw new Error("not built; run: npm run build");
  folder = await mkdtemp(join(tmpdir(), "typoproof-quiet-"));
  const graph = tinyGraph({ vocabulary: 3, labels: 2, table: Float32Array.of(1, 2, 3, 4, 5, 6) });
  await writeFile(join(folder, "tiny.onnx"), graph);
  await writeFile(join(folder, "script.mjs"), SCRIPT);
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a backend and runs it, here or in a worker thread; then prints its name and the sockets of the process. */
const SCRIPT = `
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
const [built, graph, where, runtime] = process.argv.slice(2);
const run = async () => {
  const { openBackend } = await import(built);
  const limits = { vocabulary: 3, labels: 2, mostTokens: 8 };
  const backend = await openBackend(readFileSync(graph), limits, runtime ? { runtime } : {});
  const [logits] = await backend.logits([Int32Array.of(0, 2)]);
  return { name: backend.name, logits: [...logits] };
};
const sockets = () => {
  const tables = ["tcp", "tcp6", "udp", "udp6"].map((table) => {
    try { return readFileSync("/proc/self/net/" + table, "utf8"); } catch { return ""; }
  }).join("");
  return readdirSync("/proc/self/fd").filter((file) => {
    try {
      const inode = /^socket:\\[(\\d+)\\]$/.exec(readlinkSync("/proc/self/fd/" + file))?.[1];
      return inode !== undefined && tables.includes(" " + inode + " ");
    } catch { return false; }
  });
};
const failed = (error) => ({ error: error.message });
if (!isMainThread) parentPort.postMessage(await run().catch(failed));
else {
  const seen = new Set();
  const watch = setInterval(() => { for (const file of sockets()) seen.add(file); }, 2);
  const answer = where === "worker"
    ? await new Promise((done, fail) => {
        const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
        worker.on("message", done);
        worker.on("error", fail);
      })
    : await run().catch(failed);
  await setTimeout(500);
  clearInterval(watch);
  console.log(JSON.stringify({ ...answer, sockets: [...seen] }));
}
`;

let made = 0;
async function child(where: "main" | "worker", runtime = "", env: Record<string, string> = {}) {
  const home = join(folder, `home${made++}`);
  await mkdir(home);
  const args = [
    join(folder, "script.mjs"),
    pathToFileURL(built).href,
    join(folder, "tiny.onnx"),
    where,
    runtime,
  ];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: home,
    env: { PATH: process.env.PATH ?? "", HOME: home, USERPROFILE: home, TMPDIR: home, ...env },
  });
  expect(stderr).toBe("");
  return { ...JSON.parse(stdout), files: await readdir(home, { recursive: true }) };
}

const quiet = { logits: [3, 4], sockets: [], files: [] };
const there = installedRuntimes();
const withNative = there.includes("native") ? test : test.skip;
const inProc = existsSync("/proc/self/fd") ? describe : describe.skip;

inProc("in a process that can be looked into", () => {
  withNative(
    "native leaves no file and opens no socket",
    async () => {
      expect(await child("main", "native")).toEqual({
        ...quiet,
        name: expect.stringMatching(/^onnxruntime-node /),
      });
    },
    LONG,
  );

  test(
    "nor does wasm",
    async () => {
      expect(await child("main", "wasm")).toEqual({
        ...quiet,
        name: expect.stringMatching(/^onnxruntime-web /),
      });
    },
    LONG,
  );

  // Setting a variable in a worker thread changes a copy that the library doesn't see.
  test(
    "a worker thread in which the reports can't be turned off uses wasm",
    async () => {
      expect(await child("worker")).toEqual({ ...quiet, name: expect.stringMatching(/^onnxruntime-web /) });
      expect((await child("worker", "native")).error).toBe(
        "onnxruntime-node can't be used: in a worker thread its reports over the network can't be turned off; set ORT_DISABLE_TELEMETRY=1 before",
      );
    },
    LONG,
  );

  withNative(
    "with the variable set before, a worker thread uses native",
    async () => {
      expect(await child("worker", "", { ORT_DISABLE_TELEMETRY: "1" })).toEqual({
        ...quiet,
        name: expect.stringMatching(/^onnxruntime-node /),
      });
    },
    LONG,
  );
});
