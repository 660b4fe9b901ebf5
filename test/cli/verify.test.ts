/** `verify`: files of every shape, what was changed in them, and the model and the alphabet that they are about. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { resealed } from "../oracle/plain-seal.js";
import { typoproof, writeTinyModel } from "./harness.js";

// biome-ignore lint/suspicious/noExplicitAny: certificates are changed on purpose
type Loose = any;

let folder: string;
let model: string;
const path = (name: string): string => join(folder, name);
const texts = ["free prize", "hello lunch", "free free free free"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-verify-"));
  model = await writeTinyModel(path("tiny"));
  await writeFile(path("letters.txt"), "a\ne\nf\nr\n \n");
  await writeFile(path("others.txt"), "a\ne\nf\ns\n \n");
});
afterAll(() => rm(folder, { recursive: true }));

async function certified(format: string, said: readonly string[], ...args: string[]): Promise<string> {
  const { code, stdout } = await typoproof(["certify", "-m", model, "--format", format, ...args, ...said]);
  expect(code).toBe(0);
  return stdout;
}

const verify = (stdin: string | Uint8Array, ...args: string[]) =>
  typoproof(["verify", "-", "-m", model, ...args], { stdin });

test("an array, lines, and a single certificate hold; one line is said of each", async () => {
  const [array, lines] = [await certified("json", texts), await certified("jsonl", texts)];
  const single = await certified("jsonl", texts.slice(0, 1));
  const said = (first: number) =>
    [
      `line ${first} (id 0): holds: 'spam' as it stands, 1 can break it`,
      `line ${first + 1} (id 1): holds: any 2 edits leave it 'ham'`,
      `line ${first + 2} (id 2): holds: any 1 edit leaves it 'spam', 2 can break it`,
      "3 certificates hold.",
      "",
    ].join("\n");
  expect(await verify(array)).toEqual({ code: 0, stdout: said(2), stderr: "" });
  expect(await verify(lines)).toEqual({ code: 0, stdout: said(1), stderr: "" });
  expect(await verify(single)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\n1 certificate holds\.\n$/),
  });
  expect(await verify(array, "--quiet")).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("a file that was made pretty says so and isn't what was certified", async () => {
  const pretty = JSON.stringify(JSON.parse(await certified("json", texts)), null, 2);
  const { code, stdout } = await verify(pretty);
  expect(code).toBe(1);
  expect(stdout).toContain("line 1 (id 2): does not hold: the file was reformatted since certify wrote it\n");
});

describe("certificates that were changed, and sealed again", () => {
  const changes: Record<string, [(line: Loose) => void, RegExp]> = {
    text: [(line) => (line.text = "hello"), /prediction\.index is 1, but computed is 0/],
    model: [(line) => (line.model.sha256 = "0".repeat(64)), /about a model with sha256 0{64}/],
    "version of the fold": [
      (line) => (line.model.fold = "fold-2"),
      /model\.fold is "fold-2", but this model's is "fold-1"/,
    ],
    alphabet: [(line) => (line.threat.alphabet = "ascii"), /the alphabet "ascii" has 95 characters/],
    "what the alphabet holds": [
      (line) => (line.threat.sha256 = "0".repeat(64)),
      /the alphabet "unicode" has 1112064/,
    ],
    k: [
      (line) =>
        Object.assign(line, {
          verdict: "certified",
          certified: 1,
          limit: 1,
          broken: null,
          counterexample: null,
        }),
      /certified is 1, but 1 edits can change the answer/,
    ],
    margin: [(line) => (line.margins[0].lower += 2 ** -20), /margin at 0 edits is said to be/],
    evidence: [(line) => (line.evidence.least[0][0] += 2 ** -20), /evidence\.least\[0\]/],
    "distance of the counterexample": [
      (line) => (line.counterexample.edits = 2),
      /counterexample\.edits is 2/,
    ],
    seal: [(line) => (line.extra = 1), /isn't written as certify writes it/],
  };

  test.each(Object.entries(changes))("%s", async (_, [change, said]) => {
    const line = JSON.parse(await certified("jsonl", texts.slice(0, 1)));
    change(line);
    const { code, stdout } = await verify(`${JSON.stringify(resealed(line))}\n`);
    expect(code).toBe(1);
    expect(stdout).toMatch(said);
    expect(stdout).not.toMatch(/changed since/);
    // Without a new seal, that is said first.
    const { stdout: unsealed } = await verify(`${JSON.stringify(line)}\n`);
    expect(unsealed).toMatch(/does not hold: changed since it was written/);
  });
});

test("an alphabet file with one character changed is another alphabet", async () => {
  const lines = await certified("jsonl", texts, "--alphabet", path("letters.txt"));
  expect((await verify(lines, "--alphabet", path("letters.txt"))).code).toBe(0);
  expect(await verify(lines, "--alphabet", path("others.txt"))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: --alphabet .*others\.txt is file:[0-9a-f]{64}; the lines were made with/,
    ),
  });
  expect(await verify(lines)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/give it with --alphabet/),
  });
});

test("a model with one weight changed is another model", async () => {
  const lines = await certified("jsonl", texts);
  const other = await writeTinyModel(path("other"));
  const weights = await readFile(join(other, "model.safetensors"));
  weights[weights.length - 2] = weights[weights.length - 2]! ^ 1;
  await writeFile(join(other, "model.safetensors"), weights);
  const { code, stdout, stderr } = await typoproof(["verify", "-", "-m", other], { stdin: lines });
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(/sha256/);
});

test("no flipped bit goes unnoticed", async () => {
  const bytes = Buffer.from(await certified("json", texts));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 8 * bytes.length - 1 }), async (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      const { code, stdout } = await verify(changed);
      expect(code).toBe(1);
      expect(stdout).toMatch(/does not hold/);
    }),
    { numRuns: 60 },
  );
}, 30_000);

test("a time limit that isn't enough is said", async () => {
  const long = Array.from({ length: 60 }, (_, i) => `hello${i} free lunch prize`).join(" ");
  const lines = await certified("jsonl", [`${long} ${"hello ".repeat(80)}`], "--edits", "2");
  const { code, stdout } = await verify(lines, "--time-limit", "0.001");
  expect(code).toBe(1);
  expect(stdout).toMatch(/couldn't be re-checked: the limit of 0\.001 s for the plain search was reached/);
});
