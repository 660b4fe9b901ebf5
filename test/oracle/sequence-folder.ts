/** Folders of small sequence models, as the transformers library saves them. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Encoder, Linear, Matrix, Norm, Vector } from "../../src/model/encoder.js";
import { type Tensor, writeSafetensors } from "../../src/model/safetensors.js";

/** Words of the tokenizer below, after its special tokens. */
export const WORDS = ["good", "bad", "film", "a", "the", "very", "dull", "fun", "it", "is"] as const;
export const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
export const SIZE = SPECIAL.length + WORDS.length;

/** [CLS] words [SEP], lower-cased, split at white space, whole words looked up. */
export function wordTokenizerJson(): object {
  const token = (id: number) => ({ SpecialToken: { id: SPECIAL[id], type_id: 0 } });
  const entry = (id: number) => ({ id: SPECIAL[id], ids: [id], tokens: [SPECIAL[id]] });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: "Lowercase" },
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [token(2), { Sequence: { id: "A", type_id: 0 } }, token(3)],
      pair: [
        token(2),
        { Sequence: { id: "A", type_id: 0 } },
        token(3),
        { Sequence: { id: "B", type_id: 0 } },
        token(3),
      ],
      special_tokens: { "[CLS]": entry(2), "[SEP]": entry(3) },
    },
    decoder: null,
    model: {
      // No pieces that go on a word: a word is one token or unknown.
      type: "WordPiece",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...SPECIAL, ...WORDS].map((word, id) => [word, id])),
      unk_token: "[UNK]",
    },
  };
}

export const tokenizerConfig = {
  tokenizer_class: "PreTrainedTokenizerFast",
  unk_token: "[UNK]",
  cls_token: "[CLS]",
  sep_token: "[SEP]",
  pad_token: "[PAD]",
  mask_token: "[MASK]",
};

/** What `ids` gives for a text, by looking words up. */
export function wordIds(text: string, most = Number.POSITIVE_INFINITY): number[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const all: readonly string[] = [...SPECIAL, ...WORDS];
  const own = words.map((word) => (all.indexOf(word) < SPECIAL.length ? 1 : all.indexOf(word)));
  return [2, ...own.slice(0, most - 2), 3];
}

/** config.json of a small encoder (test/oracle/small-encoder.ts). */
export function bertConfig(encoder: Encoder): Record<string, unknown> {
  const { hiddenSize, blocks, labels, mostTokens, embedding } = encoder;
  return {
    architectures: ["BertForSequenceClassification"],
    model_type: "bert",
    vocab_size: embedding.tokens.rows,
    hidden_size: hiddenSize,
    num_hidden_layers: blocks.length,
    num_attention_heads: 2,
    intermediate_size: 2 * hiddenSize,
    hidden_act: "gelu",
    layer_norm_eps: 1e-12,
    max_position_embeddings: mostTokens,
    type_vocab_size: 1,
    id2label: Object.fromEntries(labels.map((label, y) => [y, label])),
    transformers_version: "4.0.0",
  };
}

/** model.safetensors of a small encoder. */
export function bertWeights(encoder: Encoder): Uint8Array {
  const tensors = new Map<string, Tensor>();
  const add = (name: string, shape: number[], data: Vector) =>
    void tensors.set(name, { dtype: "F32", shape, data: Float32Array.from(data) });
  const matrix = (name: string, { rows, columns, data }: Matrix) => add(name, [rows, columns], data);
  const linear = (name: string, { weight, bias }: Linear) => {
    matrix(`${name}.weight`, weight);
    add(`${name}.bias`, [weight.rows], bias!);
  };
  const norm = (name: string, layer: Norm) => {
    if (layer.kind !== "layer") throw new Error(`${name} is ${layer.kind}`);
    add(`${name}.weight`, [layer.weight.length], layer.weight);
    add(`${name}.bias`, [layer.weight.length], layer.bias!);
  };
  const { tokens, positions, segment } = encoder.embedding;
  if (positions.kind === "none") throw new Error("no positions");
  matrix("bert.embeddings.word_embeddings.weight", tokens);
  matrix("bert.embeddings.position_embeddings.weight", positions.table);
  add("bert.embeddings.token_type_embeddings.weight", [1, encoder.hiddenSize], segment!);
  norm("bert.embeddings.LayerNorm", encoder.embedding.norm);
  encoder.blocks.forEach(({ attention, attentionNorm, feedForward, feedForwardNorm }, i) => {
    const at = `bert.encoder.layer.${i}`;
    if (feedForward.kind !== "mlp") throw new Error(feedForward.kind);
    linear(`${at}.attention.self.query`, attention.query);
    linear(`${at}.attention.self.key`, attention.key);
    linear(`${at}.attention.self.value`, attention.value);
    linear(`${at}.attention.output.dense`, attention.output);
    norm(`${at}.attention.output.LayerNorm`, attentionNorm);
    linear(`${at}.intermediate.dense`, feedForward.inner);
    linear(`${at}.output.dense`, feedForward.outer);
    norm(`${at}.output.LayerNorm`, feedForwardNorm);
  });
  linear("bert.pooler.dense", encoder.head[0]!.linear);
  linear("classifier", encoder.head[1]!.linear);
  return writeSafetensors(tensors, { format: "pt" });
}

/** Writes files by name; objects as JSON, null not at all. */
export async function writeFolder(
  folder: string,
  files: Readonly<Record<string, Uint8Array | object | string | null>>,
): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    if (content === null) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    const raw = typeof content === "string" || content instanceof Uint8Array;
    await writeFile(join(folder, name), raw ? content : JSON.stringify(content));
  }
  return folder;
}
