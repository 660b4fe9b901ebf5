/**
 * Cold start: a new process that loads a model, certifies one text and ends; and what that time goes into.
 *
 *     npm run build && node bench/start.mjs [--model m] [--runs n]
 */
import { spawnSync } from "node:child_process";
import * as bench from "./harness.mjs";

const options = bench.options({ model: "sms-spam", runs: 10, edits: 2 });
bench.heading("Cold start");
const TEXT = "Free entry in 2 a wkly comp to win FA Cup final tkts";

function run(args) {
  const { result, wall } = bench.timed(() => spawnSync(process.execPath, args, { encoding: "utf8" }));
  if (result.status !== 0)
    throw new Error(`node ${args.join(" ")} ended with ${result.status}: ${result.stderr}`);
  return { wall, out: result.stdout };
}

const command = [
  bench.pathOf("../bin/typoproof.js"),
  "certify",
  "--model",
  options.model,
  "--edits",
  `${options.edits}`,
  TEXT,
];
const inside = `
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  const marks = [[performance.now(), cpu()]];
  const mark = () => void marks.push([performance.now(), cpu()]);
  const { certify, loadModel } = await import(${JSON.stringify(new URL("../dist/node/index.js", import.meta.url).href)});
  mark();
  const model = await loadModel(${JSON.stringify(options.model)});
  mark();
  await certify(model, ${JSON.stringify(TEXT)}, { edits: ${options.edits} });
  mark();
  process.stdout.write(JSON.stringify(marks));
`;
const whole = [];
const bare = [];
const parts = [];
for (let i = 0; i < options.runs; i++) {
  whole.push(run(command).wall);
  bare.push(run(["-e", "0"]).wall);
  parts.push(JSON.parse(run(["--input-type=module", "-e", inside]).out));
}
const row = (name, walls, cpus) => [
  name,
  bench.median(walls),
  bench.p95(walls),
  bench.least(walls),
  cpus === null ? "" : bench.median(cpus),
];
const between = (column, i) => parts.map((marks) => marks[i][column] - marks[i - 1][column]);
const part = (name, i) => row(name, between(0, i), between(1, i));
bench.print(`${options.runs} runs each, ms; k = ${options.edits}.`);
bench.print();
bench.table(
  ["", "median", "p95", "min", "median CPU"],
  [
    row(`\`typoproof certify --edits ${options.edits} "Free entry ..."\`, start to end`, whole, null),
    row("of that, Node by itself (`node -e 0`)", bare, null),
    part("as a library: import", 1),
    part("`loadModel`", 2),
    part("first `certify`", 3),
    row(
      "all of the library's process until then",
      parts.map((marks) => marks[3][0]),
      parts.map((marks) => marks[3][1]),
    ),
  ],
);
