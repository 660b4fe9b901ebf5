/**
 * A native model as a folder for other programs: ONNX Runtime, the tokenizers libraries, transformers.js.
 *
 * - `onnx/model.onnx`: from ids and mask to logits (model/onnx/write-native.ts).
 * - `tokenizer.json`, `tokenizer_config.json`: from a text to ids. Those of a `patterns` vocabulary are the symbols of the fold.
 * - `config.json`: labels, and the architecture that transformers.js takes it for: `bert`, the plainest there, of which it uses
 *   no more than that ids and mask go in and logits come out.
 *
 * Promise: a text that goes through the tokenizer, with or without padding on either side, and through the graph has the model's logits.
 *
 * Padding is a space, in `patterns` the separator itself, else one token more. Whatever a library does with a special token that is
 * typed (Python's matches it in the raw text), a space in a text stays what it is: nothing but the end of a word.
 */
import { SEPARATOR, SYMBOL_CHARACTERS } from "../text/symbols.js";
import { tokenizerConfigJson, tokenizerJson } from "../tokenizer/tokenizer-json.js";
import type { Vocabulary } from "../tokenizer/vocabulary.js";
import { jsonFile } from "./json.js";
import { NativeModel } from "./native.js";
import type { NativeTransformer } from "./native-transformer.js";
import { nativeToOnnx } from "./onnx/write-native.js";

export const CARD_FILE = "README.md";
/** What an exported folder holds, a card beside it. */
export const EXPORTED_FILES: readonly string[] = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "onnx/model.onnx",
];

const PADDING = SYMBOL_CHARACTERS[SEPARATOR]!;

/** The files by name. */
export function exportFiles(model: NativeModel | NativeTransformer): Map<string, Uint8Array> {
  const { vocabulary } = model instanceof NativeModel ? model : model.additive;
  return new Map<string, Uint8Array>([
    ["config.json", jsonFile(exportedConfig(model, vocabulary), 2)],
    ["tokenizer.json", jsonFile(exportedTokenizer(vocabulary))],
    ["tokenizer_config.json", jsonFile({ ...tokenizerConfigJson(), pad_token: PADDING }, 2)],
    ["onnx/model.onnx", nativeToOnnx(model)],
  ]);
}

function exportedConfig(
  { labels, identity }: NativeModel | NativeTransformer,
  vocabulary: Vocabulary,
): object {
  return {
    architectures: ["BertForSequenceClassification"],
    model_type: "bert",
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, id) => [id, label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    vocab_size: idCount(vocabulary),
    pad_token_id: paddingId(vocabulary),
    problem_type: "single_label_classification",
    // In a browser transformers.js would otherwise ask for a quantised file.
    "transformers.js_config": { dtype: "fp32" },
    typoproof: { exported: { name: identity.name, sha256: identity.sha256 } },
  };
}

/** How many ids the tokenizer gives. */
function idCount(vocabulary: Vocabulary): number {
  return vocabulary.kind === "patterns" ? SYMBOL_CHARACTERS.length : vocabulary.tokens.length + 1;
}

/** The id of padding. */
function paddingId(vocabulary: Vocabulary): number {
  return vocabulary.kind === "patterns" ? SEPARATOR : vocabulary.tokens.length;
}

function exportedTokenizer(vocabulary: Vocabulary): object {
  const json = tokenizerJson(vocabulary) as { model: { vocab: Record<string, number> } };
  if (vocabulary.kind !== "patterns") json.model.vocab[PADDING] = paddingId(vocabulary);
  return json;
}
