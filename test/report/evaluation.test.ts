import { createTally } from "../../src/evaluate/metrics.js";
import { type Evaluation, evaluationReport } from "../../src/report/evaluation.js";
import { certified, ham, model, record, refuted } from "../evaluate/examples.js";

const tally = createTally({ limit: 1, labels: ["ham", "spam"] });
tally.add(record(0, "a", certified(1), "spam"));
tally.add(record(1, "b", refuted(0, "x"), "spam"));
tally.add(record(2, "c", certified(1, { prediction: ham }), "ham"));
tally.add({ id: 3, text: "d", label: "ham", correct: null, error: "no" });
const evaluation: Evaluation = {
  version: "1.2.3",
  input: "sms-spam:test",
  model,
  method: "exact",
  alphabet: "unicode",
  metrics: tally.metrics(),
  seconds: 1.5,
};

test("table", () => {
  expect(evaluationReport(evaluation, "table")).toBe(
    `tiny (sha256 abababababab) on sms-spam:test: 4 texts, method exact, alphabet unicode
┌───────┬────────────────────┬─────────────┬───────────────────┬─────────────┬───────────────────┐
│ edits │ certified accuracy │ 95 %        │ attacked accuracy │ 95 %        │ prediction proven │
├───────┼────────────────────┼─────────────┼───────────────────┼─────────────┼───────────────────┤
│ 0     │ 75.0 %             │ 30.1 - 95.4 │ 75.0 %            │ 30.1 - 95.4 │ 75.0 %            │
│ 1     │ 50.0 %             │ 15.0 - 85.0 │ 50.0 %            │ 15.0 - 85.0 │ 50.0 %            │
└───────┴────────────────────┴─────────────┴───────────────────┴─────────────┴───────────────────┘
┌───────┬───────┬─────────┬────────────────┐
│ label │ texts │ recall  │ certified at 1 │
├───────┼───────┼─────────┼────────────────┤
│ ham   │ 2     │ 50.0 %  │ 50.0 %         │
│ spam  │ 2     │ 100.0 % │ 50.0 %         │
└───────┴───────┴─────────┴────────────────┘
Accuracy 75.0 % (95 %: 30.1 - 95.4). Median radius 0 edits. 2 certified for 1 edit, 1 broken, 0 undecided, 1 failed. 1.50 s; per text 0.9 ms, slowest 0.9 ms.
`,
  );
});

test("markdown", () => {
  expect(evaluationReport(evaluation, "markdown")).toBe(
    `tiny (sha256 abababababab) on sms-spam:test: 4 texts, method exact, alphabet unicode

| edits | certified accuracy | 95 % | attacked accuracy | 95 % | prediction proven |
| --- | --- | --- | --- | --- | --- |
| 0 | 75.0 % | 30.1 - 95.4 | 75.0 % | 30.1 - 95.4 | 75.0 % |
| 1 | 50.0 % | 15.0 - 85.0 | 50.0 % | 15.0 - 85.0 | 50.0 % |

| label | texts | recall | certified at 1 |
| --- | --- | --- | --- |
| ham | 2 | 50.0 % | 50.0 % |
| spam | 2 | 100.0 % | 50.0 % |

Accuracy 75.0 % (95 %: 30.1 - 95.4). Median radius 0 edits. 2 certified for 1 edit, 1 broken, 0 undecided, 1 failed. 1.50 s; per text 0.9 ms, slowest 0.9 ms.
`,
  );
});

test("csv: a row per number of edits, for all texts and for each label", () => {
  const rows = evaluationReport(evaluation, "csv").split("\n");
  expect(rows).toHaveLength(8);
  expect(rows[0]).toBe(
    "label,edits,texts,certified_count,certified,certified_low,certified_high,attacked_count,attacked,attacked_low,attacked_high,proven_count,proven,proven_low,proven_high",
  );
  expect(rows[2]!.split(",").slice(0, 5)).toEqual(["", "1", "4", "2", "0.5"]);
  expect(rows[6]!.split(",").slice(0, 5)).toEqual(["spam", "1", "2", "1", "0.5"]);
});

test("json: everything, with counts, and what is needed to repeat the run", () => {
  const json = JSON.parse(evaluationReport(evaluation, "json"));
  expect(Object.keys(json)).toEqual([
    "typoproof",
    "input",
    "model",
    "method",
    "threat",
    "texts",
    "errors",
    "labelled",
    "limit",
    "verdicts",
    "clean",
    "edits",
    "medianRadius",
    "minRadius",
    "labels",
    "seconds",
  ]);
  expect(json.edits[1].certified).toMatchObject({ count: 2, of: 4, value: 0.5 });
  expect(json.model).toEqual(model);
});

test("many numbers of edits: the table shows the first and the last", () => {
  const long = createTally({ limit: 40 });
  long.add(record(0, "a", certified(40), "spam"));
  const table = evaluationReport({ ...evaluation, metrics: long.metrics() }, "markdown");
  const edits = [...table.matchAll(/^\| (\d+) \|/gm)].map((m) => Number(m[1]));
  expect(edits).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 40]);
});
