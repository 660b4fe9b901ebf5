/**
 * What the benches share: options, texts, clocks and tables. It measures nothing itself.
 *
 * Wall time depends on what else the machine does; CPU time (of all threads of the process, user and system) hardly
 * does. Both are given.
 */
import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { datasetInput, readRows } from "../dist/node/index.js";

/** The texts and the model that are measured where nothing else is asked for: both come with the package. */
export const DEFAULT_TEXTS = { model: "sms-spam", dataset: "tickets:train", data: "" };

export const print = (text = "") => void process.stdout.write(`${text}\n`);

export const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** `--some-name value` for each of the defaults, with the default's type. */
export function options(defaults) {
  const names = Object.keys(defaults);
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [kebab(name), { type: "string" }])),
  });
  return Object.fromEntries(
    names.map((name) => {
      const given = values[kebab(name)];
      if (given === undefined) return [name, defaults[name]];
      if (typeof defaults[name] !== "number") return [name, given];
      if (!Number.isFinite(Number(given)))
        throw new Error(`--${kebab(name)} is ${given}; it must be a number`);
      return [name, Number(given)];
    }),
  );
}

/** Rows of a data set, `name:split`; `data` is the folder of the data sets' files, "" for the usual one. */
export async function rows({ dataset, data }, most = Number.POSITIVE_INFINITY) {
  const found = [];
  for await (const row of readRows(await datasetInput(dataset, data || undefined))) {
    if (found.length >= most) break;
    if (row.error === undefined) found.push(row);
  }
  return found;
}

/** The first `count` texts to measure, and the `warm` texts after them to warm up with; fewer if there are fewer. */
export async function texts(from, count, warm) {
  const all = (await rows(from, count + warm)).map((row) => row.text);
  const measured = Math.max(1, Math.min(count, all.length - warm));
  return { measured: all.slice(0, measured), warming: all.slice(measured) };
}

/** Milliseconds on the CPU, all threads of this process. */
export function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function timed(work) {
  const cpuBefore = cpu();
  const before = performance.now();
  const result = work();
  return { result, wall: performance.now() - before, cpu: cpu() - cpuBefore };
}

export const sum = (values) => values.reduce((a, b) => a + b, 0);
export const mean = (values) => sum(values) / values.length;

/** The least of the values that at least `share` of them don't exceed. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
export const median = (values) => quantile(values, 0.5);
export const p95 = (values) => quantile(values, 0.95);
export const least = (values) => quantile(values, 0);

/** Three digits. */
export function number(value) {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}

/** A markdown table; numbers are shown by `number`. */
export function table(head, body) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  print(line(head));
  print(line(head.map(() => "---")));
  for (const cells of body)
    print(line(cells.map((cell) => (typeof cell === "number" ? number(cell) : String(cell)))));
  print();
}

/** The first lines of a bench's output: what was run, where, and how busy the machine was. */
export function heading(title) {
  const command = process.argv.slice(2).join(" ");
  const name = process.argv[1].split(/[\\/]/).at(-1);
  print(`## ${title}`);
  print();
  print(`\`node bench/${name}${command === "" ? "" : ` ${command}`}\``);
  print();
  print(
    `Node ${process.versions.node}, ${cpus().length} cores, ${cpus()[0]?.model.trim()}; ` +
      `load before: ${loadavg()[0].toFixed(1)}`,
  );
  print();
}

/** Memory of a process in MiB, now and at most so far; null where the system doesn't say or it is gone. */
export async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  const [now, most] = [kib("VmRSS") / 1024, kib("VmHWM") / 1024];
  return Number.isNaN(now) ? null : { now, most };
}
