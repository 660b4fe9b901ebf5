/** `inspect` on a model of a few words: every format. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-inspect-"));
  model = await writeTinyModel(join(folder, "tiny"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a table by place, and sentences", async () => {
  const { code, stdout, stderr } = await typoproof(["inspect", "-m", model, "free prize"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe(TABLE);
});

const TABLE = `"free prize"
┌──────────────────┬───────┬────────┬─────────────┐
│ place            │ takes │ leaves │ for example │
├──────────────────┼───────┼────────┼─────────────┤
│ gap "free prize" │ 1.50  │ -0.250 │ "freeprize" │
│ "free"           │ 1.00  │ 0.250  │ "fre"       │
│ "prize"          │ 0.500 │ 0.750  │ "priz"      │
└──────────────────┴───────┴────────┴─────────────┘
This is 'spam' by a margin of 1.25. Over 'ham' one edit takes at most 1.50, which leaves -0.250, so one edit isn't certified.
The worst edit leaves -0.250: free[- -]prize. It changes the label, so nothing can certify one edit.
The margin would have to be above 1.50 instead of 1.25.
1 of 3 places would have to be spared: "free prize".
The bound is exact: the sum of evidence is the only layer, and the worst edit is searched for.
`;

test("JSON, one object per text or one array, with the keys that are documented", async () => {
  const lines = await typoproof(["inspect", "-m", model, "-f", "jsonl", "-"], { stdin: "free\nlunch\n" });
  expect(lines.code).toBe(0);
  const [first, second] = records(lines.stdout);
  expect(first).toMatchObject({ id: 0, text: "free", kind: "additive", edits: 1, model: { name: "tiny" } });
  expect(second).toMatchObject({
    id: 1,
    prediction: { label: "ham" },
    certified: true,
    threat: { alphabet: "unicode" },
  });
  expect(Object.keys(first!).sort()).toEqual(
    [
      "bound",
      "certified",
      "changes",
      "edits",
      "id",
      "kind",
      "layers",
      "least",
      "loss",
      "margin",
      "model",
      "notes",
      "prediction",
      "rival",
      "seconds",
      "sentences",
      "sites",
      "text",
      "threat",
      "worst",
    ].sort(),
  );
  const array = await typoproof(["inspect", "-m", model, "-f", "json", "free", "lunch"]);
  const timeless = (all: Record<string, unknown>[]) => all.map((one) => ({ ...one, seconds: 0 }));
  expect(timeless(JSON.parse(array.stdout))).toEqual(timeless(records(lines.stdout)));
});

test("the output's name chooses the format", async () => {
  const file = join(folder, "report.html");
  const { code, stdout } = await typoproof(["inspect", "-m", model, "-o", file, "free prize", "lunch"]);
  expect([code, stdout]).toEqual([0, ""]);
  const page = await readFile(file, "utf8");
  expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en"/);
  expect(page.match(/<article>/g)).toHaveLength(2);
  const markdown = await typoproof(["inspect", "-m", model, "-f", "markdown", "free | prize"]);
  expect(markdown.stdout).toMatch(/^## free \\\| prize\n\n\| place \| takes \|/);
});

test.each([
  [
    ["--exact-blocks", "1", "x"],
    /^error: exactBlocks is 1, but tiny is no encoder with known weights; leave it out\n$/,
  ],
  [["-f", "csv", "x"], /Allowed choices are table, json, jsonl, markdown, html\.\n$/],
  [[], /^error: no texts: give texts as arguments/],
])("wrong usage: %j", async (args, line) => {
  const { code, stderr } = await typoproof(["inspect", "-m", model, ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(line);
});
