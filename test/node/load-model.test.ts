import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/failure.js";
import { WRITTEN_FILES } from "../../src/model/folder.js";
import { listModels, loadModel, loadNativeModel } from "../../src/node/load-model.js";
import { packageRoot } from "../../src/node/package-root.js";
import { saveModel } from "../../src/node/save-model.js";
import { randomModel, seeded } from "../oracle/random-model.js";

const model = randomModel(seeded(1), "pieces", 3);
const other = randomModel(seeded(2), "words", 2);
let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "typoproof-model-"));
});
let made = 0;
beforeEach(() => {
  folder = join(root, `m${made++}`, "tiny");
});
afterAll(() => rm(root, { recursive: true }));

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    },
  );

describe("saveModel and loadModel", () => {
  test("give a model back, named after its folder, and leave nothing else behind", async () => {
    await saveModel(folder, model, { training: { seed: 1 } }, "# Tiny\n");
    const back = await loadNativeModel(folder);
    expect([back.labels, back.vocabulary, back.evidence, back.bias]).toEqual([
      model.labels,
      model.vocabulary,
      model.evidence,
      model.bias,
    ]);
    expect(back.identity.name).toBe("tiny");
    expect(back.identity.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await loadModel(`${folder}/`)).identity).toEqual(back.identity);
    expect((await readdir(folder)).sort()).toEqual([...WRITTEN_FILES, "README.md"].sort());
    expect(await readFile(join(folder, "README.md"), "utf8")).toBe("# Tiny\n");
  });

  test("fill an empty folder that is there", async () => {
    await mkdir(folder, { recursive: true });
    const { ino } = await stat(folder);
    await saveModel(folder, model);
    expect((await stat(folder)).ino).toBe(ino);
    expect((await loadModel(folder)).labels).toEqual(model.labels);
  });

  test("don't overwrite unless told, and then leave nothing of the old model", async () => {
    await saveModel(folder, model, {}, "# Old\n");
    await mkdir(join(folder, "onnx"));
    const before = await Promise.all(WRITTEN_FILES.map((name) => readFile(join(folder, name))));
    expect(await failure(saveModel(folder, other))).toBe(
      `${folder} isn't empty; give another folder or allow overwriting`,
    );
    expect(await Promise.all(WRITTEN_FILES.map((name) => readFile(join(folder, name))))).toEqual(before);
    await saveModel(folder, other, {}, undefined, { overwrite: true });
    expect((await loadModel(folder)).labels).toEqual(other.labels);
    expect((await readdir(folder)).sort()).toEqual([...WRITTEN_FILES].sort());
  });

  test("never touch what isn't a model's, told or not", async () => {
    await saveModel(folder, model);
    await writeFile(join(folder, "thesis.txt"), "all of it");
    expect(await failure(saveModel(folder, other, {}, undefined, { overwrite: true }))).toBe(
      `${folder} holds thesis.txt, which is no file of a model; give another folder`,
    );
    expect((await loadModel(folder)).labels).toEqual(model.labels);
    expect(await readFile(join(folder, "thesis.txt"), "utf8")).toBe("all of it");
  });

  test("an interrupted save doesn't load, and can be saved over", async () => {
    await saveModel(folder, model);
    await mkdir(join(folder, ".part-0"));
    await rm(join(folder, "config.json"));
    expect(await failure(loadModel(folder))).toBe(
      `${folder} has no config.json; a model folder needs config.json, vocab.txt, model.safetensors`,
    );
    await saveModel(folder, other, {}, undefined, { overwrite: true });
    expect((await readdir(folder)).sort()).toEqual([...WRITTEN_FILES].sort());
  });

  test("weights that make no model leave no folder", async () => {
    const bias = Float64Array.of(0.1, 0, 0);
    expect(await failure(saveModel(folder, { ...model, bias }))).toMatch(/^bias\[0\] is 0\.1/);
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
  });

  test("say when the folder is a file", async () => {
    const file = join(root, "file");
    await writeFile(file, "");
    expect(await failure(saveModel(file, model))).toBe(`${file} is a file or lies in one; give a folder`);
    expect(await failure(saveModel(join(file, "in"), model))).toMatch(
      /is a file or lies in one; give a folder$/,
    );
    expect(await failure(loadModel(file))).toMatch(/there is no such folder/);
  });

  test("say when a file of the model is a folder", async () => {
    await saveModel(folder, model);
    await rm(join(folder, "vocab.txt"));
    await mkdir(join(folder, "vocab.txt"));
    expect(await failure(loadModel(folder))).toBe(
      `${join(folder, "vocab.txt")} is a folder; it must be a file`,
    );
  });
});

describe("names", () => {
  test.each(["sms-ham", "./sms-spam", "no/such", ""])(
    "%j is no model; the shipped ones are listed",
    async (name) => {
      const shipped = (await listModels()).map((summary) => summary.name).join(", ") || "none";
      const message = await failure(loadModel(name));
      const hub = name === "no/such" ? "; a model of the hub is hub:no/such" : "";
      expect(message).toBe(
        `no model is called ${JSON.stringify(name)} and there is no such folder; shipped models: ${shipped}${hub}`,
      );
    },
  );

  test("a folder of the working directory needs no separator", async () => {
    expect(await failure(loadModel("src"))).toMatch(/^src has no config\.json/);
  });

  test("the shipped models load by name, as their summaries say, and take less than 3 MB", async () => {
    const models = join(await packageRoot(), "models");
    const there = await readdir(models, { withFileTypes: true }).catch(() => []);
    const summaries = await listModels();
    expect(summaries.map(({ name }) => name)).toEqual(
      there
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, folder, labels, bytes, title, card } of summaries) {
      const shipped = await loadModel(name);
      expect([shipped.identity.name, shipped.labels, folder]).toEqual([name, labels, join(models, name)]);
      expect((await loadModel(folder)).identity).toEqual(shipped.identity);
      expect(bytes).toBeGreaterThan((await stat(join(folder, "model.safetensors"))).size);
      expect(bytes).toBeLessThan(3e6);
      expect(card).toContain(`# ${title}`);
    }
  });

  test("the package is found from this file's place", async () => {
    expect(JSON.parse(await readFile(join(await packageRoot(), "package.json"), "utf8"))).toMatchObject({
      name: "typoproof",
    });
    expect(await readdir(await packageRoot())).toContain("src");
  });
});
