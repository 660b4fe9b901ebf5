/** `evaluate` and `verify`, on a model of a few words. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCertificate } from "../../src/report/certificate.js";
import { resealed } from "../oracle/plain-seal.js";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-evaluate-"));
  model = await writeTinyModel(path("tiny"));
  await writeFile(path("a.csv"), "text,label\nfree prize,spam\nhello lunch,ham\nfree,ham\nhello,ham\n");
});
afterAll(() => rm(folder, { recursive: true }));

const evaluate = (...args: string[]) => typoproof(["evaluate", "-m", model, "-i", path("a.csv"), ...args]);

test("the summary, as a table and as JSON", async () => {
  const table = await evaluate();
  expect([table.code, table.stderr]).toEqual([0, ""]);
  expect(table.stdout).toContain("4 texts, method exact, alphabet unicode");
  const json = JSON.parse((await evaluate("-f", "json")).stdout);
  expect(json).toMatchObject({
    input: path("a.csv"),
    method: "exact",
    texts: 4,
    errors: 0,
    clean: { count: 3, of: 4 },
    limit: 2,
  });
  // free prize is broken by 1, hello lunch and hello are certified for 2; free is wrong.
  expect(json.edits.map((at: { certified: { count: number } }) => at.certified.count)).toEqual([3, 2, 2]);
  expect(json.edits.map((at: { attacked: { count: number } }) => at.attacked.count)).toEqual([3, 2, 2]);
});

test("the summary goes to a file, in the format of its name", async () => {
  expect(await evaluate("-o", path("s.md"))).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await readFile(path("s.md"), "utf8")).toContain("| edits | certified accuracy |");
});

test("--lines can be resumed, and the summary covers all texts", async () => {
  const args = ["--lines", path("l.jsonl"), "-f", "csv"];
  const first = await evaluate(...args);
  const whole = await readFile(path("l.jsonl"), "utf8");
  expect(records(whole).map((r) => r.id)).toEqual([0, 1, 2, 3]);
  await writeFile(path("l.jsonl"), whole.slice(0, 1000));
  expect(await evaluate(...args, "--resume")).toEqual(first);
  expect(records(await readFile(path("l.jsonl"), "utf8")).map((r) => r.id)).toEqual([0, 1, 2, 3]);
});

test("the gate on certified accuracy", async () => {
  expect((await evaluate("--min-certified-accuracy", "0.5")).code).toBe(0);
  expect(await evaluate("--min-certified-accuracy", "0.6")).toMatchObject({
    code: 3,
    stderr:
      "gate: --min-certified-accuracy 0.6 is not met: certified accuracy at 2 edits is 0.5000 (2 of 4 texts)\n",
  });
});

test("verify: lines that hold", async () => {
  await evaluate("--lines", path("v.jsonl"));
  expect(await typoproof(["verify", path("v.jsonl"), "-m", model])).toEqual({
    code: 0,
    stdout:
      "line 1 (id 0): holds: 'spam' as it stands, 1 can break it\n" +
      "line 2 (id 1): holds: any 2 edits leave it 'ham'\n" +
      "line 3 (id 2): holds: 'spam' as it stands, 1 can break it\n" +
      "line 4 (id 3): holds: any 2 edits leave it 'ham'\n" +
      "4 certificates hold.\n",
    stderr: "",
  });
});

test("verify: a line that claims too much is named, and so is one that is no result", async () => {
  await evaluate("--lines", path("v.jsonl"));
  const lines = (await readFile(path("v.jsonl"), "utf8")).trimEnd().split("\n");
  const line = JSON.parse(lines[0]!);
  const lie = { ...line, verdict: "certified", certified: 2, broken: null, counterexample: null };
  const failed = writeCertificate({ id: 9, text: "x", label: null, correct: null, error: "no" });
  const stdin = `${lines[1]}\n${JSON.stringify(resealed(lie))}\nnonsense\n${failed}\n`;
  const { code, stdout } = await typoproof(["verify", "-", "-m", model, "--quiet"], { stdin });
  expect(code).toBe(1);
  const said = stdout.trimEnd().split("\n");
  expect(said).toHaveLength(3);
  expect(said[0]).toMatch(/^line 2 \(id 0\): does not hold: .*2 were decided/);
  expect(said[0]).not.toMatch(/changed since/);
  expect(said.slice(1)).toEqual([
    "line 3: does not hold: not a certificate: it is not JSON",
    "1 certificate holds, 2 don't, 1 claims nothing.",
  ]);
});

test("verify: a changed text, margin or counterexample doesn't hold", async () => {
  await evaluate("--lines", path("v.jsonl"));
  const line = JSON.parse((await readFile(path("v.jsonl"), "utf8")).split("\n")[0]!);
  const changed = [
    { ...line, text: "hello" },
    { ...line, counterexample: { ...line.counterexample, text: "something else altogether" } },
    { ...line, prediction: { ...line.prediction, label: "ham", index: 0 } },
    { ...line, model: { ...line.model, sha256: "00" } },
  ];
  for (const one of changed) {
    for (const each of [one, resealed(one)]) {
      const stdin = `${JSON.stringify(each)}\n`;
      expect((await typoproof(["verify", "-", "-m", model], { stdin })).code).toBe(1);
    }
  }
});

test("verify: a model that doesn't ship has to be given", async () => {
  await evaluate("--lines", path("v.jsonl"));
  expect(await typoproof(["verify", path("v.jsonl")])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: the lines name the model "tiny", which doesn't ship .*; give --model <folder>\n$/,
    ),
  });
});
