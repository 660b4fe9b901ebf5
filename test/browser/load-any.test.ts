/** Models of any kind from addresses and from files in hand; a runtime that computes something else is refused. */
import { createHash } from "node:crypto";
import { fetchedFiles, givenFiles, sha256 } from "../../src/browser/files.js";
import { loadAnyModel } from "../../src/browser/load-model.js";
import { loadSequenceModel } from "../../src/browser/load-sequence.js";
import { UserError } from "../../src/failure.js";
import type { Backend } from "../../src/model/backend.js";
import { writeModelFolder } from "../../src/model/folder.js";
import { NativeModel } from "../../src/model/native.js";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { referenceBackend } from "../../src/model/reference.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import {
  bertConfig,
  bertWeights,
  SIZE,
  tokenizerConfig,
  wordTokenizerJson,
} from "../oracle/sequence-folder.js";
import { smallEncoder } from "../oracle/small-encoder.js";

const bytesOf = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 2, mostTokens: 10 });
const bert = {
  name: "bert",
  files: new Map<string, Blob | Uint8Array>([
    ["config.json", bytesOf(bertConfig(encoder))],
    ["tokenizer.json", new Blob([JSON.stringify(wordTokenizerJson())])],
    ["tokenizer_config.json", bytesOf(tokenizerConfig)],
    ["model.safetensors", bertWeights(encoder)],
  ]),
};
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: Error) => error,
  );

test("a native model from files in hand is the one from its folder", async () => {
  const model = randomModel(seeded(4), "patterns", 2);
  const loaded = await loadAnyModel({ name: "mine", files: writeModelFolder(model) });
  expect(loaded).toBeInstanceOf(NativeModel);
  expect((loaded as NativeModel).evidence).toEqual(model.evidence);
  expect(loaded.identity.name).toBe("mine");
});

test("what runs an encoder is tried; what it gives is what the backend gives", async () => {
  let opened = 0;
  const open = async () => {
    opened++;
    return referenceBackend(encoder);
  };
  const model = await loadSequenceModel(givenFiles(bert), "bert", "bert", { open });
  expect(opened).toBe(1);
  expect((await model.predict("a good film")).scores).toHaveLength(2);
  // With a graph beside the weights' place, the graph is tried too.
  const graph = new Map(bert.files);
  graph.delete("model.safetensors");
  graph.set("onnx/model.onnx", encoderToOnnx(encoder, { mask: true }));
  await loadSequenceModel(givenFiles({ name: "bert", files: graph }), "bert", "bert", { open });
  expect(opened).toBe(3);
});

test.each<[string, (value: number) => number]>([
  ["a little off", (value) => value + 1e-3],
  ["not a number", () => Number.NaN],
  ["of the other sign", (value) => -value],
])("a runtime that is %s is refused in one line, and closed", async (_, wrong) => {
  let closed = false;
  const right = referenceBackend(encoder);
  const open = async (): Promise<Backend> => ({
    name: "broken runtime 1.0",
    arithmetic: "float32",
    logits: async (sequences) => (await right.logits(sequences)).map((row) => row.map(wrong)),
    close: async () => {
      closed = true;
    },
  });
  const error = await failure(loadSequenceModel(givenFiles(bert), "bert", "bert", { open }));
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toMatch(
    /^bert isn't certified here: for \d+ tokens? broken runtime 1\.0 gives the logit/,
  );
  expect(closed).toBe(true);
});

test("a folder without config.json, and a page in the place of a file, are told in one line", async () => {
  const none = await failure(loadAnyModel({ name: "empty", files: new Map() }));
  expect(none).toEqual(
    new UserError("empty has no config.json; a model is a folder with config.json and its weights"),
  );
  const page = async () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  expect(await fetchedFiles("m", { fetch: page })("vocab.txt")).toBeNull();
  const gone = new Blob(["x"]);
  gone.arrayBuffer = () => Promise.reject(new Error("it was moved"));
  const files = givenFiles({ name: "m", files: new Map([["config.json", gone]]) });
  expect(await failure(files("config.json"))).toEqual(
    new UserError("m/config.json can't be read: it was moved"),
  );
});

test("without crypto.subtle the hash is the same", async () => {
  const bytes = new TextEncoder().encode("typoproof");
  const expected = createHash("sha256").update(bytes).digest("hex");
  expect(await sha256(bytes)).toBe(expected);
  const { subtle } = globalThis.crypto;
  Object.defineProperty(globalThis.crypto, "subtle", { value: undefined, configurable: true });
  try {
    expect(await sha256(bytes)).toBe(expected);
  } finally {
    Object.defineProperty(globalThis.crypto, "subtle", { value: subtle, configurable: true });
  }
});
