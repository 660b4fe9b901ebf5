/** Tables that are dropped or pasted: one record per row whatever it holds. */
import fc from "fast-check";
import Papa from "papaparse";
import { readTable, tableRows } from "../../src/browser/table.js";
import { UserError } from "../../src/failure.js";

const LABELS = ["ham", "spam"];

test.each([
  ["a.csv", "label,text\nham,hello\n", "csv", ["label", "text"], 1, 1, 0],
  ["a.CSV", "text\nhello\n", "csv", ["text"], 1, 0, null],
  ["a.csv", "ham,see you at lunch\nspam,free prize now\n", "csv", ["column 1", "column 2"], 2, 1, null],
  ["a.tsv", 'sentence\tlabel\n"quoted\t1\n', "tsv", ["sentence", "label"], 1, 0, 1],
  [
    "a.jsonl",
    '{"text":"hello","label":"ham"}\n{"text":"a","label":"spam"}\n',
    "jsonl",
    ["text", "label"],
    2,
    0,
    1,
  ],
  ["a.txt", "one\n\nthree\n", "txt", ["column 1"], 3, 0, null],
  ["pasted rows", "label\ttext\nham\thello", "tsv", ["label", "text"], 1, 1, 0],
  ["pasted rows", "just a line", "txt", ["column 1"], 1, 0, null],
  ["pasted rows", '\uFEFFtext,label\r\n"a, b",ham\r\n', "csv", ["text", "label"], 1, 0, 1],
])("%s %j", async (name, content, format, columns, rows, text, label) => {
  const header = !columns[0]!.startsWith("column");
  const { shape } = await readTable(content, name);
  expect(shape).toEqual({ format, columns, rows, header, text, label });
  const dropped = await readTable(new Blob([content]), name);
  expect(dropped.shape).toEqual(shape);
});

test("a column of labels alone is found without a name", async () => {
  const rows = "ham\tsee you at lunch\nspam\tfree prize now\n";
  expect((await readTable(rows, "a.tsv", LABELS)).shape).toMatchObject({ rows: 2, text: 1, label: 0 });
  expect((await readTable(rows, "a.tsv", ["ham"])).shape).toMatchObject({ label: null });
  expect((await readTable("ham\nspam\n", "a.txt", LABELS)).shape).toMatchObject({ text: 0, label: null });
});

test("fields come through CSV as they were written", async () => {
  const field = fc.string({ unit: "grapheme", minLength: 1 }).filter((s) => !s.startsWith("\uFEFF"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...LABELS), field), { minLength: 1, maxLength: 8 }),
      async (given) => {
        const content = Papa.unparse([["label", "text"], ...given], { quotes: true });
        const table = await readTable(content, "rows.csv");
        const rows = tableRows(table, { text: 1, label: 0 }, LABELS);
        expect(rows).toEqual(given.map(([label, text], id) => ({ id, label, text })));
      },
    ),
    { numRuns: 100 },
  );
});

test("rows that can't be used are rows with an error, in their place", async () => {
  const table = await readTable("text,label\na,ham\nb\nc,2\nd,eggs\n", "rows.csv");
  const rows = tableRows(table, { text: 0, label: 1, labels: "2=spam" }, LABELS);
  expect(rows.map(({ id, text, label, error }) => [id, text, label, error ?? null])).toEqual([
    [0, "a", "ham", null],
    [1, "b", null, "row 1: 1 columns where the first row has 2"],
    [2, "c", "spam", null],
    [3, "d", null, 'row 3: label "eggs" is none of ham, spam'],
  ]);
});

test.each<[string, string | Blob, string]>([
  ["rows.csv", "", "rows.csv is empty"],
  ["rows.csv", "text,label\n", "rows.csv has a header but no rows"],
  ["rows.csv", 'text\n"open', "rows.csv, record 2: "],
  ["rows.jsonl", '{"text":1}\n[1]\n', 'rows.jsonl, line 2: "[1]" is no JSON object'],
  ["rows.csv", new Blob([new Uint8Array([0x74, 0xff])]), "rows.csv is not valid UTF-8"],
])("%s: %p is told in one line", async (name, content, told) => {
  const error = await readTable(content, name).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toContain(told);
});

test("columns and labels that can't be are told in one line", async () => {
  const table = await readTable("text,label\na,ham\n", "rows.csv");
  expect(() => tableRows(table, { text: 2, label: null }, LABELS)).toThrow(
    "there is no column 3; columns are 1 to 2",
  );
  expect(() => tableRows(table, { text: 0, label: 1, labels: "ham" }, LABELS)).toThrow(
    'the labels have "ham" where',
  );
});
