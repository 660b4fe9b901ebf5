import fc from "fast-check";
import { UserError } from "../../src/failure.js";
import { resultReporter } from "../../src/report/formats.js";
import {
  type LipslevRow,
  lipslevCsvHeader,
  lipslevCsvRow,
  readLipslevCsv,
} from "../../src/report/lipslev-csv.js";
import { certified, record, unknown } from "../evaluate/examples.js";

const whole = fc.option(fc.nat(1000));
const real = fc.option(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
);
const rows: fc.Arbitrary<LipslevRow> = fc.record({
  sentence: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") }),
  ),
  trueLabel: whole,
  predLabel: whole,
  margin: real,
  radius: whole,
  time: real,
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.array(rows), (all) => {
      const text = lipslevCsvHeader() + all.map(lipslevCsvRow).join("");
      expect(readLipslevCsv(text)).toEqual(all);
    }),
  );
});

test("an index column, other columns, CRLF, no line end at the end, and pandas' words for nothing", () => {
  const text =
    ',sentence,true_label,pred_label,margin,radius,time,more\r\n0,"a, ""b""",3,3.0,2.5,2.0,0.003,x\r\n1,c,0,1,nan,None,,';
  expect(readLipslevCsv(text)).toEqual([
    { sentence: 'a, "b"', trueLabel: 3, predLabel: 3, margin: 2.5, radius: 2, time: 0.003 },
    { sentence: "c", trueLabel: 0, predLabel: 1, margin: null, radius: null, time: null },
  ]);
});

const header = lipslevCsvHeader();
test.each([
  ["", "has the column sentence 0 times"],
  ["sentence,margin\n", "has the column true_label 0 times"],
  [`${header.trim()},time\n`, "has the column time 2 times"],
  [`${header}a,1,1,1\n`, "line 2 has 4 fields; the header has 6"],
  [`${header}"a\nb",1,1,x,1,1\n`, 'line 2: margin is "x"; allowed are numbers'],
  [`${header}a,1,1.5,1,1,1\n`, 'line 2: pred_label is "1.5"; allowed are integers from 0'],
  [`${header}a,1,1,1,-1,1\n`, 'line 2: radius is "-1"'],
  [`${header}a,1,1,1,1,1e999\n`, "line 2: time is"],
  [`${header}"a,1,1,1,1,1\n`, "line 2: a quote is never closed"],
  [`${header}a"b"c,1,1,1,1,1\n"x"y,1,1,1,1,1\n`, "line 3: a quote is never closed, or stands inside"],
])("%j is refused in one line", (text, message) => {
  const read = () => readLipslevCsv(text);
  expect(read).toThrow(UserError);
  expect(read).toThrow(message);
  expect(read).not.toThrow("\n");
});

test("results as rows: labels by their place, what isn't known or failed as nothing", () => {
  const reporter = resultReporter("lipslev-csv", { labels: ["ham", "spam"] });
  const results = [
    record(0, 'a "b",\n', certified(2, { margins: [{ edits: 0, lower: 1.5 }] }), "spam"),
    record(1, "c", certified(1, { margins: [] }), "eggs"),
    record(2, "d", unknown(null, "time is up", { margins: [] })),
    { id: 3, text: "e", label: "ham", correct: null, error: "no" },
  ] as const;
  const rows = readLipslevCsv(reporter.begin() + results.map((r) => reporter.record(r)).join(""));
  const predicted = certified(1).prediction.index;
  expect(rows.map(({ time: _, ...row }) => row)).toEqual([
    { sentence: 'a "b",\n', trueLabel: 1, predLabel: predicted, margin: 1.5, radius: 2 },
    { sentence: "c", trueLabel: null, predLabel: predicted, margin: null, radius: 1 },
    { sentence: "d", trueLabel: null, predLabel: predicted, margin: null, radius: null },
    { sentence: "e", trueLabel: 0, predLabel: null, margin: null, radius: null },
  ]);
  expect(rows.map(({ time }) => time === null)).toEqual([false, false, false, true]);
});
