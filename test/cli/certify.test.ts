/** `certify` and `predict`, on a model of a few words. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "../../src/certify/result.js";
import { readLipslevCsv } from "../../src/report/lipslev-csv.js";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-cli-"));
  model = await writeTinyModel(path("tiny"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Times differ from run to run. */
const timeless = (text: string): string =>
  text
    .replace(/"seconds":[^,}]+/g, '"seconds":0')
    .replace(/"sha256":"[0-9a-f]+"}$/gm, "}")
    .replace(/[\d.]+ m?s(?=[,)])/g, "T");

test("texts as arguments are answered in words", async () => {
  const { code, stdout, stderr } = await typoproof([
    "certify",
    "-m",
    model,
    "-k",
    "3",
    "free prize",
    "hello lunch",
    "",
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(timeless(stdout)).toBe(`"free prize"
  This is 'spam' as it stands. 1 character edit can break it:
    free[- -]prize
    is 'ham' (score 0.125, best other -0.125)
  Margin at least 1.25 unedited, -0.250 after 1 edit
  T, method exact, alphabet unicode, model tiny

"hello lunch"
  Any 3 character edits leave this 'ham'. Nothing was tried beyond 3.
  Margin at least 2.25 unedited, 0.250 after 1 edit, 0.250 after 2, 0.250 after 3
  T, method exact, alphabet unicode, model tiny

(the empty text)
  Any 3 character edits leave the empty text 'ham'. Nothing was tried beyond 3.
  Margin at least 0.250 unedited, 0.250 after 1 edit, 0.250 after 2, 0.250 after 3
  T, method exact, alphabet unicode, model tiny
`);
});

test("the marks are in colour on a terminal, unless NO_COLOR says otherwise", async () => {
  const args = ["certify", "-m", model, "free prize"];
  expect((await typoproof(args, { tty: true })).stdout).toContain("free\u001b[31m[- -]\u001b[39mprize");
  expect((await typoproof(args, { tty: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
  expect((await typoproof(args)).stdout).not.toContain("\u001b");
});

test("standard input is one text per line, answered as JSON lines", async () => {
  const { code, stdout, stderr } = await typoproof(["certify", "-m", model, "-"], {
    stdin: "free\n\nhello\n",
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(records(stdout).map((r) => [r.id, r.text])).toEqual([
    [0, "free"],
    [1, ""],
    [2, "hello"],
  ]);
});

test("standard input in another format", async () => {
  const { stdout } = await typoproof(["certify", "-m", model, "-i", "-", "--input-format", "csv"], {
    stdin: "text,label\nfree,spam\n",
  });
  expect(records(stdout)).toMatchObject([{ text: "free", label: "spam", correct: true }]);
});

test("a file, a part of it, by columns, with labels mapped", async () => {
  await writeFile(path("a.csv"), "n,body,kind\n0,free,1\n1,hello,0\n2,lunch,1\n3,prize,0\n");
  const args = ["certify", "-m", model, "-i", path("a.csv"), "--text-column", "body", "--label-column", "3"];
  const { code, stdout } = await typoproof([
    ...args,
    "--labels",
    "0=ham,1=spam",
    "--offset",
    "1",
    "--limit",
    "2",
  ]);
  expect(code).toBe(0);
  expect(records(stdout)).toMatchObject([
    { id: 1, text: "hello", label: "ham", correct: true },
    { id: 2, text: "lunch", label: "spam", correct: false },
  ]);
});

test("the output's name chooses the format", async () => {
  await writeFile(path("b.txt"), "free\nhello\n");
  for (const [name, start] of [
    ["o.jsonl", '{"id":0,'],
    ["o.json", '[\n{"id":0,'],
    ["o.csv", "id,text,"],
    ["o.md", "| id |"],
    ["o", '{"id":0,'],
  ] as const) {
    const { code, stdout } = await typoproof(["certify", "-m", model, "-i", path("b.txt"), "-o", path(name)]);
    expect([code, stdout]).toEqual([0, ""]);
    expect((await readFile(path(name), "utf8")).startsWith(start)).toBe(true);
  }
  const { stdout } = await typoproof(["certify", "-m", model, "-i", path("b.txt")], { tty: true });
  expect(stdout.startsWith("┌")).toBe(true);
});

test("lipslev-csv: numbered labels, and read again as an input", async () => {
  await writeFile(path("l.csv"), 'text,label\n"free, free",spam\nhello,ham\nlunch,spam\n');
  const first = ["certify", "-m", model, "-f", "lipslev-csv", "--edits", "3"];
  const columns = ["--text-column", "text", "--label-column", "label"];
  const { code } = await typoproof([...first, "-i", path("l.csv"), ...columns, "-o", path("theirs.csv")]);
  expect(code).toBe(0);
  const rows = readLipslevCsv(await readFile(path("theirs.csv"), "utf8"));
  const { stdout } = await typoproof([
    ...["certify", "-m", model, "-i", path("theirs.csv"), "--edits", "3"],
    ...["--text-column", "sentence", "--label-column", "true_label", "--labels", "0=ham,1=spam"],
  ]);
  const again = records(stdout);
  expect(again.map(({ text, label }) => [text, label])).toEqual([
    ["free, free", "spam"],
    ["hello", "ham"],
    ["lunch", "spam"],
  ]);
  rows.forEach(({ sentence, trueLabel, predLabel, margin, radius, time }, i) => {
    const { text, label, prediction, margins, certified } = again[i] as unknown as Row;
    expect({ sentence, trueLabel: ["ham", "spam"][trueLabel!], predLabel, margin, radius }).toEqual({
      sentence: text,
      trueLabel: label,
      predLabel: prediction.index,
      margin: margins[0]!.lower,
      radius: certified,
    });
    expect(time).toBeGreaterThan(0);
  });
});

test("a text that fails gives a line, the others too, and exit status 1", async () => {
  await writeFile(path("bad.csv"), Buffer.from("text\nfree\n\xff\nhello\n", "latin1"));
  const { code, stdout, stderr } = await typoproof(["certify", "-m", model, "-i", path("bad.csv")]);
  expect(code).toBe(1);
  expect(records(stdout).map((r) => [r.id, "error" in r])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
  expect(stderr).toMatch(/^error: 1 text failed; row 1 \(line 3\): not UTF-8 at byte \d+\n$/);
});

test("--resume does the rest and nothing twice, after a torn line too", async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `${i} free prize`);
  await writeFile(path("c.txt"), `${rows.join("\n")}\n`);
  const args = ["certify", "-m", model, "-i", path("c.txt"), "-o", path("c.jsonl")];
  expect((await typoproof(args)).code).toBe(0);
  const whole = await readFile(path("c.jsonl"), "utf8");
  for (const length of [0, 1, 1000, 5000, whole.length - 1, whole.length]) {
    await writeFile(path("c.jsonl"), whole.slice(0, length));
    expect(await typoproof([...args, "--resume"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(timeless(await readFile(path("c.jsonl"), "utf8"))).toBe(timeless(whole));
  }
});

test("--resume counts the texts of the earlier run in a gate", async () => {
  await writeFile(path("d.txt"), "free\nhello lunch\n");
  const args = ["certify", "-m", model, "-i", path("d.txt"), "-o", path("d.jsonl"), "--min-radius", "2"];
  const first = await typoproof(args);
  expect(first).toEqual({
    code: 3,
    stdout: "",
    stderr: "gate: --min-radius 2 is not met: 1 of 2 texts are certified that far\n",
  });
  expect(await typoproof([...args, "--resume"])).toEqual(first);
});

test("gates", async () => {
  const code = async (...args: string[]) => (await typoproof(["certify", "-m", model, ...args])).code;
  expect(await code("hello lunch", "--min-radius", "2")).toBe(0);
  expect(await code("hello lunch", "free", "--min-radius", "1")).toBe(3);
  await writeFile(path("e.csv"), "text,label\nhello lunch,ham\nhello lunch,spam\n");
  expect(await code("-i", path("e.csv"), "--min-certified-accuracy", "0.5")).toBe(0);
  expect(await code("-i", path("e.csv"), "--min-certified-accuracy", "0.51")).toBe(3);
});

test("alphabets", async () => {
  await writeFile(path("letters"), "x\n");
  const broken = async (alphabet: string) => {
    const args = ["certify", "-m", model, "-f", "jsonl", "-k", "1", "--alphabet", alphabet, "free hello"];
    return records((await typoproof(args)).stdout)[0] as unknown as { threat: { alphabet: string } };
  };
  expect((await broken("ascii")).threat.alphabet).toBe("ascii");
  expect((await broken("model")).threat.alphabet).toBe("model");
  expect((await broken(path("letters"))).threat.alphabet).toMatch(/^file:[0-9a-f]{64}$/);
});

test("predict", async () => {
  expect((await typoproof(["predict", "-m", model, "free prize"])).stdout).toBe(
    `"free prize"\n  'spam' (score 0.625, best other -0.625)\n`,
  );
  await writeFile(path("f.csv"), "text,label\nfree,spam\nhello,spam\n");
  const args = ["predict", "-m", model, "-i", path("f.csv"), "-o", path("f.jsonl")];
  expect((await typoproof(args)).code).toBe(0);
  const whole = await readFile(path("f.jsonl"), "utf8");
  expect(records(whole)).toMatchObject([
    { id: 0, text: "free", prediction: { label: "spam", index: 1 }, label: "spam", correct: true },
    { id: 1, text: "hello", prediction: { label: "ham", index: 0 }, label: "spam", correct: false },
  ]);
  await writeFile(path("f.jsonl"), whole.slice(0, -3));
  expect((await typoproof([...args, "--resume"])).code).toBe(0);
  expect(await readFile(path("f.jsonl"), "utf8")).toBe(whole);
});
