/**
 * The built program where the optional packages aren't installed: models still run, and what needs a package says in one
 * line how to get it.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  bertConfig,
  bertWeights,
  SIZE,
  tokenizerConfig,
  wordTokenizerJson,
  writeFolder,
} from "../oracle/sequence-folder.js";
import { smallEncoder } from "../oracle/small-encoder.js";

/** Milliseconds; a process each, which a busy computer takes its time for. */
const LONG = 60_000;
const root = join(import.meta.dirname, "..", "..");
let folder: string;
beforeAll(async () => {
  if (!existsSync(join(root, "dist", "node", "load-model.js")))
    throw new Error("not built; run: npm run build");
  folder = await mkdtemp(join(tmpdir(), "typoproof-optional-"));
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await cp(join(root, "dist"), join(folder, "dist"), { recursive: true });
  await cp(join(root, "package.json"), join(folder, "package.json"));
  // The dependencies that are no option, and nothing else.
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name), "junction");
  }
  const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 1, mostTokens: 10 });
  await writeFolder(join(folder, "tiny"), {
    "config.json": bertConfig(encoder),
    "tokenizer.json": wordTokenizerJson(),
    "tokenizer_config.json": tokenizerConfig,
    "model.safetensors": bertWeights(encoder),
  });
  await writeFile(
    join(folder, "script.mjs"),
    `import { loadModel } from "./dist/node/load-model.js";
const [name, backend] = process.argv.slice(2);
const model = await loadModel(name, { backend }).catch((error) => ({ error: error.message }));
const { error, notes } = model;
console.log(JSON.stringify(error ? { error } : { notes, runs: model.backend.name, ...(await model.predict("a good film")) }));`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, backend = "auto") {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["script.mjs", name, backend], {
    cwd: folder,
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test(
  "a sequence model runs on onnxruntime-web, without a note",
  async () => {
    const found = await load("./tiny");
    expect(found).toMatchObject({ notes: [], runs: expect.stringMatching(/^onnxruntime-web /) });
    const { scores } = await load("./tiny", "reference");
    expect(found.scores[0]).toBeCloseTo(scores[0], 5);
  },
  LONG,
);

test(
  "onnxruntime-node by name is an error",
  async () => {
    expect(await load("./tiny", "native")).toEqual({
      error: "onnxruntime-node can't be used: it isn't installed; npm install onnxruntime-node",
    });
  },
  LONG,
);

test(
  "a model of the hub says what it needs",
  async () => {
    expect(await load("hub:owner/name")).toEqual({
      error:
        "owner/name is a model of the hub, which needs an optional package: npm install @xenova/transformers@npm:@huggingface/transformers@^4.3.1",
    });
  },
  LONG,
);
