/**
 * A training run's checkpoint as bytes, and back: one safetensors file, numbers exact to the bit.
 *
 * Promise: `readCheckpoint(writeCheckpoint(c, key), key)` equals c; a file of another run (`key` tells data, options
 * and version apart) or a damaged one is refused with one line.
 */
import { UserError } from "../failure.js";
import type { NativeWeights } from "../model/native.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../model/safetensors.js";
import { utf8Decode, utf8Encode } from "../text/utf8.js";
import { type VocabularyKind, vocabulary } from "../tokenizer/vocabulary.js";
import type { Checkpoint, EpochReport } from "./loop.js";

interface Header {
  readonly key: string;
  readonly epoch: number;
  readonly step: number;
  readonly random: number;
  readonly reports: readonly EpochReport[];
  readonly labels: readonly string[];
  readonly kind: VocabularyKind;
  readonly tokens: readonly string[];
}

export function writeCheckpoint(checkpoint: Checkpoint, key: string): Uint8Array<ArrayBuffer> {
  const { best } = checkpoint;
  const header: Header = {
    key,
    epoch: checkpoint.epoch,
    step: checkpoint.step,
    random: checkpoint.random,
    reports: checkpoint.reports,
    labels: best.labels,
    kind: best.vocabulary.kind,
    tokens: best.vocabulary.tokens,
  };
  const tensors = new Map<string, Tensor>([
    ["header", bytes(utf8Encode(JSON.stringify(header)))],
    ["order", tensor(checkpoint.order)],
    ["best.evidence", tensor(best.evidence)],
    ["best.bias", tensor(best.bias)],
  ]);
  for (const [name, values] of checkpoint.arrays) tensors.set(`state.${name}`, tensor(values));
  return writeSafetensors(tensors);
}

/** @throws UserError if the bytes are no checkpoint of the run that `key` stands for. */
export function readCheckpoint(file: Uint8Array, key: string, where: string): Checkpoint {
  const tensors = readSafetensors(file);
  const get = (name: string) => {
    const found = tensors.get(name);
    if (found === undefined) throw new UserError(`${where} is no training checkpoint: it has no ${name}`);
    return found;
  };
  const headerTensor = get("header");
  if (headerTensor.dtype !== "U8")
    throw new UserError(`${where} is no training checkpoint: its header is no text`);
  const header = JSON.parse(utf8Decode(headerTensor.data)) as Header;
  if (header.key !== key)
    throw new UserError(
      `${where} belongs to a run with other texts, options or version; leave out --resume to start anew`,
    );
  const arrays = new Map<string, Float64Array | Int32Array>();
  for (const [name, found] of tensors)
    if (name.startsWith("state.") && (found.dtype === "F64" || found.dtype === "I32"))
      arrays.set(name.slice("state.".length), found.data);
  const best: NativeWeights = {
    labels: header.labels,
    vocabulary: vocabulary(header.kind, header.tokens),
    evidence: get("best.evidence").data as Float64Array,
    bias: get("best.bias").data as Float64Array,
  };
  const { epoch, step, random, reports } = header;
  return { epoch, step, random, reports, order: get("order").data as Int32Array, arrays, best };
}

function tensor(data: Float64Array | Int32Array): Tensor {
  return data instanceof Float64Array
    ? { dtype: "F64", shape: [data.length], data }
    : { dtype: "I32", shape: [data.length], data };
}

function bytes(data: Uint8Array): Tensor {
  return { dtype: "U8", shape: [data.length], data: data as Uint8Array<ArrayBuffer> };
}
