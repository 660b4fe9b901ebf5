/** Every command on the folder of a native Transformer. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "../../src/node/load-model.js";
import { saveModel } from "../../src/node/save-model.js";
import { seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { singlePrecision } from "../oracle/single-precision.js";
import { wordedModel, wordedText } from "../oracle/worded-model.js";
import { records, typoproof } from "./harness.js";

let folder: string;
let model: string;
let lines: string;
const random = seeded(51);
const { model: additive, words } = wordedModel(random, "patterns", 120, 2);
const texts = Array.from({ length: 6 }, () => wordedText(random, words, 25).replace(/[^a-z ]/g, ""));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-blocks-"));
  model = join(folder, "blocks");
  lines = join(folder, "lines.jsonl");
  await saveModel(model, singlePrecision(randomTransformer(random, additive, { gain: 0.02 })));
});
afterAll(() => rm(folder, { recursive: true }));

test("certify proves by lipschitz and the rest of the ladder, and verify finds what holds", async () => {
  const args = [
    "certify",
    "-m",
    model,
    "-k",
    "1",
    "--alphabet",
    "model",
    "-f",
    "jsonl",
    "-o",
    lines,
    "--jobs",
    "1",
  ];
  const { code, stderr } = await typoproof([...args, ...texts]);
  expect([code, stderr.replace(/note: .*\n/g, "")]).toEqual([0, ""]);
  const { stdout } = await typoproof(args.filter((arg) => arg !== "-o" && arg !== lines).concat(texts));
  const found = records(stdout) as unknown as Record<string, unknown>[];
  expect(found).toHaveLength(texts.length);
  const { identity } = await loadModel(model);
  for (const line of found)
    expect(line).toMatchObject({ method: "lipschitz", model: { name: "blocks", sha256: identity.sha256 } });
  expect(found.some(({ verdict }) => verdict === "certified")).toBe(true);
  const verified = await typoproof(["verify", lines, "-m", model]);
  expect(verified).toMatchObject({ code: 0, stderr: "" });
});

test("predict, attack and reach", async () => {
  const own = await loadModel(model);
  const predicted = records((await typoproof(["predict", "-m", model, "-f", "jsonl", ...texts])).stdout);
  for (const [i, text] of texts.entries())
    expect(predicted[i]!.prediction).toEqual(JSON.parse(JSON.stringify(await own.predict(text))));
  const attacked = await typoproof(["attack", "-m", model, "-f", "jsonl", "--jobs", "1", ...texts]);
  expect(attacked.code).toBe(0);
  expect(records(attacked.stdout)).toHaveLength(texts.length);
  const reached = await typoproof(["reach", "-m", model, "--alphabet", "model", texts[0]!]);
  expect(reached).toMatchObject({ code: 0, stderr: "" });
});

test("evaluate", async () => {
  const input = join(folder, "rows.csv");
  const label = (await loadModel(model)).labels[0];
  await writeFile(input, `text,label\n${texts.map((text) => `${text},${label}\n`).join("")}`);
  const args = [
    "--input",
    input,
    "--text-column",
    "text",
    "--label-column",
    "label",
    "-k",
    "1",
    "--jobs",
    "1",
  ];
  const { code, stdout } = await typoproof(["evaluate", "-m", model, ...args]);
  expect(code).toBe(0);
  expect(stdout).toContain("certified");
});
