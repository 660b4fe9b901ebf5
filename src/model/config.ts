/**
 * The config.json of a native model, in the style of the transformers libraries: id2label and label2id as theirs,
 * and under "typoproof" what only this program knows.
 *
 * Promise: a config that is read names the labels without gap or repetition, and everything in it that decides
 * an answer has the one value that this version computes; another value is an error, never ignored.
 */
import { UserError } from "../failure.js";
import { FOLD_VERSION } from "../text/fold-table.js";
import { VOCABULARY_KINDS, type VocabularyKind } from "../tokenizer/vocabulary.js";
import { isJsonObject, type JsonObject, parseJsonObject, shown, within } from "./json.js";

/** `model_type` of a model without blocks, and of one with blocks. */
export const MODEL_TYPE = "typoproof-additive";
export const TRANSFORMER_TYPE = "typoproof-transformer";
export const NATIVE_TYPES: readonly unknown[] = [MODEL_TYPE, TRANSFORMER_TYPE];
export const FOLDER_FORMAT = 1;

export interface ModelConfig {
  readonly labels: readonly string[];
  readonly kind: VocabularyKind;
  /** What model/block-format.ts makes of the blocks; null without any. */
  readonly transformer: TransformerConfig | null;
}

export interface TransformerConfig {
  /** Of the embedding. */
  readonly width: number;
  /** One per layer; not checked further here. */
  readonly blocks: readonly unknown[];
}

/** The object to be written as config.json. `training` decides nothing and is only kept. */
export function writeModelConfig({ labels, kind, transformer }: ModelConfig, training?: JsonObject): object {
  checkLabels(labels);
  const name = transformer === null ? "Additive" : "Transformer";
  return {
    architectures: [`Typoproof${name}ForSequenceClassification`],
    model_type: transformer === null ? MODEL_TYPE : TRANSFORMER_TYPE,
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    typoproof: {
      format: FOLDER_FORMAT,
      kind,
      fold: FOLD_VERSION,
      layers: transformer === null ? 0 : transformer.blocks.length,
      ...transformer,
      ...(training === undefined ? {} : { training }),
    },
  };
}

/** The config.json of a model that export wrote (model/export-folder.ts) names under "typoproof" the one it was made from; else null. */
export function exportedFrom({ typoproof }: JsonObject): string | null {
  const exported = isJsonObject(typoproof) ? typoproof.exported : null;
  return isJsonObject(exported) && typeof exported.name === "string" ? exported.name : null;
}

/** @throws UserError beginning with `where` */
export function readModelConfig(bytes: Uint8Array, where: string): ModelConfig {
  const config = parseJsonObject(bytes, where);
  const expect = (what: string, seen: unknown, wanted: unknown) => {
    if (seen !== wanted)
      throw new UserError(`${where}: ${what} is ${shown(seen)}; this version loads ${wanted}`);
  };
  const type = config.model_type;
  if (!NATIVE_TYPES.includes(type))
    throw new UserError(
      `${where}: model_type is ${shown(type)}; this version loads ${NATIVE_TYPES.join(" and ")}`,
    );
  const own = config.typoproof;
  if (!isJsonObject(own)) throw new UserError(`${where}: typoproof is ${shown(own)}; it must be an object`);
  expect("typoproof.format", own.format, FOLDER_FORMAT);
  expect("typoproof.fold", own.fold, FOLD_VERSION);
  const transformer = type === TRANSFORMER_TYPE ? readTransformer(own, where) : null;
  expect("typoproof.layers", own.layers, transformer === null ? 0 : transformer.blocks.length);
  if (!VOCABULARY_KINDS.includes(own.kind as VocabularyKind))
    throw new UserError(
      `${where}: typoproof.kind is ${shown(own.kind)}; allowed are ${VOCABULARY_KINDS.join(", ")}`,
    );
  return { labels: readLabels(config, where), kind: own.kind as VocabularyKind, transformer };
}

function readTransformer({ width, blocks }: JsonObject, where: string): TransformerConfig {
  if (!Number.isSafeInteger(width) || (width as number) < 1)
    throw new UserError(`${where}: typoproof.width is ${shown(width)}; it must be an integer from 1`);
  if (!Array.isArray(blocks))
    throw new UserError(`${where}: typoproof.blocks is ${shown(blocks)}; it must be a list`);
  return { width: width as number, blocks };
}

function readLabels(config: JsonObject, where: string): readonly string[] {
  const { id2label, label2id, num_labels: count } = config;
  if (!isJsonObject(id2label))
    throw new UserError(`${where}: id2label is ${shown(id2label)}; it must be an object`);
  const size = Object.keys(id2label).length;
  const labels = Array.from({ length: size }, (_, id) => {
    if (!Object.hasOwn(id2label, id))
      throw new UserError(
        `${where}: id2label has ${size} labels but none for ${id}; needed are 0 to ${size - 1}`,
      );
    return id2label[id] as string;
  });
  within(where, () => checkLabels(labels));
  if (count !== undefined && count !== size)
    throw new UserError(`${where}: num_labels is ${shown(count)}, but id2label has ${size}`);
  if (label2id !== undefined) checkInverse(labels, label2id, where);
  return labels;
}

function checkInverse(labels: readonly string[], label2id: unknown, where: string): void {
  const size = isJsonObject(label2id) ? Object.keys(label2id).length : 0;
  for (const [id, label] of labels.entries()) {
    const seen = isJsonObject(label2id) && Object.hasOwn(label2id, label) ? label2id[label] : undefined;
    if (seen !== id)
      throw new UserError(
        `${where}: label2id gives ${shown(label)} ${shown(seen)}, but id2label gives it ${id}`,
      );
  }
  if (size !== labels.length)
    throw new UserError(`${where}: label2id has ${size} labels, but id2label has ${labels.length}`);
}

/** @throws UserError unless the labels are strings, not empty, none twice */
function checkLabels(labels: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const [id, label] of labels.entries()) {
    if (typeof label !== "string" || label === "")
      throw new UserError(`label ${id} is ${shown(label)}; it must be a string that isn't empty`);
    if (seen.has(label)) throw new UserError(`label ${id} repeats ${shown(label)}`);
    seen.add(label);
  }
}
