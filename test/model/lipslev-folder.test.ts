import { UserError } from "../../src/failure.js";
import type { LipslevModel } from "../../src/model/lipslev.js";
import { LIPSLEV_FILES, readLipslevFolder } from "../../src/model/lipslev-folder.js";
import { writeSafetensors } from "../../src/model/safetensors.js";
import { plainLogits } from "../certify/lipslev/random-model.js";
import { sha256 } from "../certify/lipslev/shared.js";

const config = {
  architecture: "lipslev-conv",
  p: 2 as unknown,
  reduce: "sum",
  kernel_size: 2 as unknown,
  num_hidden_layers: 1,
  embed_size: 2,
  hidden_size: 3,
  hidden_act: "relu",
  num_labels: 2,
  id2label: { 0: "no", 1: "yes" } as unknown,
  max_characters: 4 as unknown,
  vocab_file: "char_to_id.json",
};
const characters = { a: 1, b: 2 };
interface Parts {
  config?: object;
  characters?: object;
  emb?: readonly number[];
  tensors?: (name: string) => string | null;
  shape?: readonly number[];
  f64?: boolean;
}

function files(parts: Parts = {}): Map<string, Uint8Array> {
  const emb = parts.emb ?? [0, 0, 1, 0.5, -1, 0.25];
  const kernel = [1, 2, -1, 0.5, 0, 1, 1, -2, 0.5, 0.5, -1, 1];
  const head = [1, -1, 0.5, 0.25, 1, -1];
  const rename = parts.tensors ?? ((name: string) => name);
  const all = [
    ["emb.weight", [emb.length / 2, 2], emb],
    ["conv0.weight", parts.shape ?? [3, 2, 2], kernel],
    ["C.weight", [2, 3], head],
  ] as const;
  const tensors = all.flatMap(([name, shape, data]) => {
    const renamed = rename(name);
    if (renamed === null) return [];
    const tensor = parts.f64
      ? ({ dtype: "F64", shape, data: Float64Array.from(data) } as const)
      : ({ dtype: "F32", shape, data: Float32Array.from(data) } as const);
    return [[renamed, tensor] as const];
  });
  const json = (value: object) => new Uint8Array(Buffer.from(JSON.stringify(value)));
  return new Map([
    ["config.json", json({ ...config, ...parts.config })],
    ["char_to_id.json", json(parts.characters ?? characters)],
    ["model.safetensors", writeSafetensors(new Map(tensors))],
  ]);
}

const read = (from: Map<string, Uint8Array>): Promise<LipslevModel> =>
  readLipslevFolder(async (name) => from.get(name) ?? null, sha256, "tiny", "folder");

test("a folder is read, and computes what the definition says, in every p", async () => {
  for (const [p, M_E] of [
    [1, 2.25],
    [2, Math.hypot(2, 0.25)],
    ["inf", 2],
  ] as const) {
    const model = await read(files({ config: { p } }));
    expect(model.labels).toEqual(["no", "yes"]);
    expect(model.norms.distance).toBeCloseTo(M_E, 12);
    for (const text of ["", "a", "ab", "bAxaB", "aaaaaaaa"])
      for (const [y, score] of model.predict(text).scores.entries())
        expect(score).toBeCloseTo(plainLogits(model, text)[y]!, 12);
  }
});

test("norms of the kernel and the head in each p, against figures by hand", async () => {
  const norms = async (p: unknown) => (await read(files({ config: { p } }))).norms;
  // Slices: [[1, -1], [0, 1], [.5, -1]] and [[2, .5], [1, -2], [.5, 1]]; rows of the head differ by (.75, -2, 1.5).
  expect((await norms(1)).slices.map((x) => +x.toFixed(9))).toEqual([3, 3.5]);
  expect((await norms("inf")).slices.map((x) => +x.toFixed(9))).toEqual([2, 3]);
  expect((await norms(1)).head).toBeCloseTo(2, 9);
  expect((await norms("inf")).head).toBeCloseTo(4.25, 9);
  expect((await norms(2)).head).toBeCloseTo(Math.sqrt(0.5625 + 4 + 2.25), 9);
});

test("only the first max_characters are read, dropped ones not counted", async () => {
  const model = await read(files());
  expect(model.predict("a?bab").scores).toEqual(model.predict("abab").scores);
  expect(model.predict("ababb").scores).toEqual(model.predict("abab").scores);
  expect(model.predict("abb").scores).not.toEqual(model.predict("abab").scores);
});

test("the empty text has logits 0 and the first label", async () => {
  expect((await read(files())).predict("")).toEqual({ label: "no", index: 0, scores: [0, 0] });
});

test("the identity is over what decides an answer, and nothing else", async () => {
  const hash = async (parts: Parts) => (await read(files(parts))).identity.sha256;
  const base = await hash({});
  expect(await hash({ config: { note: "hello" }, f64: true })).toBe(base);
  const others = [
    { config: { p: 1 } },
    { config: { max_characters: 5 } },
    { config: { id2label: { 0: "yes", 1: "no" } } },
    { characters: { b: 1, a: 2 } },
    { emb: [0, 0, 1, 0.5, -1, 0.5] },
  ];
  const hashes = await Promise.all(others.map(hash));
  expect(new Set([base, ...hashes]).size).toBe(others.length + 1);
});

test.each<[string, Parts, string]>([
  [
    "another architecture",
    { config: { architecture: "bert" } },
    'config.json: architecture is "bert"; allowed is',
  ],
  ["two layers", { config: { num_hidden_layers: 2 } }, "num_hidden_layers is 2; allowed is 1"],
  ["GELU", { config: { hidden_act: "gelu" } }, 'hidden_act is "gelu"; allowed is "relu"'],
  ["mean pooling", { config: { reduce: "mean" } }, 'reduce is "mean"; allowed is "sum"'],
  ["p = 3", { config: { p: 3 } }, 'p is 3; allowed are 1, 2 and "inf"'],
  ["a kernel of 0", { config: { kernel_size: 0 } }, "kernel_size is 0; allowed are integers from 1"],
  ["a length that is no number", { config: { max_characters: "1000" } }, 'max_characters is "1000"'],
  ["one label", { config: { id2label: { 0: "a" }, num_labels: 1 } }, "id2label has 1 labels; at least 2"],
  ["a repeated label", { config: { id2label: { 0: "a", 1: "a" } } }, 'id2label has "a" for 1'],
  ["a missing label", { config: { id2label: { 0: "a", 2: "b" } } }, "id2label has undefined for 1"],
  ["another number of labels", { config: { num_labels: 3 } }, "num_labels is 3, but id2label has 2"],
  ["an id beyond the embedding", { characters: { a: 3 } }, 'char_to_id.json: "a" has the id 3'],
  ["a row 0 that isn't zero", { emb: [0, 1, 1, 0.5, -1, 0.25] }, "row 0 of the embedding holds 1"],
  ["NaN", { emb: [0, 0, Number.NaN, 0.5, -1, 0.25] }, "the embedding holds NaN"],
  ["huge numbers", { emb: [0, 0, 1e61, 0.5, -1, 0.25], f64: true }, "the embedding holds 1e+61"],
  ["an embedding of zeros", { emb: [0, 0, 0, 0, 0, 0] }, "M(E) is 0; allowed is from"],
  ["another shape", { shape: [2, 3, 2] }, "has the shape [2,3,2]; config.json makes it [3,2,2]"],
  ["a missing tensor", { tensors: (n) => (n === "C.weight" ? null : n) }, 'the tensor "C.weight" is missing'],
  [
    "an unknown tensor",
    { tensors: (n) => (n === "C.weight" ? "C.bias" : n) },
    'the tensor "C.bias" is unknown',
  ],
])("%s is refused in one line", async (_, parts, message) => {
  const error = await read(files(parts)).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).toMatch(/^folder\/[^\n]+$/);
});

test.each(LIPSLEV_FILES)("without %s there is no model", async (name) => {
  const some = files();
  some.delete(name);
  await expect(read(some)).rejects.toThrow(`folder has no ${name}; a LipsLev folder needs`);
});
