/** `reach`, on a model of a few words. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-reach-"));
  model = await writeTinyModel(join(folder, "tiny"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a table by word and gap", async () => {
  const { code, stdout, stderr } = await typoproof([
    "reach",
    "-m",
    model,
    "--alphabet",
    "ascii",
    "free prize",
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe(TABLE);
});

const TABLE = `┌─────┬──────────────┬────────────┬─────────┬─────────────────┬─────────────┐
│     │ text         │ tokens     │ strings │ other sequences │ for example │
├─────┼──────────────┼────────────┼─────────┼─────────────────┼─────────────┤
│     │ "free"       │ free       │ 850     │ 2               │ "ree"       │
│ gap │ "free prize" │ free prize │ 95      │ 1               │ "freeprize" │
│     │ " prize"     │ prize      │ 1,039   │ 2               │ " rize"     │
└─────┴──────────────┴────────────┴─────────┴─────────────────┴─────────────┘
1,984 strings collapse to 5 other token sequences (words tokenizer, alphabet ascii).
`;

test("two edits", async () => {
  const { code, stdout } = await typoproof(["reach", "-m", model, "-k", "2", "--alphabet", "model", "a b"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/│ gap │ "a b" +│ \[UNK\] \[UNK\] │ 2 /);
  expect(stdout).toMatch(
    /\n1 edit: 92 strings collapse to 1 other token sequence \(words tokenizer, alphabet model\)\.\n$/,
  );
});

test("JSON, one object per text or one array", async () => {
  const lines = await typoproof(["reach", "-m", model, "-f", "jsonl", "-"], { stdin: "free\nprize free\n" });
  expect(lines.code).toBe(0);
  expect(records(lines.stdout)).toMatchObject([
    { id: 0, text: "free", edits: 1, alphabet: "unicode", tokenizer: "words", model: { name: "tiny" } },
    { id: 1, text: "prize free", sites: [{ kind: "word" }, { kind: "gap" }, { kind: "word" }] },
  ]);
  const array = await typoproof(["reach", "-m", model, "-f", "json", "free", "prize free"]);
  expect(JSON.parse(array.stdout)).toEqual(records(lines.stdout));
});

test.each([
  [
    ["-k", "11", "x"],
    /^error: option '-k, --edits <n>' argument '11' is invalid\. Allowed is an integer from 1 to 10\.\n$/,
  ],
  [[], /^error: no texts: give texts as arguments, or - for standard input\n$/],
  [["-f", "csv", "x"], /Allowed choices are table, json, jsonl\.\n$/],
  [["x", "-"], /^error: - reads texts from standard input/],
])("wrong usage: %j", async (args, line) => {
  const { code, stdout, stderr } = await typoproof(["reach", "-m", model, ...args]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(line);
});
