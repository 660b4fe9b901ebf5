/**
 * A native model as a folder of files, in memory: what is written is what is read back, bit for bit.
 *
 * - `config.json`: labels, and under "typoproof" the format, the kind of vocabulary, the version of the fold and the blocks.
 * - `vocab.txt`: one token per line, its id being the line's number from 0.
 * - `model.safetensors`: "evidence" F32 [tokens, labels] and "bias" F64 [labels]; with blocks also "rows" I32 [tokens], the
 *   row of each token or -1, "embedding" F32 [rows, d], "readout" F32 [labels, d] and each block's matrices, F32.
 * - `tokenizer.json`, `tokenizer_config.json`: the same tokenizer for other libraries; not read here.
 *
 * Promise: a folder that is read has nothing missing, nothing unknown and nothing that another version would take
 * differently; all else is one UserError that names the file. Evidence is a multiple of 2^-20 of at most 1 in size, hence
 * exact in float32 (21 significant bits of 24); other numbers that float32 can't hold aren't written.
 */
import { UserError } from "../failure.js";
import type { Matrix } from "../numeric/matrix.js";
import { utf8Decode, utf8Encode } from "../text/utf8.js";
import { tokenizerConfigJson, tokenizerJson } from "../tokenizer/tokenizer-json.js";
import { type Vocabulary, type VocabularyKind, vocabulary } from "../tokenizer/vocabulary.js";
import { unpackBlocks } from "./block-format.js";
import { readModelConfig, type TransformerConfig, writeModelConfig } from "./config.js";
import { allMatrices, identityBytes, transformerIdentityBytes } from "./identity.js";
import { jsonFile, shown, within } from "./json.js";
import { NativeModel, type NativeWeights } from "./native.js";
import { NativeTransformer, type TransformerWeights } from "./native-transformer.js";
import {
  type Dtype,
  readSafetensors,
  type Tensor,
  type TensorArrays,
  writeSafetensors,
} from "./safetensors.js";

/** The files that `readModelFolder` asks for. */
export const NEEDED_FILES: readonly string[] = ["config.json", "vocab.txt", "model.safetensors"];
/** The files that `writeModelFolder` gives. */
export const WRITTEN_FILES: readonly string[] = [...NEEDED_FILES, "tokenizer.json", "tokenizer_config.json"];

/** What is kept beside a model and decides no answer. */
export interface ModelFolderMeta {
  /** How the model was made, as JSON: seed, options, data set. Kept in config.json. */
  readonly training?: Readonly<Record<string, unknown>>;
}

/** A native Transformer without a name; a `NativeTransformer` is one. */
export type TransformerFolderWeights = TransformerWeights & { readonly additive: NativeWeights };

/** What a folder can hold. */
export type FolderWeights = NativeWeights | TransformerFolderWeights;

/** What a folder is read as. */
export type FolderModel = NativeModel | NativeTransformer;

const NAMELESS = { name: "", sha256: "" };

/**
 * The files of a model folder by name.
 * @throws UserError if the weights make no model or wouldn't come back exactly.
 */
export function writeModelFolder(
  weights: FolderWeights,
  meta: ModelFolderMeta = {},
): Map<string, Uint8Array> {
  const additive = "additive" in weights ? weights.additive : weights;
  const model = new NativeModel(additive, NAMELESS); // for its checks
  const { labels, evidence, bias, vocabulary } = additive;
  const { kind, tokens } = vocabulary;
  const tensors = new Map<string, Tensor>([
    ["evidence", single("evidence", [tokens.length, labels.length], evidence)],
    ["bias", { dtype: "F64", shape: [labels.length], data: bias }],
  ]);
  let transformer: TransformerConfig | null = null;
  if ("additive" in weights) {
    new NativeTransformer(model, weights, NAMELESS);
    const { blocks, matrices } = allMatrices(weights);
    exactJson("blocks", blocks);
    unpackBlocks(blocks, "blocks", (name) => matrices.get(name)!);
    tensors.set("rows", { dtype: "I32", shape: [tokens.length], data: weights.rows });
    for (const [name, { rows, columns, data }] of matrices)
      tensors.set(name, single(name, [rows, columns], data));
    transformer = { width: weights.embedding.columns, blocks };
  }
  return new Map<string, Uint8Array>([
    ["config.json", jsonFile(writeModelConfig({ labels, kind, transformer }, meta.training), 2)],
    ["vocab.txt", utf8Encode(tokens.map((token) => `${token}\n`).join(""))],
    ["model.safetensors", writeSafetensors(tensors, { format: "pt" })],
    ["tokenizer.json", jsonFile(tokenizerJson(vocabulary))],
    ["tokenizer_config.json", jsonFile(tokenizerConfigJson(), 2)],
  ]);
}

function single(name: string, shape: readonly number[], values: Float32Array | Float64Array): Tensor {
  const data = Float32Array.from(values);
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(data[i]) || !Object.is(data[i], values[i]))
      throw new UserError(`${name}[${i}] is ${values[i]}, which float32 can't hold exactly`);
  return { dtype: "F32", shape, data };
}

/** @throws UserError if JSON wouldn't give a number back: -0, and what is no number */
function exactJson(name: string, value: unknown): void {
  if (typeof value === "number" && !Object.is(JSON.parse(JSON.stringify(value)), value))
    throw new UserError(`${name} is ${Object.is(value, -0) ? "-0" : value}, which JSON can't hold`);
  if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) exactJson(`${name}.${key}`, part);
}

/**
 * Reads a model.
 * @param files gives a file of the folder, or null where there is none
 * @param sha256 the SHA-256 of bytes in lower-case hexadecimal
 * @param name becomes the model's name
 * @param where what messages call the folder
 * @throws UserError naming the file and what is wrong with it
 */
export async function readModelFolder(
  files: (name: string) => Promise<Uint8Array | null>,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string> | string,
  name: string,
  where: string = name,
): Promise<FolderModel> {
  const found = await Promise.all(NEEDED_FILES.map((file) => files(file)));
  const [config, vocab, numbers] = found.map((bytes, i) => {
    if (bytes !== null) return bytes;
    throw new UserError(
      `${where} has no ${NEEDED_FILES[i]}; a model folder needs ${NEEDED_FILES.join(", ")}`,
    );
  }) as [Uint8Array, Uint8Array, Uint8Array];
  const { labels, kind, transformer } = readModelConfig(config, `${where}/config.json`);
  const words = within(`${where}/vocab.txt`, () => readVocabulary(kind, vocab));
  const tensorsFile = `${where}/model.safetensors`;
  const tensors = within(tensorsFile, () => readSafetensors(numbers));
  const weights = within(tensorsFile, () => readWeights(labels, words, tensors));
  const more = transformer === null ? null : readTransformer(transformer, weights, tensors, where);
  within(tensorsFile, () => {
    for (const name of tensors.keys())
      throw new UserError(`the tensor ${shown(name)} is unknown; needed are ${needed(more)}`);
  });
  const bytes = more === null ? identityBytes(weights) : transformerIdentityBytes(weights, more);
  const identity = { name, sha256: await sha256(bytes) };
  return within(tensorsFile, () => {
    const additive = new NativeModel(weights, identity);
    return more === null ? additive : new NativeTransformer(additive, more, identity);
  });
}

function readVocabulary(kind: VocabularyKind, bytes: Uint8Array): Vocabulary {
  const lines = utf8Decode(bytes).split("\n");
  const rest = lines.pop()!;
  if (rest !== "") throw new UserError(`the last line, ${shown(rest)}, isn't ended by a line feed`);
  return vocabulary(kind, lines);
}

/** Tensors that are read are taken out of `tensors`. */
function readWeights(
  labels: readonly string[],
  vocabulary: Vocabulary,
  tensors: Map<string, Tensor>,
): NativeWeights {
  const evidence = tensor(tensors, "evidence", "F32", [vocabulary.tokens.length, labels.length]);
  const bias = tensor(tensors, "bias", "F64", [labels.length]);
  return { labels, vocabulary, evidence: Float64Array.from(evidence), bias };
}

/** What the blocks need, but for how it fits together, which the model checks. */
function readTransformer(
  { width, blocks }: TransformerConfig,
  { labels, vocabulary }: NativeWeights,
  tensors: Map<string, Tensor>,
  where: string,
): TransformerWeights {
  const tensorsFile = `${where}/model.safetensors`;
  const take = (name: string): Matrix => within(tensorsFile, () => matrixOf(tensors, name));
  const rows = within(tensorsFile, () => tensor(tensors, "rows", "I32", [vocabulary.tokens.length]));
  const embedding = take("embedding");
  if (embedding.columns !== width)
    throw new UserError(
      `${tensorsFile}: the tensor "embedding" has ${embedding.columns} columns; typoproof.width of config.json makes it ${width}`,
    );
  const readout = take("readout");
  if (readout.rows !== labels.length)
    throw new UserError(
      `${tensorsFile}: the tensor "readout" has ${readout.rows} rows for ${labels.length} labels`,
    );
  return {
    rows,
    embedding,
    readout,
    blocks: unpackBlocks(blocks, `${where}/config.json: typoproof.blocks`, take),
  };
}

function needed(more: TransformerWeights | null): string {
  const names = [
    "evidence",
    "bias",
    ...(more === null ? [] : ["rows", ...allMatrices(more).matrices.keys()]),
  ];
  return names.length === 2 ? names.map(shown).join(" and ") : names.join(", ");
}

/** A matrix of any shape, of finite numbers. */
function matrixOf(tensors: Map<string, Tensor>, name: string): Matrix {
  const found = tensors.get(name);
  const shape = found?.shape ?? [];
  if (found !== undefined && shape.length !== 2)
    throw new UserError(`the tensor "${name}" has the shape ${shown(shape)}; it must have two dimensions`);
  const [rows, columns] = shape as [number, number];
  const data = Float64Array.from(tensor(tensors, name, "F32", shape));
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new UserError(`the tensor "${name}" holds ${data[bad]}; allowed are finite numbers`);
  return { rows, columns, data };
}

/** The data of a tensor of which dtype and shape are known beforehand; it is taken out of `tensors`. */
function tensor<D extends Dtype>(
  tensors: Map<string, Tensor>,
  name: string,
  dtype: D,
  shape: readonly number[],
): TensorArrays[D] {
  const found = tensors.get(name);
  if (found === undefined) throw new UserError(`the tensor "${name}" is missing`);
  if (found.dtype !== dtype)
    throw new UserError(`the tensor "${name}" is ${found.dtype}; it must be ${dtype}`);
  if (shown(found.shape) !== shown(shape))
    throw new UserError(
      `the tensor "${name}" has the shape ${shown(found.shape)}; tokens and labels make it ${shown(shape)}`,
    );
  tensors.delete(name);
  return found.data as TensorArrays[D];
}
