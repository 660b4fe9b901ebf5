/** docs/training.md: its example runs, and it tells of every option that decides what is learned, and of no other. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingGroups } from "../../src/cli/training-flags.js";
import { CONSTRAINT_FORMS } from "../../src/train/constraints/parse.js";
import { records, typoproof } from "./harness.js";

const text = await readFile(join(import.meta.dirname, "..", "..", "docs", "training.md"), "utf8");

test("the example runs as it stands there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "typoproof-training-"));
  const [, command] = /^```sh\ntypoproof (train .*)\n```$/m.exec(text)!;
  const args = command!.split(" ").map((arg) => (/^my-model/.test(arg) ? join(folder, arg) : arg));
  const { code, stderr } = await typoproof(args);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/\nepoch 6 of 6: .*\nmeasuring on .*\nsaved .*\n$/),
  ]);
  const lines = records(await readFile(join(folder, "my-model.jsonl"), "utf8"));
  for (const key of Object.keys(lines[0]!).filter((key) => key !== "epoch"))
    expect(text).toContain(`\`${key}\``);
  const card = await readFile(join(folder, "my-model", "README.md"), "utf8");
  expect(card).toContain("The same model with its branches switched off");
  await rm(folder, { recursive: true });
}, 120_000);

test("every option is there", () => {
  const missing = trainingGroups()
    .flatMap(({ options }) => options)
    .filter(({ long }) => !new RegExp(`\`${long}[\` ]`).test(text));
  expect(missing.map(({ long }) => long)).toEqual([]);
  for (const form of CONSTRAINT_FORMS.filter((form) => form !== "none"))
    expect(text).toContain(`| \`${form.replace(/[:[].*/, "")}`);
});
