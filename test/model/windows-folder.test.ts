/** Windows of attention in a model folder: they come back as they were, count in the hash, and mistakes in them are one clear line. */
import { createHash } from "node:crypto";
import { UserError } from "../../src/failure.js";
import type { Window } from "../../src/layers/windows.js";
import { readModelFolder, writeModelFolder } from "../../src/model/folder.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { randomWindow, withWindows } from "../oracle/random-windows.js";
import { singlePrecision } from "../oracle/single-precision.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const read = (files: Map<string, Uint8Array>) =>
  readModelFolder(async (file) => files.get(file) ?? null, sha256, "tiny") as Promise<NativeTransformer>;
const write = ({ additive, rows, embedding, blocks, readout }: NativeTransformer) =>
  writeModelFolder({ additive, rows, embedding, blocks, readout });

const model = singlePrecision(
  randomTransformer(seeded(1), randomModel(seeded(1), "words", 2), { blocks: 2, heads: 2 }),
);
const free: Window = { before: null, after: null };

/** The same files with the windows of the first block written so. */
function written(windows: unknown): Map<string, Uint8Array> {
  const files = new Map(write(withWindows(model, () => [free, free])));
  const config = JSON.parse(Buffer.from(files.get("config.json")!).toString());
  config.typoproof.blocks[0].attention.windows = windows;
  files.set("config.json", new Uint8Array(Buffer.from(JSON.stringify(config))));
  return files;
}

test("windows come back as they were, block by block", async () => {
  const random = seeded(2);
  for (let n = 0; n < 20; n++) {
    const made = withWindows(model, (heads, b) =>
      n % 3 === b ? null : Array.from({ length: heads }, () => randomWindow(random)),
    );
    const back = await read(new Map(write(made)));
    expect(back.blocks.map(({ attention }) => attention.windows)).toEqual(
      made.blocks.map(({ attention }) => attention.windows),
    );
    const tokens = [0, 1, 1, 0].filter((row) => row < made.embedding.rows);
    expect(back.branches(tokens)).toEqual(made.branches(tokens));
  }
});

test("each window has its own hash, and no windows leave it as it was", async () => {
  const hash = async (windows: readonly Window[] | null) =>
    (await read(new Map(write(withWindows(model, () => windows))))).identity.sha256;
  const hashes = await Promise.all([
    hash(null),
    hash([free, free]),
    hash([{ before: 1, after: null }, free]),
    hash([{ before: null, after: 1 }, free]),
    hash([free, { before: 1, after: null }]),
  ]);
  expect(new Set(hashes).size).toBe(5);
  expect(hashes[0]).toBe((await read(new Map(write(model)))).identity.sha256);
});

test.each<[unknown, string]>([
  [7, "typoproof.blocks[0].attention.windows is 7; it must be a list with one window per head"],
  [null, "attention.windows is null; it must be a list with one window per head"],
  [[free, 3], "attention.windows[1] is 3; it must be an object"],
  [[free, { before: 1, behind: 2 }], 'attention.windows[1] has the key "behind"; allowed are before, after'],
  [
    [{ before: -1, after: 0 }, free],
    "attention.windows[0].before is -1; it must be an integer from 0, or null for all",
  ],
  [[free, { before: 0, after: 1.5 }], "attention.windows[1].after is 1.5; it must be an integer from 0"],
  [[free, { before: 0 }], "attention.windows[1].after is undefined; it must be an integer from 0"],
  [[free, { before: "2", after: 0 }], 'attention.windows[1].before is "2"; it must be an integer from 0'],
  [[free], "block 0: 1 windows for 2 heads; each head has one"],
])("%j is refused", async (windows, message) => {
  const problem = await read(written(windows)).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(UserError);
  expect((problem as UserError).message).toContain(message);
});

test("a model made with a wrong window is refused too", () => {
  expect(() => withWindows(model, () => [free, { before: Number.NaN, after: 0 }])).toThrow(
    "block 0: the window of head 1 has before NaN; allowed are integers from 0, and null for all",
  );
});
