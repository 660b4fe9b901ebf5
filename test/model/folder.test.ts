import { createHash } from "node:crypto";
import { UserError } from "../../src/failure.js";
import { FOLDER_FORMAT } from "../../src/model/config.js";
import { NEEDED_FILES, readModelFolder, WRITTEN_FILES, writeModelFolder } from "../../src/model/folder.js";
import { identityBytes } from "../../src/model/identity.js";
import type { NativeModel, NativeWeights } from "../../src/model/native.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors.js";
import { FOLD_VERSION } from "../../src/text/fold-table.js";
import { VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { randomModel, seeded } from "../oracle/random-model.js";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
type Files = Map<string, Uint8Array>;
const read = async (files: Files, name = "tiny", where?: string) =>
  (await readModelFolder(async (file) => files.get(file) ?? null, sha256, name, where)) as NativeModel;

const weights: NativeWeights = {
  labels: ["ham", "spam"],
  vocabulary: vocabulary("words", ["[UNK]", "free", "hi\uFFFD"]),
  evidence: Float64Array.of(0, -0, -1, 1, 2 ** -20, 1 - 2 ** -20),
  bias: Float64Array.of(2 ** 20, -(2 ** -20)),
};
const json = (files: Files, name: string) => JSON.parse(Buffer.from(files.get(name)!).toString()) as never;
const encode = (text: string) => new Uint8Array(Buffer.from(text));

describe("round trip", () => {
  test.each(VOCABULARY_KINDS)(
    "gives random models of %s back, bit for bit, under the same hash",
    async (kind) => {
      const random = seeded(3);
      for (let n = 0; n < 20; n++) {
        const model = randomModel(random, kind, 2 + (n % 3));
        const back = await read(writeModelFolder(model), "again");
        expect(back.labels).toEqual(model.labels);
        expect(back.vocabulary).toEqual(model.vocabulary);
        expect(back.evidence).toEqual(model.evidence);
        expect(back.bias).toEqual(model.bias);
        expect(back.identity).toEqual({ name: "again", sha256: sha256(identityBytes(model)) });
        expect(back.predict("ab ba \u{1F600}c")).toEqual(model.predict("ab ba \u{1F600}c"));
      }
    },
  );

  test("keeps the largest and smallest weights and the sign of zero", async () => {
    const back = await read(writeModelFolder(weights));
    expect([...back.evidence, ...back.bias].map((x) => [x, Object.is(x, -0)])).toEqual(
      [...weights.evidence, ...weights.bias].map((x) => [x, Object.is(x, -0)]),
    );
  });

  test("the same weights give the same bytes; what is noted about training changes only config.json", () => {
    const files = writeModelFolder(weights);
    expect(writeModelFolder(weights)).toEqual(files);
    const noted = writeModelFolder(weights, { training: { seed: 5 } });
    expect((json(noted, "config.json") as { typoproof: object }).typoproof).toMatchObject({
      training: { seed: 5 },
    });
    expect(
      [...files.keys()].filter((name) => !Buffer.from(files.get(name)!).equals(noted.get(name)!)),
    ).toEqual(["config.json"]);
  });
});

test("the files are as documented", () => {
  const files = writeModelFolder(weights);
  expect([...files.keys()].sort()).toEqual([...WRITTEN_FILES].sort());
  expect(json(files, "config.json")).toEqual({
    architectures: ["TypoproofAdditiveForSequenceClassification"],
    model_type: "typoproof-additive",
    num_labels: 2,
    id2label: { 0: "ham", 1: "spam" },
    label2id: { ham: 0, spam: 1 },
    typoproof: { format: FOLDER_FORMAT, kind: "words", fold: FOLD_VERSION, layers: 0 },
  });
  expect(Buffer.from(files.get("vocab.txt")!).toString()).toBe("[UNK]\nfree\nhi\uFFFD\n");
  expect([...readSafetensors(files.get("model.safetensors")!)].sort()).toEqual([
    ["bias", { dtype: "F64", shape: [2], data: weights.bias }],
    ["evidence", { dtype: "F32", shape: [3, 2], data: Float32Array.from(weights.evidence) }],
  ]);
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"])
    expect(Buffer.from(files.get(name)!).every((byte) => byte < 0x80)).toBe(true);
  expect(files.get("tokenizer.json")!.length).toBeLessThan(60_000);
});

describe("what can't be read is one line that names the file:", () => {
  const withConfig = (change: (config: Record<string, never>) => void) => (files: Files) => {
    const config = json(files, "config.json") as Record<string, never>;
    change(config);
    files.set("config.json", encode(JSON.stringify(config)));
  };
  const own = (key: string, value: unknown) =>
    withConfig((config) => Object.assign(config.typoproof as object, { [key]: value }));
  const set = (key: string, value: unknown) =>
    withConfig((config) => Object.assign(config, { [key]: value }));
  const withTensors = (change: (tensors: Map<string, Tensor>) => void) => (files: Files) => {
    const tensors = readSafetensors(files.get("model.safetensors")!);
    change(tensors);
    files.set("model.safetensors", writeSafetensors(tensors));
  };
  const put = (name: string, tensor: Tensor) => withTensors((tensors) => void tensors.set(name, tensor));
  const file = (name: string, text: string) => (files: Files) => void files.set(name, encode(text));
  const f32 = (shape: number[], ...values: number[]): Tensor => ({
    dtype: "F32",
    shape,
    data: Float32Array.from(values),
  });
  const f64 = (...values: number[]): Tensor => ({
    dtype: "F64",
    shape: [values.length],
    data: Float64Array.from(values),
  });

  test.each(NEEDED_FILES)("no %s", async (name) => {
    const files = writeModelFolder(weights);
    files.delete(name);
    await expect(read(files, "tiny", "/models/tiny")).rejects.toThrow(
      new UserError(
        `/models/tiny has no ${name}; a model folder needs config.json, vocab.txt, model.safetensors`,
      ),
    );
  });

  test.each<[string, (files: Files) => void, string]>([
    ["no JSON", file("config.json", "{\n\nx"), "tiny/config.json isn't JSON: "],
    ["no object", file("config.json", "[1]"), "tiny/config.json is [1]; it must be a JSON object"],
    ["a repeated key", file("config.json", '{"a":{"b":1,"b":2}}'), 'tiny/config.json repeats the key "b"'],
    [
      "no UTF-8",
      (files) => files.set("config.json", Uint8Array.of(0x7b, 0xff)),
      "tiny/config.json: not UTF-8: byte 1",
    ],
    [
      "another type of model",
      set("model_type", "bert"),
      'tiny/config.json: model_type is "bert"; this version loads typoproof-additive',
    ],
    ["no type", file("config.json", "{}"), "model_type is undefined; this version loads typoproof-additive"],
    ["no part of ours", set("typoproof", 1), "tiny/config.json: typoproof is 1; it must be an object"],
    ["another format", own("format", 2), "tiny/config.json: typoproof.format is 2; this version loads 1"],
    ["another fold", own("fold", "fold-0"), `typoproof.fold is "fold-0"; this version loads ${FOLD_VERSION}`],
    ["blocks", own("layers", 1), "tiny/config.json: typoproof.layers is 1; this version loads 0"],
    ["another kind", own("kind", "bytes"), 'typoproof.kind is "bytes"; allowed are words, pieces, patterns'],
    ["no labels", set("id2label", null), "tiny/config.json: id2label is null; it must be an object"],
    [
      "a gap in the labels",
      set("id2label", { 0: "ham", 2: "spam" }),
      "tiny/config.json: id2label has 2 labels but none for 1; needed are 0 to 1",
    ],
    ["a label twice", set("id2label", { 0: "ham", 1: "ham" }), 'tiny/config.json: label 1 repeats "ham"'],
    [
      "an empty label",
      set("id2label", { 0: "ham", 1: "" }),
      'label 1 is ""; it must be a string that isn\'t empty',
    ],
    ["a label that is a number", set("id2label", { 0: 7, 1: "spam" }), "label 0 is 7; it must be a string"],
    [
      "another number of labels",
      set("num_labels", 3),
      "tiny/config.json: num_labels is 3, but id2label has 2",
    ],
    [
      "labels the other way round",
      set("label2id", { ham: 1, spam: 0 }),
      'tiny/config.json: label2id gives "ham" 1, but id2label gives it 0',
    ],
    [
      "a label too many",
      set("label2id", { ham: 0, spam: 1, eggs: 2 }),
      "tiny/config.json: label2id has 3 labels, but id2label has 2",
    ],
    [
      "one label",
      withConfig((config) =>
        Object.assign(config, { id2label: { 0: "ham" }, num_labels: 1, label2id: { ham: 0 } }),
      ),
      'the tensor "evidence" has the shape [3,2]; tokens and labels make it [3,1]',
    ],
    ["a token twice", file("vocab.txt", "[UNK]\na\na\n"), 'tiny/vocab.txt: vocabulary token 2 repeats "a"'],
    [
      "Windows line ends",
      file("vocab.txt", "[UNK]\r\na\r\n"),
      'tiny/vocab.txt: vocabulary token 0 is "[UNK]\\r"',
    ],
    [
      "a vocabulary cut short",
      file("vocab.txt", "[UNK]\nfree\nh"),
      'tiny/vocab.txt: the last line, "h", isn\'t ended by a line feed',
    ],
    ["a vocabulary of another kind", own("kind", "pieces"), 'vocab.txt: a pieces vocabulary must list "a"'],
    [
      "a token too many",
      file("vocab.txt", "[UNK]\nfree\nhi\nho\n"),
      'tiny/model.safetensors: the tensor "evidence" has the shape [3,2]; tokens and labels make it [4,2]',
    ],
    [
      "broken tensors",
      file("model.safetensors", "not one"),
      "tiny/model.safetensors: a safetensors file has at least 8 bytes, not 7",
    ],
    [
      "a missing tensor",
      withTensors((tensors) => tensors.delete("bias")),
      'tiny/model.safetensors: the tensor "bias" is missing',
    ],
    [
      "an unknown tensor",
      put("gain", f64(1)),
      'tiny/model.safetensors: the tensor "gain" is unknown; needed are "evidence" and "bias"',
    ],
    [
      "another dtype",
      put("bias", f32([2], 0, 0)),
      'tiny/model.safetensors: the tensor "bias" is F32; it must be F64',
    ],
    [
      "another shape",
      put("evidence", f32([2, 3], 0, 0, 0, 0, 0, 0)),
      'the tensor "evidence" has the shape [2,3]',
    ],
    [
      "too few biases",
      put("bias", f64(1)),
      'the tensor "bias" has the shape [1]; tokens and labels make it [2]',
    ],
    [
      "a weight off the grid",
      put("evidence", f32([3, 2], 0, 0, 0, 2 ** -21, 0, 0)),
      `tiny/model.safetensors: evidence[3] is ${2 ** -21}; weights must be multiples of 2^-20`,
    ],
    [
      "evidence over 1",
      put("evidence", f32([3, 2], 0, 0, 0, 0, 0, 1.5)),
      "evidence[5] is 1.5; weights must be",
    ],
    ["no number", put("bias", f64(0, Number.NaN)), "tiny/model.safetensors: bias[1] is NaN; weights must be"],
    [
      "a bias off the grid",
      put("bias", f64(0.1, 0)),
      "tiny/model.safetensors: bias[0] is 0.1; weights must be",
    ],
  ])("%s", async (_, damage, message) => {
    const files = writeModelFolder(weights);
    damage(files);
    const error = await read(files).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toMatch(/[\n\r]/);
  });

  test("no change of one byte of config.json or model.safetensors gives another model under the same hash", async () => {
    const whole = writeModelFolder(weights);
    const original = await read(whole);
    for (const name of ["config.json", "model.safetensors"])
      for (let at = 0; at < whole.get(name)!.length; at++) {
        const bytes = whole.get(name)!.slice();
        bytes[at]! ^= 1;
        const model = await read(new Map([...whole, [name, bytes]])).catch((error: unknown) => {
          if (error instanceof UserError) return null;
          throw error;
        });
        if (model === null || model.identity.sha256 !== original.identity.sha256) continue;
        expect([model.labels, model.vocabulary, model.evidence, model.bias]).toEqual([
          original.labels,
          original.vocabulary,
          original.evidence,
          original.bias,
        ]);
      }
  });
});

describe("what makes no model isn't written:", () => {
  test.each<[string, Partial<NativeWeights>, string]>([
    ["weights off the grid", { bias: Float64Array.of(0.1, 0) }, "bias[0] is 0.1"],
    ["evidence over 1", { evidence: Float64Array.of(0, 0, 0, 0, 0, 1.25) }, "evidence[5] is 1.25"],
    ["too little evidence", { evidence: Float64Array.of(0, 0) }, "evidence has 2 numbers"],
    ["labels twice", { labels: ["ham", "ham"] }, 'label 1 repeats "ham"'],
    ["an empty label", { labels: ["", "spam"] }, 'label 0 is ""'],
  ])("%s", (_, change, message) => {
    expect(() => writeModelFolder({ ...weights, ...change })).toThrow(UserError);
    expect(() => writeModelFolder({ ...weights, ...change })).toThrow(message);
  });
});
