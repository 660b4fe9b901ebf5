import { jsonlReporter, resultFields } from "../../src/report/jsonl.js";
import { parseResult } from "../../src/report/parse.js";
import { certification, certified, ham, record, refuted, unknown } from "../evaluate/examples.js";

const written = (r: Parameters<typeof resultFields>[0]): string =>
  jsonlReporter(resultFields).record(r).trimEnd();

test.each([
  record(0, "Free entry", certified(2), "spam"),
  record(1, "a\ud800", refuted(0, "b"), "ham"),
  record(2, "", unknown(null, "time")),
  record(
    3,
    "c",
    certification({
      verdict: "unknown",
      certified: 0,
      broken: 3,
      counterexample: { text: "xyz", edits: 3, prediction: ham },
      reason: "time",
    }),
  ),
  { id: 4, text: "d", label: "x", correct: null, error: "no" },
])("what is written is read back: %#", (r) => {
  expect(parseResult(written(r))).toEqual(r);
});

const line = JSON.parse(written(record(0, "t", refuted(1, "u"), "ham")));

test.each<[string, unknown, string]>([
  ["id", -1, "id is -1; allowed is an integer from 0 up"],
  ["text", undefined, "text is missing; allowed is a string"],
  ["label", 3, "label is 3; allowed is a string"],
  ["correct", "yes", 'correct is "yes"; allowed is true, false or null'],
  ["verdict", "proven", 'verdict is "proven"; allowed is certified, refuted or unknown'],
  ["verdict", "certified", "the verdict certified needs certified, and neither broken nor a counterexample"],
  ["certified", null, "the verdict refuted needs certified, broken and a counterexample"],
  ["certified", "2", 'certified is "2"; allowed is an integer from 0 up'],
  ["counterexample", [], "counterexample is []; allowed is an object"],
  ["margins", {}, "margins is {}; allowed is a list"],
  ["margins", [{ edits: 0, lower: null }], "margins[0].lower is null; allowed is a number"],
  ["prediction", { label: "a", index: 0 }, "prediction.scores is missing; allowed is a list"],
  ["threat", { distance: "hamming" }, 'threat.distance is "hamming"; allowed is "levenshtein"'],
  ["model", { name: "m" }, "model.sha256 is missing; allowed is a string"],
  ["arithmetic", "float16", 'arithmetic is "float16"; allowed is "float64" or "float32"'],
])("%s = %j is refused", (key, value, problem) => {
  expect(parseResult(JSON.stringify({ ...line, [key]: value }))).toEqual({ problem });
});

test.each(["", "[]", "null", "12", '"x"', "{", "id,text"])("%j is no result line", (text) => {
  expect(parseResult(text)).toHaveProperty("problem");
});
