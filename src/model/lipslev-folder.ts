/**
 * A LipsLev model as a folder of files, in memory.
 *
 * - `config.json`: see model/lipslev-config.ts.
 * - `char_to_id.json`: an object from characters to ids.
 * - `model.safetensors`: "emb.weight" [rows, embed_size], "conv0.weight" [hidden_size, embed_size, kernel_size] and
 *   "C.weight" [num_labels, hidden_size], F32 or F64. Where there is none, `model.pt` with the same tensors, as torch.save writes a state
 *   dictionary, is read as data (model/lipslev-pt.ts).
 *
 * Promise: a folder that is read has nothing missing and nothing unknown; all else is one UserError that names the file.
 * The identity is taken over everything that decides an answer, and nothing else: UTF-8 JSON of format, labels, p, sizes and
 * characters, then embedding, kernel and head as float64, little-endian.
 */
import { UserError } from "../failure.js";
import { utf8Encode } from "../text/utf8.js";
import { parseJsonObject, shown, within } from "./json.js";
import { LipslevModel, type LipslevWeights } from "./lipslev.js";
import { characterIds } from "./lipslev-characters.js";
import { type LipslevConfig, readLipslevConfig } from "./lipslev-config.js";
import { readTorchTensors } from "./lipslev-pt.js";
import { littleEndian } from "./little-endian.js";
import { readSafetensors, type Tensor } from "./safetensors.js";

/** The files that `readLipslevFolder` asks for; instead of the last, `model.pt` will do. */
export const LIPSLEV_FILES: readonly string[] = ["config.json", "char_to_id.json", "model.safetensors"];
const TENSORS = ["emb.weight", "conv0.weight", "C.weight"] as const;

/**
 * Reads a model.
 * @param files gives a file of the folder, or null where there is none
 * @param sha256 the SHA-256 of bytes in lower-case hexadecimal
 * @param name becomes the model's name
 * @param where what messages call the folder
 * @throws UserError naming the file and what is wrong with it
 */
export async function readLipslevFolder(
  files: (name: string) => Promise<Uint8Array | null>,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string> | string,
  name: string,
  where: string = name,
): Promise<LipslevModel> {
  const [configBytes, characterBytes, safe] = await Promise.all(LIPSLEV_FILES.map((file) => files(file)));
  const torch = safe === null ? await files("model.pt") : null;
  const missing = LIPSLEV_FILES.filter((_, i) => [configBytes, characterBytes, safe ?? torch][i] === null);
  if (missing.length > 0)
    throw new UserError(`${where} has no ${missing[0]}; a LipsLev folder needs ${LIPSLEV_FILES.join(", ")}`);
  const config = readLipslevConfig(configBytes!, `${where}/config.json`);
  const weights = `${where}/${safe === null ? "model.pt" : "model.safetensors"}`;
  const tensors = within(weights, () => (safe === null ? readTorchTensors(torch!) : readSafetensors(safe!)));
  const listed = parseJsonObject(characterBytes!, `${where}/char_to_id.json`);
  const arrays = within(weights, () => weightArrays(config, tensors));
  const rows = arrays.embedding.length / config.embedSize;
  const characters = within(`${where}/char_to_id.json`, () => characterIds(listed, rows));
  const parts = { ...config, ...arrays, characters };
  const identity = { name, sha256: await sha256(lipslevIdentityBytes(parts)) };
  return within(weights, () => new LipslevModel(parts, identity));
}

function weightArrays(config: LipslevConfig, tensors: ReadonlyMap<string, Tensor>) {
  for (const name of tensors.keys())
    if (!(TENSORS as readonly string[]).includes(name))
      throw new UserError(`the tensor ${shown(name)} is unknown; needed are ${TENSORS.join(", ")}`);
  const { embedSize, hiddenSize, kernelSize, labels } = config;
  return {
    embedding: numbersOf(tensors, TENSORS[0], [null, embedSize]),
    kernel: numbersOf(tensors, TENSORS[1], [hiddenSize, embedSize, kernelSize]),
    head: numbersOf(tensors, TENSORS[2], [labels.length, hiddenSize]),
  };
}

/** A tensor's numbers; `null` in the shape is any number of rows. */
function numbersOf(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly (number | null)[],
): Float64Array {
  const found = tensors.get(name);
  if (found === undefined) throw new UserError(`the tensor "${name}" is missing`);
  if (found.dtype !== "F32" && found.dtype !== "F64")
    throw new UserError(`the tensor "${name}" is ${found.dtype}; allowed are F32 and F64`);
  if (found.shape.length !== shape.length || shape.some((n, i) => n !== null && n !== found.shape[i]))
    throw new UserError(
      `the tensor "${name}" has the shape ${shown(found.shape)}; config.json makes it ${shown(shape.map((n) => n ?? "rows"))}`,
    );
  return Float64Array.from(found.data);
}

/** Canonical bytes of a model; the SHA-256 of them, in hexadecimal, is `ModelIdentity.sha256`. */
export function lipslevIdentityBytes(weights: LipslevWeights): Uint8Array<ArrayBuffer> {
  const { labels, p, kernelSize, embedSize, hiddenSize, maxCharacters, characters } = weights;
  const head = {
    format: "lipslev-conv/1",
    labels,
    p: p === Number.POSITIVE_INFINITY ? "inf" : p,
    kernelSize,
    embedSize,
    hiddenSize,
    maxCharacters,
    rows: weights.embedding.length / embedSize,
    characters: [...characters].sort(([a], [b]) => a - b),
  };
  const parts = [utf8Encode(JSON.stringify(head))];
  for (const numbers of [weights.embedding, weights.kernel, weights.head]) parts.push(littleEndian(numbers));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
