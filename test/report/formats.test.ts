import type { ResultRecord } from "../../src/certify/result.js";
import { version } from "../../src/cli/version.js";
import { createTally } from "../../src/evaluate/metrics.js";
import type { PredictionRecord } from "../../src/evaluate/record.js";
import { type Format, formats } from "../../src/report/format-names.js";
import { predictionReporter, resultReporter } from "../../src/report/formats.js";
import { certification, certified, model, record, refuted, spam, unknown } from "../evaluate/examples.js";
import { resealed } from "../oracle/plain-seal.js";

const records: ResultRecord[] = [
  record(0, "Free entry", certified(2), "spam"),
  record(
    1,
    'say "a|b",\nthen <c>',
    refuted(0, 'say "a|b",\nthen <d>', { margins: [{ edits: 0, lower: 0.5 }] }),
  ),
  record(2, "", unknown(1, "time is up", { limit: 2 })),
  { id: 3, text: "x", label: "eggs", correct: null, error: "label 'eggs' is not one of ham, spam" },
];

function written(format: Format, given: readonly ResultRecord[] = records): string {
  const reporter = resultReporter(format, { width: 90 });
  const tally = createTally({ limit: 2 });
  const pieces = [reporter.begin()];
  for (const r of given) {
    tally.add(r);
    pieces.push(reporter.record(r));
  }
  pieces.push(reporter.end(tally.metrics()));
  return pieces.join("");
}

const sha = model.sha256;
const SHARED =
  '"method":"exact","threat":{"distance":"levenshtein","unit":"code point","alphabet":"unicode","characters":1112064,' +
  `"sha256":"${"cd".repeat(32)}"},` +
  `"model":{"name":"tiny","sha256":"${sha}"},"arithmetic":"float64","seconds":0.0009`;
const SPAM = '"prediction":{"label":"spam","index":1,"scores":[-3.1,3.1]}';
const LINES = [
  `{"id":0,"text":"Free entry","label":"spam",${SPAM},"correct":true,"verdict":"certified","certified":2,"broken":null,"limit":2,` +
    `"margins":[{"edits":0,"lower":6.2},{"edits":1,"lower":4.4},{"edits":2,"lower":2.9}],"counterexample":null,${SHARED}}`,
  `{"id":1,"text":"say \\"a|b\\",\\nthen <c>","label":null,${SPAM},"correct":null,"verdict":"refuted","certified":0,"broken":1,"limit":1,` +
    `"margins":[{"edits":0,"lower":0.5}],"counterexample":{"text":"say \\"a|b\\",\\nthen <d>","edits":1,` +
    `"prediction":{"label":"ham","index":0,"scores":[0.25,-0.25]}},${SHARED}}`,
  `{"id":2,"text":"","label":null,${SPAM},"correct":null,"verdict":"unknown","certified":1,"broken":null,"limit":2,` +
    `"margins":[{"edits":0,"lower":6.2},{"edits":1,"lower":4.4},{"edits":2,"lower":2.9}],"counterexample":null,${SHARED},"reason":"time is up"}`,
  `{"id":3,"text":"x","label":"eggs","error":"label 'eggs' is not one of ham, spam"}`,
].map((line) => {
  const versioned = `${line.slice(0, -1)},"versions":{"certificate":1,"typoproof":"${version()}"}}`;
  return JSON.stringify(resealed(JSON.parse(versioned)));
});

test("jsonl: the keys and their order are a contract", () => {
  expect(written("jsonl").split("\n")).toEqual([...LINES, ""]);
});

test("jsonl: lone surrogates survive", () => {
  const line = resultReporter("jsonl").record(record(0, "a\ud800b", certified(1)));
  expect(JSON.parse(line).text).toBe("a\ud800b");
  expect(Buffer.from(line).toString()).toBe(line);
});

test("the bracket in tables: what is proven, and what is known to break it", () => {
  const found = { text: "x", edits: 4, prediction: spam };
  const gap = certification(
    {
      verdict: "unknown",
      certified: 1,
      broken: 4,
      counterexample: found,
      reason: "an attack proves nothing",
    },
    { limit: 9 },
  );
  const row = (result: ResultRecord) => resultReporter("markdown").record(result);
  expect(row(record(0, "y", gap))).toContain("| \\>= 1 | \\<= 4 |");
  expect(row(record(0, "y", refuted(2, "x")))).toContain("| 2 | 3 |");
});

test("json: one array of the same objects", () => {
  expect(written("json")).toBe(`[\n${LINES.join(",\n")}\n]\n`);
  expect(written("json", [])).toBe("[]\n");
});

test("csv", () => {
  expect(written("csv")).toBe(
    `id,text,label,prediction,correct,verdict,certified,broken,limit,counterexample,counterexample_prediction,margins,scores,method,alphabet,model,model_sha256,seconds,reason,error,strings,sequences,passes,backend
0,Free entry,spam,spam,true,certified,2,,2,,,6.2 4.4 2.9,-3.1 3.1,exact,unicode,tiny,${sha},0.0009,,,,,,
1,"say ""a|b"",
then <c>",,spam,,refuted,0,1,1,"say ""a|b"",
then <d>",ham,0.5,-3.1 3.1,exact,unicode,tiny,${sha},0.0009,,,,,,
2,,,spam,,unknown,1,,2,,,6.2 4.4 2.9,-3.1 3.1,exact,unicode,tiny,${sha},0.0009,time is up,,,,,
3,x,eggs,,,error,,,,,,,,,,,,,,"label 'eggs' is not one of ham, spam",,,,
`,
  );
});

test("csv: what a run took", () => {
  const work = {
    backend: "onnxruntime-node 1.30.0",
    strings: 21185,
    sequences: 249,
    passes: 250,
    guard: 0.01,
  };
  const written = resultReporter("csv").record(record(0, "a", certified(1, { work })));
  expect(written).toMatch(/,0\.0009,,,21185,249,250,onnxruntime-node 1\.30\.0\n$/);
});

test("markdown", () => {
  expect(written("markdown")).toBe(
    String.raw`| id | text | label | prediction | proven | broken by | how |
| --- | --- | --- | --- | --- | --- | --- |
| 0 | Free entry | spam | spam | \>= 2 |  |  |
| 1 | say "a\|b", then \<c\> |  | spam | 0 | 1 | …a\|b", then \<\[-c-\]\{+d+\}\> |
| 2 |  |  | spam | \>= 1 |  | time is up |
| 3 | x | eggs | error |  |  | label 'eggs' is not one of ham, spam |

4 texts: 1 certified for 2 edits, 1 broken, 1 undecided, 1 failed (2.7 ms). Accuracy 25.0 %, certified accuracy at 2 edits 25.0 %.
`,
  );
});

test("table", () => {
  expect(written("table")).toBe(
    `┌────────┬─────────────────┬────────────┬────────────┬──────────┬───────────┬────────────┐
│ id     │ text            │ label      │ prediction │ proven   │ broken by │ how        │
├────────┼─────────────────┼────────────┼────────────┼──────────┼───────────┼────────────┤
│ 0      │ Free entry      │ spam       │ spam       │ >= 2     │           │            │
│ 1      │ say "a|b", then │            │ spam       │ 0        │ 1         │ …a|b",     │
│        │ <c>             │            │            │          │           │ then       │
│        │                 │            │            │          │           │ <[-c-]{+d… │
│ 2      │                 │            │ spam       │ >= 1     │           │ time is up │
│ 3      │ x               │ eggs       │ error      │          │           │ label      │
│        │                 │            │            │          │           │ 'eggs' is  │
│        │                 │            │            │          │           │ not one of │
│        │                 │            │            │          │           │ ham, spam  │
└────────┴─────────────────┴────────────┴────────────┴──────────┴───────────┴────────────┘
4 texts: 1 certified for 2 edits, 1 broken, 1 undecided, 1 failed (2.7 ms). Accuracy 25.0 %, certified accuracy at 2 edits 25.0 %.
`,
  );
});

test("every format writes the record in the middle of others alone as it does among them", () => {
  for (const format of formats) {
    const reporter = resultReporter(format);
    reporter.begin();
    reporter.record(records[0]!);
    const second = reporter.record(records[1]!);
    expect(reporter.record(records[1]!)).toBe(second);
  }
});

const predictions: PredictionRecord[] = [
  { id: 0, text: "Win", label: null, correct: null, prediction: spam, model },
  { id: 1, text: "Hi", label: "ham", correct: false, prediction: spam, model },
  { id: 2, text: "?", label: null, correct: null, error: "no" },
];

function predicted(format: Format): string {
  const reporter = predictionReporter(format, { width: 90 });
  const end = reporter.end({ texts: 3, errors: 1, labelled: 0, clean: null });
  return predictions.reduce((text, p) => text + reporter.record(p), reporter.begin()) + end;
}

test("predictions as jsonl", () => {
  expect(predicted("jsonl").split("\n")).toEqual([
    `{"id":0,"text":"Win",${SPAM},"model":{"name":"tiny","sha256":"${sha}"}}`,
    `{"id":1,"text":"Hi",${SPAM},"label":"ham","correct":false,"model":{"name":"tiny","sha256":"${sha}"}}`,
    `{"id":2,"text":"?","label":null,"error":"no"}`,
    "",
  ]);
});

test("predictions as csv, markdown and table", () => {
  expect(predicted("csv")).toBe(
    `id,text,label,prediction,correct,scores,model,model_sha256,error
0,Win,,spam,,-3.1 3.1,tiny,${sha},
1,Hi,ham,spam,false,-3.1 3.1,tiny,${sha},
2,?,,,,,,,no
`,
  );
  expect(predicted("markdown")).toBe(
    `| id | text | label | prediction | scores |
| --- | --- | --- | --- | --- |
| 0 | Win |  | spam | -3.10 3.10 |
| 1 | Hi | ham | spam | -3.10 3.10 |
| 2 | ? |  | error | no |

3 texts, 1 failed.
`,
  );
  expect(predicted("table").split("\n").at(-2)).toBe("3 texts, 1 failed.");
});
