/**
 * A training run's checkpoint as bytes, and back: one safetensors file, numbers exact to the bit.
 *
 * Promise: `readCheckpoint(writeCheckpoint(c, key), key)` equals c; a file of another run (`key` tells data, options
 * and version apart) or a damaged one is refused with one line: all that is read is covered by a checksum.
 */
import { UserError } from "../failure.js";
import {
  type FolderModel,
  type FolderWeights,
  NEEDED_FILES,
  readModelFolder,
  writeModelFolder,
} from "../model/folder.js";
import { parseJsonObject, within } from "../model/json.js";
import { littleEndian } from "../model/little-endian.js";
import { NativeModel, type NativeWeights } from "../model/native.js";
import {
  type Dtype,
  readSafetensors,
  type Tensor,
  type TensorArrays,
  writeSafetensors,
} from "../model/safetensors.js";
import { utf8Encode } from "../text/utf8.js";
import type { Checkpoint, EpochReport, StateArray } from "./loop.js";

interface Header {
  readonly key: string;
  readonly epoch: number;
  readonly step: number;
  readonly random: number;
  readonly reports: readonly EpochReport[];
}

export function writeCheckpoint(checkpoint: Checkpoint, key: string): Uint8Array<ArrayBuffer> {
  const header: Header = {
    key,
    epoch: checkpoint.epoch,
    step: checkpoint.step,
    random: checkpoint.random,
    reports: checkpoint.reports,
  };
  const tensors = new Map<string, Tensor>([
    ["header", bytes(utf8Encode(JSON.stringify(header)))],
    ["order", tensor(checkpoint.order)],
  ]);
  const best = writeModelFolder(checkpoint.best);
  for (const name of NEEDED_FILES) tensors.set(`best.${name}`, bytes(best.get(name)!));
  for (const [name, values] of checkpoint.arrays) tensors.set(`state.${name}`, tensor(values));
  tensors.set(CHECKSUM, { dtype: "U32", shape: [1], data: Uint32Array.of(checksum(tensors)) });
  return writeSafetensors(tensors);
}

/**
 * @typeParam W what the run trains, which its options, and so `key`, decide
 * @throws UserError if the bytes are no checkpoint of the run that `key` stands for.
 */
export async function readCheckpoint<W extends FolderWeights>(
  file: Uint8Array,
  key: string,
  where: string,
): Promise<Checkpoint<W>> {
  const { files, ...rest } = within(`${where} can't be resumed`, () => read(readSafetensors(file), key));
  const best = await readModelFolder(
    async (name) => files.get(name) ?? null,
    () => "",
    "best",
    where,
  );
  return { ...rest, best: weightsOf(best) as W };
}

function weightsOf(model: FolderModel): FolderWeights {
  if (model instanceof NativeModel) return nativeWeights(model);
  const { rows, embedding, blocks, readout } = model;
  return { additive: nativeWeights(model.additive), rows, embedding, blocks, readout };
}

function nativeWeights({ labels, vocabulary, evidence, bias }: NativeWeights): NativeWeights {
  return { labels, vocabulary, evidence, bias };
}

function read(tensors: Map<string, Tensor>, key: string) {
  const get = <D extends Dtype>(name: string, dtype: D): TensorArrays[D] => {
    const found = tensors.get(name);
    if (found?.dtype !== dtype)
      throw new UserError(`it is no training checkpoint: it has no ${name} of type ${dtype}`);
    return found.data as TensorArrays[D];
  };
  const header = parseJsonObject(get("header", "U8"), "its header") as unknown as Header;
  const [stored] = get(CHECKSUM, "U32");
  tensors.delete(CHECKSUM);
  if (stored !== checksum(tensors)) throw new UserError("it is damaged: its checksum doesn't fit");
  if (header.key !== key)
    throw new UserError(
      "it belongs to a run with other texts, options or version; leave out --resume to start anew",
    );
  const arrays = new Map<string, StateArray>();
  const files = new Map<string, Uint8Array>();
  for (const [name, { dtype, data }] of tensors)
    if (name.startsWith("state.") && (dtype === "F64" || dtype === "F32" || dtype === "I32"))
      arrays.set(name.slice("state.".length), data as StateArray);
    else if (name.startsWith("best.") && dtype === "U8")
      files.set(name.slice("best.".length), data as Uint8Array);
  const { epoch, step, random, reports } = header;
  return { epoch, step, random, reports, order: get("order", "I32"), arrays, files };
}

const CHECKSUM = "checksum";

/** FNV-1a, 32 bits, over names, types, sizes and numbers; a change of one byte always shows. */
function checksum(tensors: ReadonlyMap<string, Tensor>): number {
  let hash = 0x811c9dc5;
  const take = (data: Uint8Array) => {
    for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193);
  };
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, data } = tensors.get(name)!;
    take(utf8Encode(`${name} ${dtype} ${data.length};`));
    take(littleEndian(data));
  }
  return hash >>> 0;
}

function tensor(data: StateArray): Tensor {
  const shape = [data.length];
  if (data instanceof Float64Array) return { dtype: "F64", shape, data };
  if (data instanceof Float32Array) return { dtype: "F32", shape, data };
  return { dtype: "I32", shape, data };
}

function bytes(data: Uint8Array): Tensor {
  return { dtype: "U8", shape: [data.length], data: data as Uint8Array<ArrayBuffer> };
}
