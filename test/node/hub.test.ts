/** Models of the hub, with a library that is made up: nothing is fetched here. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../src/failure.js";
import { hubFolder, type Transformers } from "../../src/node/hub.js";

let root: string;
let calls: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "typoproof-hub-"));
  calls = [];
});
afterEach(() => rm(root, { recursive: true }));

const write = async (path: string) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "{}");
};

/** Its hub has these files of the model o/n; what it loads it puts in its cache, as transformers.js does. */
function library(hub: readonly string[], allowRemoteModels = true): Transformers {
  const load = async (what: string, name: string, wanted: readonly string[]) => {
    calls.push(`${what} ${name}`);
    for (const file of wanted) {
      if (!hub.includes(file)) throw new Error(`Could not locate file:\n "${file}".`);
      await write(join(root, "cache", name, file));
    }
  };
  return {
    env: { localModelPath: join(root, "local"), cacheDir: join(root, "cache"), allowRemoteModels },
    AutoTokenizer: {
      from_pretrained: (name) => load("tokenizer", name, ["tokenizer.json", "tokenizer_config.json"]),
    },
    AutoModelForSequenceClassification: {
      async from_pretrained(name, { dtype, device }) {
        await load(`model ${dtype} ${device}`, name, ["config.json", "onnx/model.onnx"]);
        return { dispose: async () => void calls.push("dispose") };
      },
    },
  };
}
const ALL = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model.onnx"];

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).not.toContain("\n");
      return (error as Error).message;
    },
  );

test("a model is fetched once, in float32, into the library's cache", async () => {
  expect(await hubFolder("o/n", library(ALL))).toBe(join(root, "cache", "o", "n"));
  expect(calls).toEqual(["tokenizer o/n", "model fp32 cpu o/n", "dispose"]);
  expect(await hubFolder("o/n", library(ALL))).toBe(join(root, "cache", "o", "n"));
  expect(calls).toHaveLength(3);
});

test("what lies in the library's own folder is taken from there, weights as well", async () => {
  for (const file of ["config.json", "tokenizer.json", "model.safetensors"])
    await write(join(root, "local", "o", "n", file));
  expect(await hubFolder("o/n", library([], false))).toBe(join(root, "local", "o", "n"));
  expect(calls).toEqual([]);
});

test("half a model is none: it is fetched again, or said to be missing", async () => {
  await write(join(root, "local", "o", "n", "config.json"));
  expect(await failure(hubFolder("o/n", library(ALL, false)))).toBe(
    `o/n isn't in ${join(root, "local", "o", "n")} or ${join(root, "cache", "o", "n")}, and fetching models is turned off (env.allowRemoteModels)`,
  );
  expect(await hubFolder("o/n", library(ALL))).toBe(join(root, "cache", "o", "n"));
});

test("what the library complains about is told in one line", async () => {
  expect(await failure(hubFolder("o/n", library(ALL.slice(0, 3))))).toBe(
    "the hub's model o/n can't be loaded: Could not locate file: \"onnx/model.onnx\".",
  );
});

test.each(["", "n", "o/", "/n", "../n", "o/..", "o/n/x", "o/n?x", "o /n", "-", "https://h/o/n"])(
  "%j is no name",
  async (name) => {
    expect(await failure(hubFolder(name, library(ALL)))).toBe(
      `the hub's models are called owner/name, not ${JSON.stringify(name)}`,
    );
    expect(calls).toEqual([]);
  },
);
