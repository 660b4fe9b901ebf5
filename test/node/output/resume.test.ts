import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InputRow } from "../../../src/certify/result.js";
import {
  cutTorn,
  type RunSettings,
  readWritten,
  remainingRows,
  type WrittenLine,
} from "../../../src/node/output/resume.js";
import { jsonlReporter, resultFields } from "../../../src/report/jsonl.js";
import { certified, model, record } from "../../evaluate/examples.js";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-resume-"));
  file = join(folder, "out.jsonl");
});
afterAll(() => rm(folder, { recursive: true }));

const settings: RunSettings = { sha256: model.sha256, edits: 2, alphabet: "unicode", method: "auto" };
const rows: InputRow[] = ["a", "b", "c\ud800", ""].map((text, id) => ({ id: id + 5, text, label: null }));
const lineOf = (row: InputRow): string =>
  jsonlReporter(resultFields).record(record(row.id, row.text, certified(2), row.label));

async function remaining(path = file, from = rows): Promise<number[]> {
  const written = await readWritten(path, settings);
  const ids: number[] = [];
  for await (const row of remainingRows(from, written, path)) ids.push(row.id);
  return ids;
}

test("whole lines are kept, their rows skipped", async () => {
  await writeFile(file, rows.slice(0, 3).map(lineOf).join(""));
  const seen: WrittenLine[] = [];
  const written = await readWritten(file, settings, (line) => seen.push(line));
  expect(written).toMatchObject({ done: 3, lastId: 7, torn: 0 });
  expect(seen.map((line) => line.text)).toEqual(["a", "b", "c\ud800"]);
  expect(await remaining()).toEqual([8]);
});

test("no file and an empty file hold nothing", async () => {
  expect(await remaining(join(folder, "none.jsonl"))).toEqual([5, 6, 7, 8]);
  await writeFile(file, "");
  expect(await remaining()).toEqual([5, 6, 7, 8]);
});

test("a torn last line is cut off, wherever it was torn", async () => {
  const whole = rows.slice(0, 2).map(lineOf).join("");
  const last = lineOf(rows[2]!);
  for (const length of [1, 2, 10, last.length - 2, last.length - 1]) {
    await writeFile(file, whole + last.slice(0, length));
    const written = await readWritten(file, settings);
    expect(written).toMatchObject({ done: 2, lastId: 6, torn: Buffer.byteLength(last.slice(0, length)) });
    // Reading changes nothing; cutting leaves the whole lines.
    expect(await readFile(file, "utf8")).toBe(whole + last.slice(0, length));
    await cutTorn(file, written);
    expect(await readFile(file, "utf8")).toBe(whole);
    expect(await remaining()).toEqual([7, 8]);
  }
});

test("lines that tell of a failed text count as done", async () => {
  await writeFile(file, `${lineOf(rows[0]!)}{"id":6,"text":"b","label":null,"error":"no"}\n`);
  expect(await remaining()).toEqual([7, 8]);
});

test("a finished output leaves nothing to do", async () => {
  await writeFile(file, rows.map(lineOf).join(""));
  expect(await remaining()).toEqual([]);
});

test.each<[string, (line: string) => string, string]>([
  ["another model", (l) => l.replaceAll(model.sha256, "cd"), "line 1 has model sha256 cd, this run has abab"],
  ["another limit", (l) => l.replace('"limit":2', '"limit":3'), "line 1 has limit 3, this run has --edits 2"],
  [
    "another alphabet",
    (l) => l.replace('"unicode"', '"ascii"'),
    "line 1 has alphabet ascii, this run has unicode",
  ],
  ["no JSON", () => "id,text\n", "line 1 is not a result line"],
  ["JSON of another kind", () => '{"id":1,"text":"a"}\n', "line 1 is not a result line"],
  ["a repeated line", (l) => l + l, "line 2 has id 5 after id 5"],
])("%s is refused", async (_, change, message) => {
  await writeFile(file, change(lineOf(rows[0]!)));
  await expect(remaining()).rejects.toThrow(message);
});

test("a method that was asked for is compared", async () => {
  await writeFile(file, lineOf(rows[0]!).replace('"exact"', '"other"'));
  await expect(readWritten(file, { ...settings, method: "exact" })).rejects.toThrow(
    "has method other, this run has exact",
  );
});

test.each<[string, InputRow[]]>([
  ["another text", [{ ...rows[0]!, text: "x" }, ...rows.slice(1)]],
  ["another label", [{ ...rows[0]!, label: "spam" }, ...rows.slice(1)]],
  ["another start", rows.slice(1)],
  ["fewer rows", rows.slice(0, 1)],
])("%s in the input is refused", async (_, from) => {
  await writeFile(file, rows.slice(0, 2).map(lineOf).join(""));
  await expect(remaining(file, from)).rejects.toThrow(
    "its 2 lines are not about the first 2 rows of this input",
  );
});

test("a folder is refused", async () => {
  await expect(remaining(folder)).rejects.toThrow("it is not a file");
});
