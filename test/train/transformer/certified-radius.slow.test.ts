/**
 * Certified radius maximisation with radii in edits, on real film reviews (../shared/data/sst2), by the built program: it certifies
 * more held-out texts than plain cross-entropy does, and no fewer are right.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Validation } from "../../../src/train/loop.js";
import { records } from "../../cli/harness.js";
import { shared } from "../../tokenizer/real-tokenizers.js";

const root = join(import.meta.dirname, "..", "..", "..");
const data = join(shared, "data");
const there = existsSync(join(data, "sst2"));

(there ? describe : describe.skip)("on SST-2 (skipped where ../shared is absent)", () => {
  let folder: string;
  beforeAll(async () => {
    if (!existsSync(join(root, "dist", "cli", "main.js"))) throw new Error("not built; run: npm run build");
    folder = await mkdtemp(join(tmpdir(), "typoproof-crm-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What the last epoch's model does on the held-out texts. */
  async function measured(name: string, args: readonly string[]): Promise<Validation> {
    const log = join(folder, `${name}.jsonl`);
    await promisify(execFile)(process.execPath, [
      join(root, "bin", "typoproof.js"),
      ...["train", "--dataset", "sst2:train", "--data", data, "--offset", "40000", "--limit", "6000"],
      ...["--validation", "0.15", "--epochs", "3", "--batch", "16", "--worst-edits", "0", "--edits", "2"],
      ...["--log", log, "--output", join(folder, name), ...args],
    ]);
    const last = records(await readFile(log, "utf8")).at(-1) as unknown as { validation: Validation };
    return last.validation;
  }

  test("CRM certifies more than plain cross-entropy at no lower clean accuracy", async () => {
    const plain = await measured("plain", []);
    const crm = await measured("crm", [
      ...["--certified-radius", "0.3", "--radius-below", "2", "--radius-from", "0"],
    ]);
    expect(plain.texts).toBeGreaterThan(500);
    expect(plain.clean).toBeGreaterThan(0.7);
    expect(crm.clean).toBeGreaterThanOrEqual(plain.clean - 0.005);
    expect(crm.certified[0]).toBeGreaterThan(plain.certified[0]! + 0.01);
    expect(crm.certified[1]).toBeGreaterThan(plain.certified[1]! + 0.01);
  }, 300_000);
});
