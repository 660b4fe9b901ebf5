/**
 * A native model as a folder of files, in memory: what is written is what is read back, bit for bit.
 *
 * - `config.json`: labels, and under "typoproof" the format, the kind of vocabulary and the version of the fold.
 * - `vocab.txt`: one token per line, its id being the line's number from 0.
 * - `model.safetensors`: "evidence" F32 [tokens, labels] and "bias" F64 [labels].
 * - `tokenizer.json`, `tokenizer_config.json`: the same tokenizer for other libraries; not read here.
 *
 * Promise: a folder that is read has nothing missing, nothing unknown and nothing that another version would take
 * differently; all else is one UserError that names the file. Evidence is a multiple of 2^-20 of at most 1 in size, hence
 * exact in float32 (21 significant bits of 24).
 */
import { UserError } from "../failure.js";
import { utf8Decode, utf8Encode } from "../text/utf8.js";
import { tokenizerConfigJson, tokenizerJson } from "../tokenizer/tokenizer-json.js";
import { type Vocabulary, type VocabularyKind, vocabulary } from "../tokenizer/vocabulary.js";
import { readModelConfig, writeModelConfig } from "./config.js";
import { identityBytes } from "./identity.js";
import { shown, within } from "./json.js";
import { NativeModel, type NativeWeights } from "./native.js";
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

/**
 * The files of a model folder by name.
 * @throws UserError if the weights make no model or wouldn't come back exactly.
 */
export function writeModelFolder(
  weights: NativeWeights,
  meta: ModelFolderMeta = {},
): Map<string, Uint8Array> {
  new NativeModel(weights, { name: "", sha256: "" }); // for its checks
  const { labels, evidence, bias, vocabulary } = weights;
  const { kind, tokens } = vocabulary;
  const tensors = new Map<string, Tensor>([
    ["evidence", { dtype: "F32", shape: [tokens.length, labels.length], data: toFloat32(evidence) }],
    ["bias", { dtype: "F64", shape: [labels.length], data: bias }],
  ]);
  return new Map<string, Uint8Array>([
    ["config.json", jsonFile(writeModelConfig({ labels, kind }, meta.training), 2)],
    ["vocab.txt", utf8Encode(tokens.map((token) => `${token}\n`).join(""))],
    ["model.safetensors", writeSafetensors(tensors, { format: "pt" })],
    ["tokenizer.json", jsonFile(tokenizerJson(vocabulary))],
    ["tokenizer_config.json", jsonFile(tokenizerConfigJson(), 2)],
  ]);
}

function toFloat32(evidence: Float64Array): Float32Array {
  const single = Float32Array.from(evidence);
  for (let i = 0; i < evidence.length; i++)
    if (!Object.is(single[i], evidence[i]))
      throw new UserError(`evidence[${i}] is ${evidence[i]}, which float32 can't hold exactly`);
  return single;
}

/** ASCII only: some of the characters in tokenizer.json change the direction of the text around them. */
function jsonFile(value: object, indent = 0): Uint8Array {
  const text = JSON.stringify(value, null, indent).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return utf8Encode(`${text}\n`);
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
): Promise<NativeModel> {
  const found = await Promise.all(NEEDED_FILES.map((file) => files(file)));
  const [config, vocab, numbers] = found.map((bytes, i) => {
    if (bytes !== null) return bytes;
    throw new UserError(
      `${where} has no ${NEEDED_FILES[i]}; a model folder needs ${NEEDED_FILES.join(", ")}`,
    );
  }) as [Uint8Array, Uint8Array, Uint8Array];
  const { labels, kind } = readModelConfig(config, `${where}/config.json`);
  const words = within(`${where}/vocab.txt`, () => readVocabulary(kind, vocab));
  const weights = within(`${where}/model.safetensors`, () => readWeights(labels, words, numbers));
  const identity = { name, sha256: await sha256(identityBytes(weights)) };
  return within(`${where}/model.safetensors`, () => new NativeModel(weights, identity));
}

function readVocabulary(kind: VocabularyKind, bytes: Uint8Array): Vocabulary {
  const lines = utf8Decode(bytes).split("\n");
  const rest = lines.pop()!;
  if (rest !== "") throw new UserError(`the last line, ${shown(rest)}, isn't ended by a line feed`);
  return vocabulary(kind, lines);
}

function readWeights(labels: readonly string[], vocabulary: Vocabulary, bytes: Uint8Array): NativeWeights {
  const tensors = readSafetensors(bytes);
  for (const name of tensors.keys())
    if (name !== "evidence" && name !== "bias")
      throw new UserError(`the tensor ${shown(name)} is unknown; needed are "evidence" and "bias"`);
  const evidence = tensor(tensors, "evidence", "F32", [vocabulary.tokens.length, labels.length]);
  const bias = tensor(tensors, "bias", "F64", [labels.length]);
  return { labels, vocabulary, evidence: Float64Array.from(evidence), bias };
}

/** The data of a tensor of which dtype and shape are known beforehand. */
function tensor<D extends Dtype>(
  tensors: ReadonlyMap<string, Tensor>,
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
  return found.data as TensorArrays[D];
}
