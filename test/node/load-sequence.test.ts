/** Sequence models from folders: weights, graphs and black boxes; what the hash covers; what is refused. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/failure.js";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { referenceLogits } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import type { LoadOptions } from "../../src/node/load-sequence.js";
import { installedRuntimes } from "../contract/installed.js";
import { seeded } from "../oracle/random-model.js";
import {
  bertConfig,
  bertWeights,
  SIZE,
  tokenizerConfig,
  wordIds,
  wordTokenizerJson,
  writeFolder,
} from "../oracle/sequence-folder.js";
import { smallEncoder } from "../oracle/small-encoder.js";
import { type TinyGraph, tinyGraph, tinyLogits } from "../oracle/tiny-graph.js";

const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 2, mostTokens: 10 });
const files = {
  "config.json": bertConfig(encoder),
  "tokenizer.json": wordTokenizerJson(),
  "tokenizer_config.json": tokenizerConfig,
  "model.safetensors": bertWeights(encoder),
} as const;
const random = seeded(11);
const tiny: TinyGraph = {
  vocabulary: SIZE,
  labels: 2,
  table: Float32Array.from({ length: 2 * SIZE }, () => 4 * random() - 2),
  inputs: ["attention_mask", "token_type_ids"],
};
const TEXTS = ["a good film", "", "The very DULL film is bad", "[SEP] it is fun", "good ".repeat(40)];

let root: string;
let made = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "typoproof-sequence-"));
});
afterAll(() => rm(root, { recursive: true }));

const folderOf = (changes: Parameters<typeof writeFolder>[1] = {}) =>
  writeFolder(join(root, `f${made++}`, "tiny"), { ...files, ...changes });
async function load(changes: Parameters<typeof writeFolder>[1] = {}, options: LoadOptions = {}) {
  const model = await loadModel(await folderOf(changes), options);
  if (!(model instanceof SequenceModel)) throw new Error("no sequence model");
  return model;
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).not.toContain("\n");
      return (error as Error).message.replaceAll(root, "").replace(/^\/f\d+\//, "");
    },
  );

async function expectLogits(model: SequenceModel, logits: (ids: Int32Array) => ArrayLike<number>) {
  for (const text of TEXTS) {
    const ids = model.tokenizer.encode(text);
    const { scores, index, label } = await model.predict(text);
    const wanted = Array.from(logits(ids));
    wanted.forEach((value, y) => void expect(scores[y]).toBeCloseTo(value, 4));
    expect(index).toBe(wanted.indexOf(Math.max(...wanted)));
    expect(label).toBe(model.labels[index]);
  }
}

describe("weights of a known architecture", () => {
  test.each([...installedRuntimes(), "reference", "auto"] as const)("run by %s", async (backend) => {
    const model = await load({}, { backend });
    expect(model.kind).toBe("sequence");
    expect(model.identity.name).toBe("tiny");
    expect(model.labels).toEqual(["label 0", "label 1"]);
    expect(model.encoder).toEqual({ ...encoder, architecture: "bert" });
    expect(model.notes).toEqual([]);
    expect(model.backend.name).toMatch(
      { native: /^onnxruntime-node /, wasm: /^onnxruntime-web /, reference: /^reference$/, auto: /^onnx/ }[
        backend
      ],
    );
    await expectLogits(model, (ids) => referenceLogits(encoder, ids));
  });

  test("are preferred to a graph", async () => {
    const model = await load({ "onnx/model.onnx": tinyGraph(tiny) });
    await expectLogits(model, (ids) => referenceLogits(encoder, ids));
  });

  test("texts become words between special tokens, cut to what the model reads", async () => {
    const { tokenizer } = await load();
    for (const text of TEXTS.filter((text) => !text.includes("[")))
      expect(Array.from(tokenizer.encode(text))).toEqual(wordIds(text, 10));
    expect(tokenizer.encode(TEXTS.at(-1)!)).toHaveLength(10);
    // max_words cuts sooner, and says how many words.
    const cut = await load({ "config.json": { ...files["config.json"], max_words: 3 } });
    expect(cut.tokenizer.encode("a good film it is")).toEqual(Int32Array.from(wordIds("a good film")));
  });
});

describe("a graph", () => {
  const graph = encoderToOnnx(encoder, { mask: true });

  test("in which the weights are found is an encoder", async () => {
    const model = await load({ "model.safetensors": null, "onnx/model.onnx": graph });
    expect(model.notes).toEqual([]);
    expect(model.encoder?.blocks).toHaveLength(2);
    await expectLogits(model, (ids) => referenceLogits(encoder, ids));
    const ids = model.tokenizer.encode("a good film");
    expect(
      Math.abs(referenceLogits(model.encoder!, ids)[0]! - referenceLogits(encoder, ids)[0]!),
    ).toBeLessThan(1e-6);
  });

  test("of another kind is a black box, with a note", async () => {
    for (const file of ["onnx/model.onnx", "model.onnx"]) {
      const model = await load({ "model.safetensors": null, [file]: tinyGraph(tiny) });
      expect(model.encoder).toBeNull();
      expect(model.notes).toEqual([
        expect.stringMatching(new RegExp(`/tiny/${file} is run as a black box: `)),
      ]);
      await expectLogits(model, (ids) => tinyLogits(tiny, ids, 1));
    }
  });

  test("that mixes the texts of a run is run text by text, with a note", async () => {
    const mixing = { ...tiny, last: "mix" as const };
    const model = await load({ "model.safetensors": null, "onnx/model.onnx": tinyGraph(mixing) });
    expect(model.notes).toHaveLength(2);
    expect(model.notes[1]).toBe(
      "tiny is run one text at a time: the numbers of a text depend on those beside it",
    );
    const pair = [Int32Array.of(2, 5, 3), Int32Array.of(2, 6, 3)];
    const found = await model.backend.logits(pair);
    pair.forEach((ids, i) => {
      tinyLogits(tiny, ids, 1).forEach((value, y) => void expect(found[i]![y]).toBeCloseTo(2 * value, 4));
    });
  });

  test("that is quantised is taken where there is no other, with a note", async () => {
    const model = await load({ "model.safetensors": null, "onnx/model_quantized.onnx": tinyGraph(tiny) });
    expect(model.notes[0]).toMatch(
      /tiny has no graph but onnx\/model_quantized\.onnx, whose weights are rounded$/,
    );
    const both = await load({
      "model.safetensors": null,
      "onnx/model_quantized.onnx": tinyGraph({ ...tiny, last: "mix" }),
      "onnx/model.onnx": tinyGraph(tiny),
    });
    expect(both.notes).toHaveLength(1);
    await expectLogits(both, (ids) => tinyLogits(tiny, ids, 1));
  });

  test("runs a model of a type that isn't known", async () => {
    const model = await load({
      "config.json": { model_type: "albert", id2label: { 0: "no", 1: "yes" }, vocab_size: SIZE },
      "model.safetensors": null,
      "onnx/model.onnx": tinyGraph(tiny),
    });
    expect(model.labels).toEqual(["no", "yes"]);
    await expectLogits(model, (ids) => tinyLogits(tiny, ids, 1));
  });
});

describe("the hash", () => {
  const config = files["config.json"];
  test("is the same for the same files, whatever runs them and the folder is called", async () => {
    const { identity } = await load();
    expect(identity.sha256).toMatch(/^[0-9a-f]{64}$/);
    const again = await loadModel(
      await writeFolder(join(root, "other-name"), {
        ...files,
        // The order of the keys and where it comes from don't decide anything.
        "config.json": Object.fromEntries(
          Object.entries({ ...config, transformers_version: "5.0.0", _name_or_path: "/tmp/x" }).reverse(),
        ),
        "README.md": "# A card",
        "onnx/model.onnx": "not looked at",
      }),
      { backend: "reference" },
    );
    expect(again.identity).toEqual({ ...identity, name: "other-name" });
  });

  test.each<[string, Parameters<typeof writeFolder>[1]]>([
    [
      "weights",
      {
        "model.safetensors": bertWeights({
          ...encoder,
          head: [...encoder.head].map((stage, i) =>
            i === 0 ? stage : { ...stage, linear: { ...stage.linear, bias: Float32Array.of(0, 1) } },
          ),
        }),
      },
    ],
    ["the tokenizer", { "tokenizer.json": { ...wordTokenizerJson(), normalizer: null } }],
    ["the tokenizer's config", { "tokenizer_config.json": { ...tokenizerConfig, model_max_length: 8 } }],
    ["no tokenizer config", { "tokenizer_config.json": null }],
    ["a label", { "config.json": { ...config, id2label: { 0: "label 0", 1: "other" } } }],
    ["epsilon", { "config.json": { ...config, layer_norm_eps: 1e-5 } }],
    ["the longest text", { "config.json": { ...config, max_words: 5 } }],
    [
      "a graph in place of weights",
      { "model.safetensors": null, "onnx/model.onnx": encoderToOnnx(encoder, { mask: false }) },
    ],
  ])("changes with %s", async (_, changes) => {
    const [{ identity }, other] = [
      await load({}, { backend: "reference" }),
      await load(changes, { backend: "reference" }),
    ];
    expect(other.identity.sha256).not.toBe(identity.sha256);
  });
});

describe("what is refused, in one line", () => {
  const graphOnly = { "model.safetensors": null };
  test.each<[string, Parameters<typeof writeFolder>[1], string | RegExp]>([
    [
      "no tokenizer",
      { "tokenizer.json": null },
      "tiny has no tokenizer.json; a model folder needs config.json, tokenizer.json, and model.safetensors or onnx/model.onnx",
    ],
    [
      "no weights",
      graphOnly,
      "tiny has no model.safetensors and no onnx/model.onnx; a model folder needs one of them",
    ],
    [
      "weights of a type that isn't known",
      { "config.json": { model_type: "albert" } },
      /^tiny: config\.json: model_type is "albert"; known are /,
    ],
    [
      "no graph of a type that isn't known",
      { ...graphOnly, "config.json": { model_type: "albert" } },
      'tiny has no onnx/model.onnx; a model of the type "albert" needs one',
    ],
    ["a config that is no JSON", { "config.json": "{" }, /^tiny\/config\.json isn't JSON: /],
    [
      "a tokenizer that is no JSON",
      { "tokenizer.json": "[]" },
      "tiny/tokenizer.json is []; it must be a JSON object",
    ],
    ["weights that are none", { "model.safetensors": "x" }, /^tiny: model\.safetensors: /],
    [
      "a graph that is none",
      { ...graphOnly, "onnx/model.onnx": "x" },
      /^tiny\/onnx\/model\.onnx: .*isn't an ONNX model/,
    ],
    [
      "several labels at once",
      { "config.json": { ...files["config.json"], problem_type: "multi_label_classification" } },
      'tiny/config.json: problem_type is "multi_label_classification"; allowed is "single_label_classification"',
    ],
    [
      "labels that the graph doesn't have",
      {
        ...graphOnly,
        "config.json": { ...files["config.json"], id2label: { 0: "a", 1: "b", 2: "c" } },
        "onnx/model.onnx": tinyGraph(tiny),
      },
      "the graph's output logits has the shape [batch, 2]; it must be [batch, 3]",
    ],
    [
      "a vocabulary that the model doesn't have",
      {
        "config.json": { ...files["config.json"], vocab_size: 7 },
        ...graphOnly,
        "onnx/model.onnx": tinyGraph(tiny),
      },
      "tiny/tokenizer.json has token ids up to 14; the model reads 0 to 6",
    ],
    [
      "max_words of nothing",
      { "config.json": { ...files["config.json"], max_words: 0 } },
      "tiny/config.json: max_words is 0; allowed are integers from 1",
    ],
  ])("%s", async (_, changes, message) => {
    const seen = await failure(load(changes));
    if (typeof message === "string") expect(seen).toBe(message);
    else expect(seen).toMatch(message);
  });

  test("options that aren't allowed", async () => {
    expect(await failure(load({}, { backend: "gpu" as "auto" }))).toBe(
      'the backend is "gpu"; allowed: auto, native, wasm, reference',
    );
    expect(await failure(load({}, { threads: 0 }))).toMatch(/^threads is 0; allowed are 1 to /);
    expect(
      await failure(load({ ...graphOnly, "onnx/model.onnx": tinyGraph(tiny) }, { backend: "reference" })),
    ).toBe("tiny is a graph, which the reference can't run; allowed: auto, native, wasm");
  });
});
