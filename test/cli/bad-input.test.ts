/** Whatever is handed in: one clear line, the right exit status, nothing lost. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-bad-"));
  model = await writeTinyModel(path("tiny"));
  await writeFile(path("a.csv"), "text,label\nfree,spam\nhello,egg\nlunch,ham\n");
  await writeFile(path("empty.csv"), "");
  await writeFile(path("letters"), "ab\n");
});
afterAll(() => rm(folder, { recursive: true }));

/** Arguments, exit status, the line on standard error. `FOLDER` stands for the test's folder. */
const cases: [string, string[], number, RegExp][] = [
  ["missing file", ["-i", "FOLDER/none.csv"], 1, /^error: no such file: FOLDER\/none\.csv\n$/],
  [
    "a folder as a file",
    ["-i", "FOLDER", "--input-format", "csv"],
    1,
    /^error: FOLDER is a folder; give a file\n$/,
  ],
  ["an empty file", ["-i", "FOLDER/empty.csv"], 1, /^error: .*empty\.csv.* empty.*\n$/],
  ["an unknown format", ["-i", "FOLDER/a.dat"], 2, /^error: can't tell the format of FOLDER\/a\.dat .*\n$/],
  [
    "wrong text column",
    ["-i", "FOLDER/a.csv", "--text-column", "body"],
    1,
    /^error: FOLDER\/a\.csv has no text column "body" \(columns: 1 "text", 2 "label"\)\n$/,
  ],
  [
    "wrong label column",
    ["-i", "FOLDER/a.csv", "--label-column", "3"],
    1,
    /^error: FOLDER\/a\.csv has no label column "3" .*\n$/,
  ],
  [
    "a label map that is none",
    ["-i", "FOLDER/a.csv", "--labels", "1:spam"],
    2,
    /^error: --labels has "1:spam" .*\n$/,
  ],
  ["missing model", ["x", "-m", "FOLDER/none"], 1, /^error: .*none.*\n$/],
  [
    "k below 0",
    ["x", "-k", "-1"],
    2,
    /^error: option '-k, --edits <n>' argument '-1' is invalid\. Allowed is an integer from 0 to 1000\.\n$/,
  ],
  [
    "huge k",
    ["x", "-k", "1001"],
    2,
    /argument '1001' is invalid\. Allowed is an integer from 0 to 1000\.\n$/,
  ],
  ["k that is no number", ["x", "-k", "two"], 2, /argument 'two' is invalid\./],
  [
    "unknown method",
    ["x", "--method", "magic"],
    2,
    /argument 'magic' is invalid\. Allowed choices are auto, exact, .*\.\n$/,
  ],
  [
    "unknown format",
    ["x", "-f", "html"],
    2,
    /Allowed choices are words, table, jsonl, json, csv, markdown, lipslev-csv\.\n$/,
  ],
  [
    "unknown option",
    ["x", "--edit", "2"],
    2,
    /^error: unknown option '--edit' \(Did you mean --edits\?\)\n$/,
  ],
  ["missing value", ["x", "--edits"], 2, /^error: option '-k, --edits <n>' argument missing\n$/],
  [
    "missing alphabet",
    ["x", "--alphabet", "FOLDER/none"],
    1,
    /^error: can't read the alphabet .*: no such file; allowed are .*\n$/,
  ],
  [
    "bad alphabet",
    ["x", "--alphabet", "FOLDER/letters"],
    1,
    /^error: alphabet file, line 1: "ab" is 2 code points; .*\n$/,
  ],
  [
    "no texts",
    [],
    2,
    /^error: no texts: give texts as arguments, --input <file>, --dataset <name>, or - .*\n$/,
  ],
  [
    "two sources",
    ["x", "-i", "FOLDER/a.csv"],
    2,
    /^error: texts and --input are given; allowed is one of them\n$/,
  ],
  [
    "- among texts",
    ["x", "-"],
    2,
    /^error: - reads texts from standard input and can't be mixed with texts.*\n$/,
  ],
  [
    "a useless option",
    ["x", "--offset", "1"],
    2,
    /^error: --offset has no meaning with texts; leave it out\n$/,
  ],
  [
    "an impossible gate",
    ["x", "--min-radius", "3"],
    2,
    /^error: --min-radius is 3, but only 2 edits are tried; .*\n$/,
  ],
  [
    "accuracy without labels",
    ["x", "--min-certified-accuracy", "1"],
    2,
    /^error: --min-certified-accuracy needs labels.*\n$/,
  ],
  ["resume without output", ["x", "--resume"], 2, /^error: --resume is given without --output; .*\n$/],
  [
    "resume of another format",
    ["x", "--resume", "-o", "FOLDER/o.csv"],
    2,
    /^error: --resume can't continue the format csv; allowed is jsonl\n$/,
  ],
  [
    "output onto the input",
    ["-i", "FOLDER/a.csv", "-o", "FOLDER/a.csv"],
    2,
    /^error: --output .* is the input itself; .*\n$/,
  ],
  [
    "output nowhere",
    ["x", "-o", "FOLDER/no/o.csv"],
    1,
    /^error: can't write .*: the folder doesn't exist; .*\n$/,
  ],
  ["unknown data set", ["--dataset", "nope"], 1, /^error: no data set is called "nope"; there are .*\n$/],
  [
    "unknown split",
    ["--dataset", "tickets:nope"],
    1,
    /^error: the data set tickets has no split "nope"; there are .*\n$/,
  ],
  [
    "another task's data set",
    ["--dataset", "tickets"],
    1,
    /^error: the data set tickets has the labels .*; the model tiny has ham, spam\n$/,
  ],
];

test.each(cases)("%s", async (_, args, code, line) => {
  const model_ = args.includes("-m") ? [] : ["-m", model];
  const outcome = await typoproof([
    "certify",
    ...model_,
    ...args.map((arg) => arg.replace("FOLDER", folder)),
  ]);
  expect(outcome.stderr.replaceAll(folder, "FOLDER")).toMatch(line);
  expect(outcome.stderr.split("\n")).toHaveLength(2);
  expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
});

test("an unknown command", async () => {
  expect(await typoproof(["certfy", "x"])).toEqual({
    code: 2,
    stdout: "",
    stderr: "error: unknown command 'certfy' (Did you mean certify?)\n",
  });
});

test("a wrong label is an error of its row that shows the value; the other rows are done", async () => {
  const { code, stdout, stderr } = await typoproof(["certify", "-m", model, "-i", path("a.csv")]);
  expect(code).toBe(1);
  expect(stderr).toBe('error: 1 text failed; row 1 (line 3): label "egg" is none of "ham", "spam"\n');
  expect(records(stdout).map((r) => r.error ?? r.correct)).toEqual([
    true,
    'row 1 (line 3): label "egg" is none of "ham", "spam"',
    true,
  ]);
});

test.each(["config.json", "vocab.txt", "model.safetensors"])("a model folder without %s", async (file) => {
  const broken = await writeTinyModel(path(`without-${file}`));
  await rm(join(broken, file));
  const { code, stderr } = await typoproof(["certify", "-m", broken, "x"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^error: [^\\n]*${file.replace(".", "\\.")}[^\\n]*\\n$`));
});

test.each(["config.json", "vocab.txt", "model.safetensors"])(
  "a model folder with a broken %s",
  async (file) => {
    const broken = await writeTinyModel(path(`broken-${file}`));
    await writeFile(join(broken, file), "\x00\x01 not this");
    const { code, stderr } = await typoproof(["certify", "-m", broken, "x"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: [^\\n]*${file.replace(".", "\\.")}[^\\n]*\\n$`));
  },
);

test("an empty folder as a model", async () => {
  await mkdir(path("hollow"), { recursive: true });
  const { code, stderr } = await typoproof(["certify", "-m", path("hollow"), "x"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: [^\n]*config\.json[^\n]*\n$/);
});

test("the empty text is a text", async () => {
  const { code, stdout } = await typoproof(["certify", "-m", model, "-f", "jsonl", ""]);
  expect(code).toBe(0);
  expect(records(stdout)).toMatchObject([{ id: 0, text: "", verdict: "certified", certified: 2 }]);
});

test("a text of 1 MB is a text", async () => {
  const text = "free prize ".repeat(95_400);
  const { code, stdout, stderr } = await typoproof(["certify", "-m", model, "-k", "1", "-"], {
    stdin: `${text}\n`,
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(records(stdout)).toMatchObject([{ text, verdict: "certified", certified: 1 }]);
});

test("a limit that is reached is unknown, not an error", async () => {
  const text = "free prize hello lunch ".repeat(20_000);
  const args = ["certify", "-m", model, "-k", "1000", "--time-limit", "0.2", "-f", "jsonl", "-"];
  const { code, stdout } = await typoproof(args, { stdin: `${text}\n` });
  expect(code).toBe(0);
  expect(records(stdout)).toMatchObject([
    { verdict: "unknown", reason: expect.stringContaining("time limit of 0.2 s") },
  ]);
});

test("invalid UTF-8 is an error of its row; the other rows are done", async () => {
  const stdin = Buffer.from("free\nb\xc3\x28d\nhello\n", "latin1");
  const { code, stdout, stderr } = await typoproof(["certify", "-m", model, "-"], { stdin });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: 1 text failed; row 1 \(line 2\): not UTF-8 at byte \d+\n$/);
  expect(records(stdout)).toHaveLength(3);
});

test("an error at the start leaves an older output as it was", async () => {
  await writeFile(path("old.jsonl"), "precious\n");
  const args = [
    "certify",
    "-m",
    model,
    "-i",
    path("a.csv"),
    "--text-column",
    "body",
    "-o",
    path("old.jsonl"),
  ];
  expect((await typoproof(args)).code).toBe(1);
  expect(await readFile(path("old.jsonl"), "utf8")).toBe("precious\n");
  const resume = ["certify", "-m", model, "-i", path("a.csv"), "-o", path("old.jsonl"), "--resume"];
  expect(await typoproof(resume)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: can't resume .*: line 1 is not a result line; .*\n$/),
  });
  expect(await readFile(path("old.jsonl"), "utf8")).toBe("precious\n");
});

test("--debug shows where", async () => {
  const { stderr } = await typoproof(["certify", "-m", model, "-i", path("none.csv"), "--debug"]);
  expect(stderr).toMatch(/^UserError: no such file: .*\n {4}at /);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^error: no such file/);
});

test("evaluate: an input without labels", async () => {
  await writeFile(path("plain.txt"), "free\n");
  expect(await typoproof(["evaluate", "-m", model, "-i", path("plain.txt")])).toEqual({
    code: 2,
    stdout: "",
    stderr: `error: ${path("plain.txt")} has no labels, which evaluate needs; choose the column with --label-column <name or number>\n`,
  });
});

test("verify: no file, and no lines", async () => {
  expect(await typoproof(["verify", path("none")])).toEqual({
    code: 1,
    stdout: "",
    stderr: `error: can't read ${path("none")}: no such file\n`,
  });
  expect((await typoproof(["verify", "-"])).code).toBe(1);
});
