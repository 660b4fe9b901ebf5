/** Sequence models in worker threads, by the built program: the same records as in one thread, and nothing left behind. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { seeded } from "../../oracle/random-model.js";
import {
  bertConfig,
  bertWeights,
  SIZE,
  tokenizerConfig,
  WORDS,
  wordTokenizerJson,
  writeFolder,
} from "../../oracle/sequence-folder.js";
import { smallEncoder } from "../../oracle/small-encoder.js";

const root = join(import.meta.dirname, "..", "..", "..");
const LINES = 60;
let folder: string;
beforeAll(async () => {
  if (!existsSync(join(root, "dist", "cli", "main.js"))) throw new Error("not built; run: npm run build");
  folder = await mkdtemp(join(tmpdir(), "typoproof-jobs-"));
  const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 1, mostTokens: 10 });
  const random = seeded(3);
  const line = () =>
    Array.from({ length: 1 + Math.floor(random() * 6) }, () => WORDS[Math.floor(random() * WORDS.length)]);
  await writeFolder(join(folder, "tiny"), {
    "config.json": bertConfig(encoder),
    "tokenizer.json": wordTokenizerJson(),
    "tokenizer_config.json": tokenizerConfig,
    "model.safetensors": bertWeights(encoder),
  });
  await writeFolder(folder, {
    "texts.txt": Array.from({ length: LINES }, () => `${line().join(" ")}\n`).join(""),
  });
  await mkdir(join(folder, "home"));
});
afterAll(() => rm(folder, { recursive: true }));

async function records(command: readonly string[], jobs: number): Promise<object[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      join(root, "bin", "typoproof.js"),
      ...command,
      ...["-m", join(folder, "tiny"), "--input", join(folder, "texts.txt")],
      ...["--format", "jsonl", "--no-progress", "--jobs", String(jobs)],
    ],
    // Without a variable that turns the runtime's reports off: the program does that itself.
    { env: { PATH: process.env.PATH ?? "", HOME: join(folder, "home") } },
  );
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0, sha256: "" }));
}

test.each([[["predict"]], [["certify", "-k", "1", "--method", "enumerate"]]])(
  "%j gives the same in two threads as in one, and leaves nothing in the home folder",
  async (command) => {
    const one = await records(command, 1);
    expect(one).toHaveLength(LINES);
    expect(one.filter((record) => "error" in record)).toEqual([]);
    expect(await records(command, 2)).toEqual(one);
    expect(await readdir(join(folder, "home"))).toEqual([]);
  },
  60_000,
);
