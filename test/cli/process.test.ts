/** The built program as a process of its own: kills, signals, pipes, threads and memory. Needs `npm run build`. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { records, writeTinyModel } from "./harness.js";

const root = join(import.meta.dirname, "..", "..");
const bin = join(root, "bin", "typoproof.js");
let folder: string;
let model: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  if (!existsSync(join(root, "dist", "cli", "main.js"))) throw new Error("not built; run: npm run build");
  folder = await mkdtemp(join(tmpdir(), "typoproof-process-"));
  model = await writeTinyModel(path("tiny"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Starts the program and waits for its end; `during` may interfere. */
async function program(
  args: readonly string[],
  during?: (pid: number) => Promise<void>,
  env = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stderr })),
  );
  await during?.(child.pid!);
  return ended;
}

/** Waits until a file has so many bytes. */
async function grown(file: string, bytes: number): Promise<void> {
  for (;;) {
    const size = await stat(file).then(
      (info) => info.size,
      () => 0,
    );
    if (size >= bytes) return;
    await setTimeout(5);
  }
}

const words = ["free", "prize", "hello", "lunch", "the", "of", "meeting", "tomorrow"];
const rowText = (i: number): string =>
  Array.from({ length: 40 }, (_, j) => words[(i * 7 + j * j + (i % 13) * j) % words.length]).join(" ") +
  ` ${i}`;

test.each(["1", "2"])(
  "killed, killed again and resumed: every row once, in order, with %s jobs",
  async (jobs) => {
    const rows = Array.from({ length: 3000 }, (_, i) => rowText(i));
    await writeFile(path("rows.txt"), `${rows.join("\n")}\n`);
    const out = path(`killed-${jobs}.jsonl`);
    const args = ["certify", "-m", model, "-i", path("rows.txt"), "-o", out, "-j", jobs];
    const kill = (bytes: number) => async (pid: number) => {
      await grown(out, bytes);
      process.kill(pid, "SIGKILL");
    };
    expect(await program(args, kill(50_000))).toMatchObject({ code: null, signal: "SIGKILL" });
    // As if the kill had hit in the middle of a line.
    await writeFile(out, (await readFile(out)).subarray(0, -20));
    const first = (await stat(out)).size;
    expect(await program([...args, "--resume"], kill(first + 50_000))).toMatchObject({ signal: "SIGKILL" });
    const kept = (await readFile(out, "utf8")).split("\n").length - 1;
    expect(kept).toBeLessThan(rows.length);
    expect(await program([...args, "--resume"])).toEqual({ code: 0, signal: null, stderr: "" });
    const lines = records(await readFile(out, "utf8"));
    expect(lines.map((line) => line.text)).toEqual(rows);
    expect(lines.map((line) => line.id)).toEqual(rows.map((_, id) => id));
  },
  30_000,
);

test("Ctrl-C ends the run with whole lines and says how to go on", async () => {
  await writeFile(path("rows.txt"), Array.from({ length: 3000 }, (_, i) => `${rowText(i)}\n`).join(""));
  const out = path("interrupted.jsonl");
  const args = ["certify", "-m", model, "-i", path("rows.txt"), "-o", out];
  const ended = await program(args, async (pid) => {
    await grown(out, 20_000);
    process.kill(pid, "SIGINT");
  });
  expect(ended).toEqual({
    code: 130,
    signal: null,
    stderr: `interrupted after ${records(await readFile(out, "utf8")).length} texts; run the same command with --resume to continue ${out}\n`,
  });
}, 20_000);

test("the same lines whatever the number of jobs", async () => {
  await writeFile(path("few.txt"), Array.from({ length: 200 }, (_, i) => `${rowText(i)}\n`).join(""));
  const outputs: string[] = [];
  for (const jobs of ["1", "3", "auto"]) {
    const out = path(`jobs-${jobs}.jsonl`);
    const args = ["certify", "-m", model, "-i", path("few.txt"), "-o", out, "-j", jobs];
    expect(await program(args)).toEqual({ code: 0, signal: null, stderr: "" });
    outputs.push(
      (await readFile(out, "utf8")).replace(/"seconds":[^,}]+/g, "").replace(/"sha256":"[0-9a-f]+"}$/gm, "}"),
    );
  }
  expect(outputs[1]).toBe(outputs[0]);
  expect(outputs[2]).toBe(outputs[0]);
}, 20_000);

test("a reader that stops early is no error", async () => {
  await writeFile(path("few.txt"), Array.from({ length: 2000 }, (_, i) => `${rowText(i)}\n`).join(""));
  for (const jobs of ["1", "2"]) {
    const line = `set -o pipefail; "${process.execPath}" "${bin}" predict -m "${model}" -i "${path("few.txt")}" -j ${jobs} | head -1`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", line]);
    expect(JSON.parse(stdout)).toMatchObject({ id: 0, text: rowText(0) });
    expect(stderr).toBe("");
  }
}, 20_000);

test.each(["1", "2"])(
  "40 MB of texts in a heap of 30 MB, with %s jobs",
  async (jobs) => {
    const text = "hello lunch ".repeat(340);
    await writeFile(path("many.txt"), `${text}\n`.repeat(10_000));
    const args = ["predict", "-m", model, "-i", path("many.txt"), "-o", path("many.jsonl"), "-j", jobs];
    expect(await program(args, undefined, { NODE_OPTIONS: "--max-old-space-size=30" })).toEqual({
      code: 0,
      signal: null,
      stderr: "",
    });
    expect((await stat(path("many.jsonl"))).size).toBeGreaterThan(40e6);
  },
  60_000,
);
