/**
 * Encoders from config.json and model.safetensors, as the transformers library saves BERT, RoBERTa and DistilBERT for
 * sequence classification, and the encoders of the DeepT paper.
 *
 * Promise: the encoder is the model that the published code makes of these files (in evaluation mode), or there is one
 * UserError that says which file, key or tensor doesn't fit.
 */
import type { HeadStage } from "../layers/head.js";
import type { Norm } from "../layers/norm.js";
import type { Block, Embedding, Encoder } from "./encoder.js";
import { type EncoderConfig, type EncoderFamily, readEncoderConfig } from "./encoder-config.js";
import { parseJsonObject, within } from "./json.js";
import { readSafetensors } from "./safetensors.js";
import { Tensors } from "./tensors.js";

/** Saved with some models and not part of a classifier's forward. */
const HARMLESS = /(^|\.)(position_ids|token_type_ids)$|^(cls|lm_head)\.|^roberta\.pooler\./;

interface Parts {
  readonly embedding: Embedding;
  readonly blocks: readonly Block[];
  readonly head: readonly HeadStage[];
  readonly mostTokens: number;
}

/**
 * @param config the bytes of config.json
 * @param weights the bytes of model.safetensors
 * @param where what messages call the folder
 */
export function loadEncoder(config: Uint8Array, weights: Uint8Array, where = "the model"): Encoder {
  const read = readEncoderConfig(parseJsonObject(config, `${where}: config.json`), `${where}: config.json`);
  const file = `${where}: model.safetensors`;
  const tensors = new Tensors(
    within(file, () => readSafetensors(weights)),
    file,
  );
  const parts = FAMILIES[read.family](read, tensors);
  tensors.refuseOthers(HARMLESS);
  return {
    architecture: read.architecture,
    hiddenSize: read.hidden,
    finalNorm: { kind: "none" },
    pooling: "first",
    labels: read.labels,
    ...parts,
  };
}

const FAMILIES: Readonly<Record<EncoderFamily, (config: EncoderConfig, tensors: Tensors) => Parts>> = {
  bert: (config, tensors) => {
    const { hidden: d, labels } = config;
    return {
      embedding: bertEmbedding(config, tensors, "bert.embeddings"),
      blocks: bertBlocks(config, tensors, "bert.encoder.layer"),
      head: [
        { linear: tensors.linear("bert.pooler.dense", d, d), activation: "tanh" },
        { linear: tensors.linear("classifier", labels.length, d), activation: "identity" },
      ],
      mostTokens: config.positions,
    };
  },
  roberta: (config, tensors) => {
    const { hidden: d, labels } = config;
    return {
      embedding: bertEmbedding(config, tensors, "roberta.embeddings"),
      blocks: bertBlocks(config, tensors, "roberta.encoder.layer"),
      head: [
        { linear: tensors.linear("classifier.dense", d, d), activation: "tanh" },
        { linear: tensors.linear("classifier.out_proj", labels.length, d), activation: "identity" },
      ],
      mostTokens: config.positions - config.padding - 1,
    };
  },
  distilbert: (config, tensors) => {
    const { hidden: d, labels } = config;
    return {
      embedding: bertEmbedding(config, tensors, "distilbert.embeddings"),
      blocks: Array.from({ length: config.layers }, (_, i) => distilbertBlock(config, tensors, i)),
      head: [
        { linear: tensors.linear("pre_classifier", d, d), activation: "relu" },
        { linear: tensors.linear("classifier", labels.length, d), activation: "identity" },
      ],
      mostTokens: config.positions,
    };
  },
  "deept-encoder": (config, tensors) => {
    const { hidden: d, vocabulary, labels } = config;
    return {
      embedding: {
        tokens: tensors.matrix("embeddings.word_embeddings.weight", vocabulary, d),
        projection: tensors.linear("embeddings.linear_in", d, d),
        positions: { kind: "none" },
        segment: null,
        norm: norm(config, tensors, "embeddings.LayerNorm"),
      },
      blocks: bertBlocks(config, tensors, "encoder.layer"),
      head: [
        { linear: tensors.linear("pooler.dense", d, d), activation: "tanh" },
        { linear: tensors.linear("classifier", labels.length, d), activation: "identity" },
      ],
      mostTokens: Number.POSITIVE_INFINITY,
    };
  },
};

function norm({ family, hidden, epsilon }: EncoderConfig, tensors: Tensors, name: string): Norm {
  return family === "deept-encoder"
    ? { kind: "center", ...tensors.scaleAndShift(name, hidden) }
    : tensors.layerNorm(name, hidden, epsilon);
}

function bertEmbedding(config: EncoderConfig, tensors: Tensors, at: string): Embedding {
  const { family, vocabulary, hidden: d, positions: rows, segments, padding } = config;
  const table = tensors.matrix(`${at}.position_embeddings.weight`, rows, d);
  const offset = padding + 1;
  return {
    tokens: tensors.matrix(`${at}.word_embeddings.weight`, vocabulary, d),
    projection: null,
    positions:
      family === "roberta"
        ? { kind: "counted", table, offset, padding }
        : { kind: "absolute", table, offset: 0 },
    segment:
      segments === 0
        ? null
        : tensors.matrix(`${at}.token_type_embeddings.weight`, segments, d).data.slice(0, d),
    norm: norm(config, tensors, `${at}.LayerNorm`),
  };
}

function bertBlocks(config: EncoderConfig, tensors: Tensors, at: string): Block[] {
  return Array.from({ length: config.layers }, (_, i) => bertBlock(config, tensors, `${at}.${i}`));
}

function bertBlock(config: EncoderConfig, tensors: Tensors, at: string): Block {
  const { hidden: d, inner, heads, activation } = config;
  return {
    normPlacement: "post",
    attention: {
      kind: "softmax",
      heads,
      scale: 1 / Math.sqrt(d / heads),
      query: tensors.linear(`${at}.attention.self.query`, d, d),
      key: tensors.linear(`${at}.attention.self.key`, d, d),
      value: tensors.linear(`${at}.attention.self.value`, d, d),
      output: tensors.linear(`${at}.attention.output.dense`, d, d),
    },
    attentionNorm: norm(config, tensors, `${at}.attention.output.LayerNorm`),
    feedForward: {
      kind: "mlp",
      inner: tensors.linear(`${at}.intermediate.dense`, inner, d),
      activation,
      outer: tensors.linear(`${at}.output.dense`, d, inner),
    },
    feedForwardNorm: norm(config, tensors, `${at}.output.LayerNorm`),
  };
}

function distilbertBlock(config: EncoderConfig, tensors: Tensors, i: number): Block {
  const { hidden: d, inner, heads, activation } = config;
  const at = `distilbert.transformer.layer.${i}`;
  return {
    normPlacement: "post",
    attention: {
      kind: "softmax",
      heads,
      scale: 1 / Math.sqrt(d / heads),
      query: tensors.linear(`${at}.attention.q_lin`, d, d),
      key: tensors.linear(`${at}.attention.k_lin`, d, d),
      value: tensors.linear(`${at}.attention.v_lin`, d, d),
      output: tensors.linear(`${at}.attention.out_lin`, d, d),
    },
    attentionNorm: norm(config, tensors, `${at}.sa_layer_norm`),
    feedForward: {
      kind: "mlp",
      inner: tensors.linear(`${at}.ffn.lin1`, inner, d),
      activation,
      outer: tensors.linear(`${at}.ffn.lin2`, d, inner),
    },
    feedForwardNorm: norm(config, tensors, `${at}.output_layer_norm`),
  };
}
