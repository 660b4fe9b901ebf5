/**
 * All benches in a short form, with what comes in the package: under a minute. `npm run bench` builds and runs it.
 */
import { spawnSync } from "node:child_process";
import * as bench from "./harness.mjs";

const SHORT = [
  ["exact.mjs", "--texts", "60", "--brute", "5"],
  ["scaling.mjs", "--texts", "10", "--edits", "3", "--longest", "3000"],
  ["start.mjs", "--runs", "5"],
  ["train.mjs", "--epochs", "3"],
  ["memory.mjs", "--texts", "3000"],
];
for (const [name, ...args] of SHORT) {
  const { status } = spawnSync(process.execPath, [bench.pathOf(name), ...args], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
