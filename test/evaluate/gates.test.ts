import { unmetGates } from "../../src/evaluate/gates.js";
import { createTally } from "../../src/evaluate/metrics.js";
import { certified, record, refuted } from "./examples.js";

const tally = createTally({ limit: 2 });
tally.add(record(0, "a", certified(2), "spam"));
tally.add(record(1, "b", refuted(1, "x", { limit: 2 }), "spam"));
const metrics = tally.metrics();

test("gates that are met say nothing", () => {
  expect(unmetGates(metrics, {})).toEqual([]);
  expect(unmetGates(metrics, { minRadius: 1, minCertifiedAccuracy: 0.5 })).toEqual([]);
});

test("gates that are not met say by how much", () => {
  expect(unmetGates(metrics, { minRadius: 2, minCertifiedAccuracy: 0.9 })).toEqual([
    "--min-radius 2 is not met: 1 of 2 texts are certified that far",
    "--min-certified-accuracy 0.9 is not met: certified accuracy at 2 edits is 0.5000 (1 of 2 texts)",
  ]);
});

test("no texts meet no gate", () => {
  const none = createTally({ limit: 1 }).metrics();
  expect(unmetGates(none, { minRadius: 0, minCertifiedAccuracy: 0 })).toHaveLength(2);
});

test("a text that failed meets no gate", () => {
  const one = createTally({ limit: 1 });
  one.add({ id: 0, text: "", label: null, correct: null, error: "no" });
  expect(unmetGates(one.metrics(), { minRadius: 0 })).toHaveLength(1);
});
