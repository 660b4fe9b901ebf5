/** `attack`, and `certify --method attack`, on a model of a few words. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-attack-"));
  model = await writeTinyModel(join(folder, "tiny"));
});
afterAll(() => rm(folder, { recursive: true }));

const timeless = (text: string): string =>
  text
    .replace(/"seconds":[^,}]+/g, '"seconds":0')
    .replace(/"sha256":"[0-9a-f]+"}$/gm, "}")
    .replace(/[\d.]+ m?s(?=[,)])/g, "T");

test("a text that one edit breaks", async () => {
  const { code, stdout, stderr } = await typoproof(["attack", "-m", model, "prize"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^"prize"\n {2}This is 'spam' as it stands\. 1 character edit can break it:\n {4}.*\n {4}is 'ham' \(score 0\.125, best other -0\.125\)\n/,
  );
  expect(stdout).toMatch(/\n {2}[\d,]+ strings, [\d,]+ token sequences, [\d,]+ forward passes by native\n/);
  expect(stdout).toMatch(/, method attack, alphabet unicode, model tiny\n$/);
});

test("a text that can't be broken: nothing is claimed", async () => {
  const { code, stdout } = await typoproof(["attack", "-m", model, "-k", "2", "-f", "jsonl", "hello lunch"]);
  expect(code).toBe(0);
  expect(records(stdout)).toMatchObject([
    {
      verdict: "unknown",
      certified: 0,
      broken: null,
      limit: 2,
      method: "attack",
      reason: expect.stringMatching(/^an attack of \d+ queries found nothing and proves nothing$/),
    },
  ]);
});

test("more edits than were proven, in a table", async () => {
  const args = ["attack", "-m", model, "-f", "table", "free x free"];
  const { code, stdout } = await typoproof(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/│ >= 0 +│ <= 2 +│/);
  expect(stdout).toMatch(/1 text: 0 certified for 10 edits, 1 broken, 0 undecided/);
});

test("certify --method attack is the same", async () => {
  const options = [
    "-m",
    model,
    "-k",
    "3",
    "--seed",
    "5",
    "--queries",
    "50",
    "-f",
    "jsonl",
    "free prize free",
  ];
  const attack = await typoproof(["attack", ...options]);
  const certify = await typoproof(["certify", "--method", "attack", ...options]);
  expect(timeless(attack.stdout)).toBe(timeless(certify.stdout));
  expect(records(attack.stdout)).toMatchObject([{ work: { passes: expect.any(Number) } }]);
});

test("files, outputs and resuming, as certify has them", async () => {
  const input = join(folder, "texts.txt");
  const output = join(folder, "out.jsonl");
  await writeFile(input, "prize\nhello lunch\nfree\n");
  const args = ["attack", "-m", model, "-k", "2", "-i", input, "-o", output];
  expect((await typoproof(args)).code).toBe(0);
  const whole = await readFile(output, "utf8");
  expect(records(whole).map(({ broken }) => broken)).toEqual([1, null, 1]);
  await writeFile(output, whole.slice(0, whole.indexOf("\n") + 20));
  expect((await typoproof([...args, "--resume"])).code).toBe(0);
  expect(timeless(await readFile(output, "utf8"))).toBe(timeless(whole));
});

test.each([
  [
    ["-k", "0"],
    /^error: option '-k, --edits <n>' argument '0' is invalid\. Allowed is an integer from 1 to 1000\.\n$/,
  ],
  [["--queries", "0"], /argument '0' is invalid\. Allowed is an integer from 1 up\.\n$/],
  [["--min-radius", "1"], /^error: unknown option '--min-radius'\n$/],
  [["--method", "exact"], /^error: unknown option '--method'\n$/],
])("wrong usage: %j", async (args, line) => {
  const { code, stdout, stderr } = await typoproof(["attack", "-m", model, ...args, "x"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(line);
});
