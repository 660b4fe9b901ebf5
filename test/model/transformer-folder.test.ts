import { createHash } from "node:crypto";
import { UserError } from "../../src/failure.js";
import { ACTIVATION_NAMES, activationFunction } from "../../src/layers/activation.js";
import { SIMILARITIES } from "../../src/layers/similarity.js";
import { readModelFolder, writeModelFolder } from "../../src/model/folder.js";
import { allMatrices, transformerIdentityBytes } from "../../src/model/identity.js";
import { NativeModel } from "../../src/model/native.js";
import { NativeTransformer, type TransformerWeights } from "../../src/model/native-transformer.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import { VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { singlePrecision } from "../oracle/single-precision.js";

type Files = Map<string, Uint8Array>;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const read = (files: Files, name = "tiny") =>
  readModelFolder(async (file) => files.get(file) ?? null, sha256, name);
const encode = (text: string) => new Uint8Array(Buffer.from(text));
const json = (files: Files) => JSON.parse(Buffer.from(files.get("config.json")!).toString());

const small = new NativeModel(
  {
    labels: ["no", "yes"],
    vocabulary: vocabulary("patterns", ["^good$", "^bad$", "oo", "$", "^film$", "^a"]),
    evidence: Float64Array.from({ length: 12 }, (_, i) => (i - 6) / 8),
    bias: Float64Array.of(0.5, -0.25),
  },
  { name: "small", sha256: "" },
);

/** Every bit of a model, as text. */
function bits(model: NativeTransformer): string {
  const { blocks, matrices } = allMatrices(model);
  const numbers = (data: Float32Array | Float64Array) =>
    Buffer.from(Float64Array.from(data).buffer).toString("base64");
  return JSON.stringify([
    model.labels,
    model.additive.vocabulary,
    numbers(model.additive.evidence),
    numbers(model.additive.bias),
    [...model.rows],
    blocks,
    [...matrices].map(([name, { rows, columns, data }]) => [name, rows, columns, numbers(data)]),
  ]);
}

/** An option that there is for some layers only. */
const numberOf = (layer: object, key: string): number => (layer as Record<string, number>)[key]!;

const ACTIVATIONS = ACTIVATION_NAMES.filter((name) => activationFunction(name)(0) === 0);

describe("round trip", () => {
  test.each(VOCABULARY_KINDS)("gives random models of %s back, bit for bit, with one hash", async (kind) => {
    const random = seeded(11);
    for (let n = 0; n < 20; n++) {
      const additive = randomModel(random, kind, 2 + (n % 3));
      const activation = ACTIVATIONS[n % ACTIVATIONS.length]!;
      const model = singlePrecision(
        randomTransformer(random, additive, {
          blocks: n % 4,
          activation,
          heads: 1 + (n % 2),
          similarity: SIMILARITIES[(n >> 2) % 3]!,
        }),
      );
      const back = await read(writeModelFolder(model), "again");
      expect(back).toBeInstanceOf(NativeTransformer);
      expect(bits(back as NativeTransformer)).toBe(bits(model));
      expect(back.identity).toEqual({
        name: "again",
        sha256: sha256(transformerIdentityBytes(model.additive, model)),
      });
      expect(back.predict("ab ba \u{1F600}c a a b")).toEqual(model.predict("ab ba \u{1F600}c a a b"));
    }
  });

  test("keeps matrices of other shapes, tokens that share a row, and float32 arrays", async () => {
    const additive = small;
    const float32 = (rows: number, columns: number): Matrix => ({
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i + rows) / 3),
    });
    const map = (rows: number, columns: number) => ({ weight: float32(rows, columns), bias: null });
    const words = additive.vocabulary.tokens;
    const rows = Int32Array.from(words, (word) => (/^\^?(good|film)\$?$/.test(word) ? 1 : -1));
    const model = new NativeTransformer(
      additive,
      {
        rows,
        embedding: float32(3, 5),
        readout: float32(additive.labels.length, 5),
        blocks: [
          {
            attention: {
              kind: "null-mass",
              heads: 2,
              scale: 1 / 3,
              limit: 0.1,
              nullMass: 1e-300,
              query: map(6, 5),
              key: map(6, 5),
              value: map(4, 5),
              output: map(5, 4),
            },
            attentionGain: 5e-324,
            feedForward: { kind: "mlp", inner: map(7, 5), activation: "tanh", outer: map(5, 7) },
            feedForwardGain: -1 / 7,
          },
        ],
      },
      { name: "x", sha256: "" },
    );
    const back = (await read(writeModelFolder(model))) as NativeTransformer;
    expect(bits(back)).toBe(bits(model));
    expect(back.logits(Uint8Array.from([6, 14, 14, 3]))).toEqual(
      model.logits(Uint8Array.from([6, 14, 14, 3])),
    );
  });
});

test("every number, option, shape and row counts in the hash", () => {
  const random = seeded(5);
  const model = singlePrecision(randomTransformer(random, small, { blocks: 2 }));
  const hash = (weights: TransformerWeights) => sha256(transformerIdentityBytes(model.additive, weights));
  const hashes = [hash(model)];
  for (const [, matrix] of allMatrices(model).matrices)
    for (const at of [0, matrix.data.length - 1]) {
      const data = matrix.data as Float64Array;
      const kept = data[at]!;
      data[at] = kept * (1 + 2 ** -52);
      hashes.push(hash(model));
      data[at] = kept;
    }
  const { blocks, rows, embedding } = model;
  const [first, second] = blocks as [(typeof blocks)[0], (typeof blocks)[0]];
  const withFirst = (change: Partial<typeof first>) =>
    hash({ ...model, blocks: [{ ...first, ...change }, second] });
  hashes.push(
    hash({ ...model, blocks: [second, first] }),
    hash({ ...model, blocks: [first] }),
    hash({ ...model, rows: rows.map((row) => (row === 0 ? 1 : row)) }),
    hash({ ...model, embedding: { ...embedding, rows: embedding.columns, columns: embedding.rows } }),
    withFirst({ attentionGain: first.attentionGain + 1 }),
    withFirst({ feedForwardGain: first.feedForwardGain + 1 }),
    withFirst({ feedForward: { ...first.feedForward, activation: "relu" } }),
  );
  for (const key of ["heads", "scale", "limit", "nullMass"] as const)
    hashes.push(withFirst({ attention: { ...first.attention, [key]: numberOf(first.attention, key) + 1 } }));
  const { limit, nullMass, ...maps } = first.attention;
  const scale = numberOf(first.attention, "scale");
  for (const [similarity, key] of [
    ["cosine", "epsilon"],
    ["distance", "scale"],
  ])
    for (const value of [scale, scale + 1])
      hashes.push(
        withFirst({
          attention: { ...maps, similarity, [key!]: value, limit, nullMass } as typeof first.attention,
        }),
      );
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hash(model)).toBe(hashes[0]);
  // Dot products go without saying.
  expect(
    hash({
      ...model,
      blocks: [{ ...first, attention: { ...first.attention, similarity: "dot", scale } }, second],
    }),
  ).toBe(hashes[0]);
});

describe("the folder", () => {
  const random = seeded(8);
  const model = singlePrecision(randomTransformer(random, small, { d: 4, blocks: 1 }));
  const whole = writeModelFolder(model);
  const tokens = model.additive.vocabulary.tokens.length;

  test("is as documented", () => {
    const { attention, attentionGain, feedForwardGain } = model.blocks[0]!;
    const { limit, nullMass } = attention;
    const scale = numberOf(attention, "scale");
    expect(json(whole)).toMatchObject({
      architectures: ["TypoproofTransformerForSequenceClassification"],
      model_type: "typoproof-transformer",
      typoproof: {
        format: 1,
        layers: 1,
        width: 4,
        blocks: [
          {
            attention: { kind: "null-mass", heads: 2, scale, limit, nullMass },
            attentionGain,
            feedForward: { kind: "mlp", activation: "gelu" },
            feedForwardGain,
          },
        ],
      },
    });
    const tensors = readSafetensors(whole.get("model.safetensors")!);
    expect(
      Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, [dtype, ...shape]])),
    ).toEqual({
      evidence: ["F32", tokens, 2],
      bias: ["F64", 2],
      rows: ["I32", tokens],
      embedding: ["F32", model.embedding.rows, 4],
      readout: ["F32", 2, 4],
      "blocks.0.attention.query": ["F32", 4, 4],
      "blocks.0.attention.key": ["F32", 4, 4],
      "blocks.0.attention.value": ["F32", 4, 4],
      "blocks.0.attention.output": ["F32", 4, 4],
      "blocks.0.feedForward.inner": ["F32", 8, 4],
      "blocks.0.feedForward.outer": ["F32", 4, 8],
    });
  });

  const config =
    (change: (own: Record<string, never>, block: Record<string, never>) => void) => (files: Files) => {
      const value = json(files);
      change(value.typoproof, value.typoproof.blocks[0]);
      files.set("config.json", encode(JSON.stringify(value)));
    };
  const own = (key: string, value: unknown) =>
    config((typoproof) => Object.assign(typoproof, { [key]: value }));
  const block = (key: string, value: unknown) => config((_, first) => Object.assign(first, { [key]: value }));
  const cosine = (epsilon: unknown) =>
    config((_, first) => {
      const { scale: _scale, ...rest } = first.attention as Record<string, unknown>;
      Object.assign(first, { attention: { ...rest, similarity: "cosine", epsilon } });
    });
  const part = (name: string, key: string, value: unknown) =>
    config((_, first) => Object.assign(first[name]!, { [key]: value }));
  const tensorsOf = (change: (tensors: Map<string, Tensor>) => void) => (files: Files) => {
    const tensors = readSafetensors(files.get("model.safetensors")!);
    change(tensors);
    files.set("model.safetensors", writeSafetensors(tensors));
  };
  const put = (name: string, tensor: Tensor) => tensorsOf((tensors) => void tensors.set(name, tensor));
  const f32 = (shape: readonly number[], fill = 0): Tensor => ({
    dtype: "F32",
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill),
  });

  test.each<[string, (files: Files) => void, string]>([
    [
      "no blocks",
      own("blocks", undefined),
      "tiny/config.json: typoproof.blocks is undefined; it must be a list",
    ],
    [
      "another width",
      own("width", 5),
      'the tensor "embedding" has 4 columns; typoproof.width of config.json makes it 5',
    ],
    ["a width that is none", own("width", 0), "typoproof.width is 0; it must be an integer from 1"],
    [
      "another number of layers",
      own("layers", 2),
      "tiny/config.json: typoproof.layers is 2; this version loads 1",
    ],
    [
      "a block that is none",
      own("blocks", [7]),
      "tiny/config.json: typoproof.blocks[0] is 7; it must be an object",
    ],
    [
      "an unknown option of a block",
      block("norm", "pre"),
      'typoproof.blocks[0] has the key "norm"; allowed are attention,',
    ],
    [
      "an unknown kind of attention",
      part("attention", "kind", "softmax"),
      'typoproof.blocks[0].attention.kind is "softmax"; allowed are null-mass',
    ],
    [
      "a kind that objects have",
      part("feedForward", "kind", "toString"),
      'feedForward.kind is "toString"; allowed are mlp',
    ],
    [
      "an unknown option of attention",
      part("attention", "dropout", 0),
      'typoproof.blocks[0].attention has the key "dropout"; allowed are kind, heads,',
    ],
    [
      "no gain",
      block("attentionGain", null),
      "typoproof.blocks[0].attentionGain is null; it must be a number",
    ],
    ["half a head", part("attention", "heads", 0.5), "attention.heads is 0.5; it must be an integer from 1"],
    [
      "an unknown similarity",
      part("attention", "similarity", "l2"),
      'attention.similarity is "l2"; allowed are dot, cosine, distance',
    ],
    [
      "a similarity that is none",
      part("attention", "similarity", null),
      "attention.similarity is null; allowed are dot, cosine, distance",
    ],
    [
      "cosines with a scale",
      part("attention", "similarity", "cosine"),
      'attention has the key "scale"; allowed are kind, heads, similarity, epsilon, limit, nullMass',
    ],
    ["cosines without epsilon", cosine(undefined), "attention.epsilon is undefined; it must be a number"],
    ["cosines of nothing", cosine(0), "block 0: epsilon is 0; it must be above 0"],
    [
      "distances that attract",
      config((_, first) => Object.assign(first.attention as object, { similarity: "distance", scale: -0.5 })),
      "block 0: the scale of distances is -0.5; it must be 0 or more",
    ],
    [
      "heads that don't divide",
      part("attention", "heads", 3),
      "tiny/model.safetensors: block 0: 3 heads don't divide 4 and 4",
    ],
    ["no null mass", part("attention", "nullMass", 0), "block 0: the null mass is 0; it must be above 0"],
    [
      "a limit below 0",
      part("attention", "limit", -1),
      "block 0: the limit of scores is -1; it must be above 0",
    ],
    [
      "an unknown activation",
      part("feedForward", "activation", "swish"),
      'feedForward.activation is "swish"; allowed are identity, relu,',
    ],
    [
      "something from nothing",
      part("feedForward", "activation", "sigmoid"),
      "block 0: sigmoid doesn't map 0 to 0",
    ],
    [
      "a missing matrix",
      tensorsOf((tensors) => tensors.delete("blocks.0.attention.key")),
      'tiny/model.safetensors: the tensor "blocks.0.attention.key" is missing',
    ],
    [
      "an unknown matrix",
      put("blocks.1.attention.key", f32([4, 4])),
      'the tensor "blocks.1.attention.key" is unknown; needed are evidence, bias, rows, embedding, readout, blocks.0',
    ],
    [
      "a matrix of another shape",
      put("blocks.0.feedForward.outer", f32([4, 7])),
      "tiny/model.safetensors: block 0: outer is 4 x 7; it must be 4 x 8",
    ],
    [
      "a vector as matrix",
      put("blocks.0.feedForward.outer", f32([32])),
      'the tensor "blocks.0.feedForward.outer" has the shape [32]; it must have two dimensions',
    ],
    [
      "no number",
      put("readout", f32([2, 4], Number.NaN)),
      'tiny/model.safetensors: the tensor "readout" holds NaN; allowed are finite numbers',
    ],
    [
      "an infinite number",
      put("embedding", f32([2, 4], Number.POSITIVE_INFINITY)),
      'the tensor "embedding" holds Infinity',
    ],
    [
      "a readout for other labels",
      put("readout", f32([3, 4])),
      'the tensor "readout" has 3 rows for 2 labels',
    ],
    [
      "a double matrix",
      put("readout", { dtype: "F64", shape: [2, 4], data: new Float64Array(8) }),
      'the tensor "readout" is F64; it must be F32',
    ],
    [
      "too few rows",
      put("rows", { dtype: "I32", shape: [1], data: new Int32Array(1) }),
      'the tensor "rows" has the shape [1]',
    ],
    [
      "a row beyond the embedding",
      put("rows", { dtype: "I32", shape: [tokens], data: new Int32Array(tokens).fill(99) }),
      "tiny/model.safetensors: token ",
    ],
  ])("%s is one line that names the file", async (_, damage, message) => {
    const files = new Map(whole);
    damage(files);
    const error = await read(files).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toMatch(/^tiny\/(config\.json|model\.safetensors): [^\n\r]*$/);
  });

  test("a number that JSON reads as infinite isn't one", async () => {
    const text = Buffer.from(whole.get("config.json")!).toString();
    const files = new Map(whole);
    files.set("config.json", encode(text.replace(/"limit": [^,]*/, '"limit": 1e999')));
    await expect(read(files)).rejects.toThrow("blocks[0].attention.limit is null; it must be a number");
  });

  test("no change of one byte gives another model under the same hash", async () => {
    const original = (await read(whole)) as NativeTransformer;
    for (const name of ["config.json", "model.safetensors"])
      for (let at = 0; at < whole.get(name)!.length; at++) {
        const bytes = whole.get(name)!.slice();
        bytes[at]! ^= 1;
        const changed = await read(new Map([...whole, [name, bytes]])).catch((error: unknown) => {
          if (error instanceof UserError) return null;
          throw error;
        });
        if (changed === null || changed.identity.sha256 !== original.identity.sha256) continue;
        expect(bits(changed as NativeTransformer)).toBe(bits(original));
      }
  });

  test.each<[string, Partial<TransformerWeights>, string]>([
    [
      "a number that float32 can't hold",
      { readout: { rows: 2, columns: 4, data: new Float64Array(8).fill(0.1) } },
      "readout[0] is 0.1, which float32 can't hold exactly",
    ],
    [
      "no number",
      { readout: { rows: 2, columns: 4, data: new Float64Array(8).fill(Number.NaN) } },
      "readout[0] is NaN",
    ],
    [
      "a gain of -0",
      { blocks: [{ ...model.blocks[0]!, attentionGain: -0 }] },
      "blocks.0.attentionGain is -0, which JSON can't hold",
    ],
    [
      "half a head",
      { blocks: [{ ...model.blocks[0]!, attention: { ...model.blocks[0]!.attention, heads: 0.5 } }] },
      "heads is 0.5; it must be an integer from 1",
    ],
    ["rows of no token", { rows: new Int32Array(0) }, "rows has 0 entries"],
  ])("%s isn't written", (_, change, message) => {
    const weights = {
      additive: model.additive,
      rows: model.rows,
      embedding: model.embedding,
      readout: model.readout,
      blocks: model.blocks,
      ...change,
    };
    expect(() => writeModelFolder(weights)).toThrow(UserError);
    expect(() => writeModelFolder(weights)).toThrow(message);
  });
});
