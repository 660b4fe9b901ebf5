/**
 * Does the memory of a long run grow? `typoproof certify` over --texts generated short texts, standard input to standard
 * output, with 1 and 2 jobs: memory of the process (its threads included) after 10, 25, 50 and 75 % of the results and at the end.
 *
 * The texts are three to eight words from the packaged data set, every other word with a typo, so new words keep coming;
 * the same texts each time. Memory is read from /proc, so this one runs on Linux only.
 *
 *     npm run build && node bench/memory.mjs [--texts n] [--model m] [--edits k]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as bench from "./harness.mjs";

const SHARES = [0.1, 0.25, 0.5, 0.75];
const options = bench.options({ ...bench.DEFAULT_TEXTS, texts: 100_000, edits: 1, jobs: "1,2" });
bench.heading("Memory of a long run");
const words = (await bench.rows(options))
  .flatMap((row) => row.text.split(/\s+/))
  .filter((word) => word !== "");

/** Numerical Recipes' linear congruential generator, its upper bits. */
function generator() {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
function sentence(random) {
  const chosen = Array.from({ length: 3 + random(6) }, (_, i) => {
    const word = words[random(words.length)];
    if (i % 2 === 0) return word;
    const at = random(word.length);
    return word.slice(0, at) + String.fromCharCode(97 + random(26)) + word.slice(at + random(2));
  });
  return chosen.join(" ");
}

async function run(jobs) {
  const began = performance.now();
  const args = [
    "certify",
    "--model",
    options.model,
    "--edits",
    `${options.edits}`,
    "--jobs",
    jobs,
    "--no-progress",
  ];
  const child = spawn(
    process.execPath,
    [
      bench.pathOf("../bin/typoproof.js"),
      ...args,
      "--input",
      "-",
      "--input-format",
      "jsonl",
      "--format",
      "jsonl",
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const closed = once(child, "close");
  let lines = 0;
  let latest = 0;
  const at = new Map();
  child.stdout.on("data", (chunk) => {
    for (let i = chunk.indexOf(10); i >= 0; i = chunk.indexOf(10, i + 1)) lines++;
  });
  const look = async () => {
    const seen = lines;
    const found = await bench.memory(child.pid);
    if (found === null) return;
    for (const share of SHARES) if (!at.has(share) && seen >= share * options.texts) at.set(share, found);
    if (seen > latest) at.set("last", { ...found, seen });
    latest = seen;
  };
  const timer = setInterval(look, 20);
  const random = generator();
  for (let id = 0; id < options.texts; id++) {
    const line = `${JSON.stringify({ text: sentence(random) })}\n`;
    if (!child.stdin.write(line)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  const [status] = await closed;
  clearInterval(timer);
  if (status !== 0 || lines !== options.texts)
    throw new Error(`${lines} lines for ${options.texts} texts, exit status ${status}`);
  return { jobs, lines, at, seconds: (performance.now() - began) / 1000 };
}

const runs = [];
for (const jobs of options.jobs.split(",")) runs.push(await run(jobs));
bench.print(
  `${options.texts.toLocaleString("en-US")} texts, k = ${options.edits}, model ${options.model.split(/[\\/]/).at(-1)}.`,
);
bench.print();
bench.table(
  [
    "jobs",
    ...SHARES.map((share) => `MiB at ${100 * share} %`),
    "at the end",
    "peak",
    "seconds",
    "texts per second",
  ],
  runs.map(({ jobs, lines, at, seconds }) => {
    const last = at.get("last");
    return [
      jobs,
      ...SHARES.map((share) => at.get(share)?.now ?? Number.NaN),
      `${bench.number(last.now)} (after ${bench.number((100 * last.seen) / lines)} %)`,
      last.most,
      seconds,
      lines / seconds,
    ];
  }),
);
