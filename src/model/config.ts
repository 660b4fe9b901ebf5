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

export const MODEL_TYPE = "typoproof-additive";
export const FOLDER_FORMAT = 1;

export interface ModelConfig {
  readonly labels: readonly string[];
  readonly kind: VocabularyKind;
}

/** The object to be written as config.json. `training` decides nothing and is only kept. */
export function writeModelConfig({ labels, kind }: ModelConfig, training?: JsonObject): object {
  checkLabels(labels);
  return {
    architectures: ["TypoproofAdditiveForSequenceClassification"],
    model_type: MODEL_TYPE,
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    typoproof: {
      format: FOLDER_FORMAT,
      kind,
      fold: FOLD_VERSION,
      layers: 0,
      ...(training === undefined ? {} : { training }),
    },
  };
}

/** @throws UserError beginning with `where` */
export function readModelConfig(bytes: Uint8Array, where: string): ModelConfig {
  const config = parseJsonObject(bytes, where);
  const expect = (what: string, seen: unknown, wanted: unknown) => {
    if (seen !== wanted)
      throw new UserError(`${where}: ${what} is ${shown(seen)}; this version loads ${wanted}`);
  };
  expect("model_type", config.model_type, MODEL_TYPE);
  const own = config.typoproof;
  if (!isJsonObject(own)) throw new UserError(`${where}: typoproof is ${shown(own)}; it must be an object`);
  expect("typoproof.format", own.format, FOLDER_FORMAT);
  expect("typoproof.fold", own.fold, FOLD_VERSION);
  expect("typoproof.layers", own.layers, 0);
  if (!VOCABULARY_KINDS.includes(own.kind as VocabularyKind))
    throw new UserError(
      `${where}: typoproof.kind is ${shown(own.kind)}; allowed are ${VOCABULARY_KINDS.join(", ")}`,
    );
  return { labels: readLabels(config, where), kind: own.kind as VocabularyKind };
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
