/**
 * The config.json of a LipsLev model: a convolution over characters, summed over positions, and a linear head.
 *
 * Promise: every key that decides an answer is read, and has a value that this program computes; another one is an
 * error that names it, never ignored. Computed are one layer, ReLU and sum pooling, with p = 1, 2 or "inf".
 */
import { UserError } from "../failure.js";
import { isJsonObject, type JsonObject, parseJsonObject, shown } from "./json.js";
import type { NormOrder } from "./lipslev-norms.js";

export const LIPSLEV_ARCHITECTURE = "lipslev-conv";

export interface LipslevConfig {
  readonly labels: readonly string[];
  /** Order of the norms that the weights are divided by. */
  readonly p: NormOrder;
  readonly kernelSize: number;
  readonly embedSize: number;
  readonly hiddenSize: number;
  /** Characters that the model reads at most; the others are cut off. */
  readonly maxCharacters: number;
}

/** Sizes beyond this are mistakes. */
const LARGEST = 1_000_000;

/** @throws UserError beginning with `where` */
export function readLipslevConfig(bytes: Uint8Array, where: string): LipslevConfig {
  const config = parseJsonObject(bytes, where);
  const only = (key: string, wanted: unknown) => {
    if (config[key] !== wanted)
      throw new UserError(`${where}: ${key} is ${shown(config[key])}; allowed is ${shown(wanted)}`);
  };
  const size = (key: string): number => {
    const value = config[key];
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > LARGEST)
      throw new UserError(`${where}: ${key} is ${shown(value)}; allowed are integers from 1 to ${LARGEST}`);
    return value as number;
  };
  only("architecture", LIPSLEV_ARCHITECTURE);
  only("num_hidden_layers", 1);
  only("hidden_act", "relu");
  only("reduce", "sum");
  only("vocab_file", "char_to_id.json");
  const labels = readLabels(config, where);
  if (config.num_labels !== labels.length)
    throw new UserError(
      `${where}: num_labels is ${shown(config.num_labels)}, but id2label has ${labels.length}`,
    );
  return {
    labels,
    p: readOrder(config.p, where),
    kernelSize: size("kernel_size"),
    embedSize: size("embed_size"),
    hiddenSize: size("hidden_size"),
    maxCharacters: size("max_characters"),
  };
}

function readOrder(p: unknown, where: string): NormOrder {
  if (p === 1 || p === 2) return p;
  if (p === "inf") return Number.POSITIVE_INFINITY;
  throw new UserError(`${where}: p is ${shown(p)}; allowed are 1, 2 and "inf"`);
}

function readLabels({ id2label }: JsonObject, where: string): readonly string[] {
  if (!isJsonObject(id2label))
    throw new UserError(`${where}: id2label is ${shown(id2label)}; it must be an object`);
  const size = Object.keys(id2label).length;
  const labels: string[] = [];
  for (let id = 0; id < size; id++) {
    const label = Object.hasOwn(id2label, id) ? id2label[id] : undefined;
    if (typeof label !== "string" || label === "" || labels.includes(label))
      throw new UserError(
        `${where}: id2label has ${shown(label)} for ${id}; each of 0 to ${size - 1} needs a label of its own`,
      );
    labels.push(label);
  }
  if (size < 2) throw new UserError(`${where}: id2label has ${size} labels; at least 2 are needed`);
  return labels;
}
