/**
 * `export`, and what it writes run by the programs that it is written for: transformers.js in a process of its own, as a user
 * would. The library is an optional dependency; without it that part is skipped.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "../../src/node/load-model.js";
import { saveModel } from "../../src/node/save-model.js";
import { seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { singlePrecision } from "../oracle/single-precision.js";
import { wordedModel, wordedText } from "../oracle/worded-model.js";
import { hostileText } from "../tokenizer/golden.js";
import { typoproof, writeTinyModel } from "./harness.js";

const root = join(import.meta.dirname, "..", "..");
/** Milliseconds; of a process that loads a large library on a busy computer. */
const LONG = 120_000;
const library = (() => {
  try {
    return createRequire(import.meta.url).resolve("@xenova/transformers");
  } catch {
    return null;
  }
})();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-export-"));
  await writeTinyModel(join(folder, "tiny"));
  await writeFile(join(folder, "tiny", "README.md"), "# Tiny\n\n## Data\n\n```sh\n# not a heading\n```\n");
});
afterAll(() => rm(folder, { recursive: true }));

const exported = (model: string, name: string, ...more: string[]) =>
  typoproof(["export", "-m", model, "-o", join(folder, "out", name), ...more]);

test("writes the files and says what was tried", async () => {
  const out = join(folder, "out", "tiny");
  const { code, stdout, stderr } = await exported(join(folder, "tiny"), "tiny");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^wrote \S+tiny: onnx\/model\.onnx takes 0\.0 MB; tried with onnxruntime-(node|web) [\d.]+, logits differ by at most \de[+-]\d+\n$/,
  );
  expect((await readdir(out)).sort()).toEqual(
    ["README.md", "config.json", "onnx", "tokenizer.json", "tokenizer_config.json"].sort(),
  );
  expect(JSON.parse(await readFile(join(out, "config.json"), "utf8"))).toMatchObject({
    model_type: "bert",
    id2label: { 0: "ham", 1: "spam" },
    label2id: { ham: 0, spam: 1 },
    pad_token_id: 5,
    typoproof: {
      exported: { name: "tiny", sha256: (await loadModel(join(folder, "tiny"))).identity.sha256 },
    },
  });
  const card = await readFile(join(out, "README.md"), "utf8");
  expect(card).toMatch(/^---\nlibrary_name: transformers\.js\n/);
  expect(card).toContain("\n# Tiny, for ONNX Runtime and transformers.js\n");
  expect(card).toContain("\n## Tiny\n\n### Data\n\n```sh\n# not a heading\n```\n");
});

test("what it writes is for other programs, which loading it says", async () => {
  expect((await exported(join(folder, "tiny"), "for others")).code).toBe(0);
  const out = join(folder, "out", "for others");
  expect(await typoproof(["certify", "-m", out, "hello"])).toMatchObject({
    code: 1,
    stderr: `error: ${out} was written by export, for other programs; give the model that it was made from, "tiny"\n`,
  });
});

test("replaces only what it wrote, and only if told", async () => {
  const tiny = join(folder, "tiny");
  const out = join(folder, "out", "again");
  expect((await exported(tiny, "again")).code).toBe(0);
  expect(await exported(tiny, "again")).toMatchObject({
    code: 1,
    stderr: `error: ${out} isn't empty; give another folder or allow overwriting\n`,
  });
  expect((await exported(tiny, "again", "--overwrite")).code).toBe(0);
  // The model itself would be lost.
  expect(await typoproof(["export", "-m", tiny, "-o", tiny, "--overwrite"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      / holds (vocab\.txt|model\.safetensors), which is no file of an exported model; /,
    ),
  });
  expect((await loadModel(tiny)).labels).toEqual(["ham", "spam"]);
});

/** A published model, in the folder of models that may lie beside the project. */
const published = join(root, "..", "shared", "models", "deept-sst2-1layer");

(existsSync(published) ? test : test.skip)(
  "a model of other libraries (../shared/models) is such a folder already",
  async () => {
    expect(await exported(published, "other")).toMatchObject({
      code: 1,
      stderr:
        "error: deept-sst2-1layer is a model of other libraries, and its folder already what export would write; allowed are native models\n",
    });
  },
);

test("-o is needed", async () => {
  expect(await typoproof(["export"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("required option '-o, --output <folder>' not specified"),
  });
});

/** Reads {models, texts}, gives by model the scores of every label: each text by itself, then all in one batch. */
const SCRIPT = `
import { readFileSync } from "node:fs";
process.env.ORT_DISABLE_TELEMETRY = "1";
const { env, pipeline } = await import("@xenova/transformers");
const { path, models, texts } = JSON.parse(readFileSync(0, "utf8"));
env.localModelPath = path;
env.allowRemoteModels = false;
env.useFSCache = false;
const found = {};
for (const model of models) {
  const classify = await pipeline("text-classification", model);
  const single = [];
  for (const text of texts) single.push(await classify(text, { top_k: null }));
  found[model] = { single, batch: await classify(texts, { top_k: null }), best: await classify(texts) };
  await classify.dispose();
}
process.stdout.write(JSON.stringify(found));
`;

interface Score {
  readonly label: string;
  readonly score: number;
}

async function pipelines(models: readonly string[], texts: readonly string[]) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT], { cwd: root });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.end(JSON.stringify({ path: join(folder, "out"), models, texts }));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(stderr);
  return {
    stderr,
    found: JSON.parse(stdout) as Record<string, Record<"single" | "batch", Score[][]> & { best: Score[] }>,
  };
}

(library === null ? test.skip : test)(
  "transformers.js gives the labels and probabilities of the models, for texts by themselves and in a batch",
  async () => {
    const random = seeded(31);
    const { model, words } = wordedModel(random, "patterns", 200, 3);
    await saveModel(join(folder, "blocks"), singlePrecision(randomTransformer(random, model, { blocks: 2 })));
    const pieces = wordedModel(random, "pieces", 100, 2);
    await saveModel(join(folder, "pieces"), pieces.model);
    const models = {
      blocks: join(folder, "blocks"),
      pieces: join(folder, "pieces"),
      "sms-spam": "sms-spam",
      sst2: "sst2",
    };
    await mkdir(join(folder, "out"), { recursive: true });
    for (const [name, from] of Object.entries(models)) expect((await exported(from, name)).code).toBe(0);
    const texts = [
      "Free entry in 2 a wkly comp to win FA Cup final tkts",
      "Fr\u0435\u0435 ENTRY in 2 a wk1y c0mp to w\u00EDn",
      "an utterly charming film, and a waste of time",
      "",
      " \u200B. ",
      "[UNK] [PAD] [CLS] ##a <mask>",
      ...Array.from({ length: 8 }, () => hostileText(random)),
      ...Array.from({ length: 4 }, () => wordedText(random, words, 150)),
    ];
    const { found, stderr } = await pipelines(Object.keys(models), texts);
    expect(stderr).toBe("");
    for (const [name, from] of Object.entries(models)) {
      const own = await loadModel(from);
      const { single, batch, best } = found[name]!;
      for (const [i, text] of texts.entries()) {
        const { scores, label } = await own.predict(text);
        const top = Math.max(...scores);
        const parts = scores.map((score) => Math.exp(score - top));
        const sum = parts.reduce((a, b) => a + b);
        for (const answer of [single[i]!, batch[i]!]) {
          expect(answer.map((score) => score.label).sort()).toEqual([...own.labels].sort());
          for (const { label, score } of answer)
            expect(Math.abs(score - parts[own.labels.indexOf(label)]! / sum)).toBeLessThan(1e-5);
        }
        const [first, second] = [...parts].sort((a, b) => b - a);
        if (first! - second! > 1e-4 * sum) expect(best[i]!.label).toBe(label);
      }
    }
  },
  LONG,
);
