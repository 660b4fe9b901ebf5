/** `models` and `datasets`. */
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typoproof } from "./harness.js";

const root = join(import.meta.dirname, "..", "..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-listings-"));
});
afterAll(() => rm(folder, { recursive: true }));

const foldersIn = async (path: string): Promise<string[]> =>
  (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

test("models lists every shipped model", async () => {
  const names = await foldersIn(join(root, "models"));
  const { code, stdout } = await typoproof(["models", "list", "--format", "json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).map((model: { name: string }) => model.name)).toEqual(names);
  const table = await typoproof(["models"]);
  expect(table.code).toBe(0);
  for (const name of names) expect(table.stdout).toContain(`│ ${name} `);
});

test("models show: an unknown name", async () => {
  expect(await typoproof(["models", "show", "nope"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: there is no shipped model "nope"; allowed are .*\n$/),
  });
});

test("datasets lists every card", async () => {
  const names = await foldersIn(join(root, "datasets"));
  const { code, stdout } = await typoproof(["datasets", "list", "-f", "json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).map((card: { name: string }) => card.name)).toEqual(names);
  for (const name of names) expect((await typoproof(["datasets"])).stdout).toContain(`│ ${name} `);
});

test("datasets show: where it comes from, on what terms, and its files", async () => {
  const { code, stdout } = await typoproof(["datasets", "show", "tickets"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^tickets: .*\n\nsource {3}\S.*\ncite .*\nlicence {2}MIT\. .*\nlabels {3}billing, /);
  expect(stdout).toMatch(
    /\nsplit test: 60 rows \(15 billing, .*\)\n {2}file {4}test\.csv \(csv\)\n {2}sha256 {2}[0-9a-f]{64}\n/,
  );
  expect((await typoproof(["datasets", "show", "nope"])).code).toBe(1);
});

test("datasets check: a file, a folder, a changed file, nothing there", async () => {
  const tickets = join(root, "datasets", "tickets");
  const file = join(tickets, "test.csv");
  expect(await typoproof(["datasets", "check", "tickets", file])).toEqual({
    code: 0,
    stdout: `${file}: is the file of tickets (test)\n`,
    stderr: "",
  });
  const both = await typoproof(["datasets", "check", "tickets", tickets]);
  expect(both.code).toBe(0);
  expect(both.stdout.split("\n")).toHaveLength(3);

  await copyFile(file, join(folder, "test.csv"));
  await writeFile(join(folder, "test.csv"), "\n", { flag: "a" });
  const changed = await typoproof(["datasets", "check", "tickets", folder]);
  expect(changed.code).toBe(1);
  expect(changed.stdout).toMatch(
    /test\.csv: is not a file of tickets; its sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}\n$/,
  );

  expect(await typoproof(["datasets", "check", "sms-spam", folder])).toMatchObject({ code: 1, stdout: "" });
  expect(await typoproof(["datasets", "check", "tickets", join(folder, "none")])).toMatchObject({
    code: 1,
    stderr: `error: no such file or folder: ${join(folder, "none")}\n`,
  });
});
