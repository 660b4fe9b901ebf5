/**
 * The config.json of an encoder, checked: sizes, activation, epsilon and labels, whatever the family calls them.
 *
 * Promise: what is read computes what the published code of the family computes with this config; a key that would
 * change the computation and that isn't supported is a UserError with the value seen and those allowed. Defaults are
 * those of the transformers library.
 */
import { UserError } from "../failure.js";
import type { ActivationName } from "../layers/activation.js";
import { isJsonObject, type JsonObject, shown } from "./json.js";

export type EncoderFamily = "bert" | "roberta" | "distilbert" | "deept-encoder";

export interface EncoderConfig {
  readonly family: EncoderFamily;
  /** As the file has it: `xlm-roberta` is of the family `roberta`. */
  readonly architecture: string;
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
  /** Rows of the position table; 0 where there is none. */
  readonly positions: number;
  /** Rows of the segment table; 0 where there is none. */
  readonly segments: number;
  /** Token id of the padding; only RoBERTa's positions depend on it. */
  readonly padding: number;
  readonly labels: readonly string[];
}

/** Names of the transformers library. gelu_fast is another way to write gelu_new. */
const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  relu: "relu",
  silu: "silu",
  swish: "silu",
  quick_gelu: "quick-gelu",
  tanh: "tanh",
  sigmoid: "sigmoid",
  mish: "mish",
};

const FAMILIES: Readonly<Record<string, EncoderFamily>> = {
  bert: "bert",
  roberta: "roberta",
  "xlm-roberta": "roberta",
  camembert: "roberta",
  distilbert: "distilbert",
  "deept-encoder": "deept-encoder",
};

/** Values of model_type (or architecture) that `readEncoderConfig` knows. */
export const KNOWN_ARCHITECTURES: readonly string[] = Object.keys(FAMILIES);

/** What the config says that it is: `architecture`, or else `model_type`; null if neither is a string. */
export function architectureOf(config: JsonObject): string | null {
  const { architecture, model_type: type } = config;
  return typeof architecture === "string" ? architecture : typeof type === "string" ? type : null;
}

/** Whether `readEncoderConfig` knows its architecture. */
export function isEncoderConfig(config: JsonObject): boolean {
  return Object.hasOwn(FAMILIES, architectureOf(config) ?? "");
}

/** @throws UserError beginning with `where` */
export function readEncoderConfig(config: JsonObject, where: string): EncoderConfig {
  const architecture = architectureOf(config);
  if (architecture === null || !isEncoderConfig(config))
    throw new UserError(
      `${where}: model_type is ${shown(architecture ?? config.model_type)}; known are ${KNOWN_ARCHITECTURES.join(", ")}; a model of another kind can still be run as a black box if its folder has an ONNX file`,
    );
  const family = FAMILIES[architecture]!;
  const fields = new Fields(config, where);
  fields.only("is_decoder", [false]);
  fields.only("add_cross_attention", [false]);
  fields.only("problem_type", ["single_label_classification"]);
  if (config.quantization_config !== undefined)
    throw new UserError(`${where}: quantization_config is set; allowed are weights that aren't quantised`);
  checkHead(config, where);
  const labels = readLabels(config, where);
  const read =
    family === "distilbert"
      ? distilbert(fields)
      : family === "deept-encoder"
        ? deept(fields)
        : bert(fields, family);
  if (read.hidden % read.heads !== 0)
    throw new UserError(
      `${where}: ${read.heads} attention heads don't divide the hidden size ${read.hidden}; it must be a multiple`,
    );
  if (family === "roberta" && read.padding + 1 >= read.positions)
    throw new UserError(
      `${where}: max_position_embeddings is ${read.positions}; positions begin at pad_token_id + 1 = ${read.padding + 1}, so it must be larger`,
    );
  return { family, architecture, labels, ...read };
}

type Sizes = Omit<EncoderConfig, "family" | "architecture" | "labels">;

function bert(fields: Fields, family: EncoderFamily): Sizes {
  const roberta = family === "roberta";
  fields.only("position_embedding_type", ["absolute"]);
  return {
    vocabulary: fields.count("vocab_size", roberta ? 50265 : 30522),
    hidden: fields.count("hidden_size", 768),
    layers: fields.count("num_hidden_layers", 12, 0),
    heads: fields.count("num_attention_heads", 12),
    inner: fields.count("intermediate_size", 3072),
    activation: fields.activation("hidden_act"),
    epsilon: fields.positive("layer_norm_eps", 1e-12),
    positions: fields.count("max_position_embeddings", 512),
    segments: fields.count("type_vocab_size", 2),
    padding: fields.count("pad_token_id", roberta ? 1 : 0, 0),
  };
}

function distilbert(fields: Fields): Sizes {
  return {
    vocabulary: fields.count("vocab_size", 30522),
    hidden: fields.count("dim", 768),
    layers: fields.count("n_layers", 6, 0),
    heads: fields.count("n_heads", 12),
    inner: fields.count("hidden_dim", 4 * 768),
    activation: fields.activation("activation"),
    epsilon: 1e-12, // fixed in the published code
    positions: fields.count("max_position_embeddings", 512),
    segments: 0,
    padding: fields.count("pad_token_id", 0, 0),
  };
}

/** The encoders of the DeepT paper (Bonaert et al., PLDI 2021). */
function deept(fields: Fields): Sizes {
  fields.only("embedding_projection", ["linear_in"]);
  fields.only("layer_norm", ["center"]);
  fields.only("norm_placement", ["post"]);
  fields.only("position_embedding", ["none"]);
  fields.only("token_type_embedding", ["none"]);
  fields.only("pooler", ["cls-tanh"]);
  return {
    vocabulary: fields.count("vocab_size"),
    hidden: fields.count("hidden_size"),
    layers: fields.count("num_hidden_layers", undefined, 0),
    heads: fields.count("num_attention_heads"),
    inner: fields.count("intermediate_size"),
    activation: fields.activation("hidden_act"),
    epsilon: 0,
    positions: 0,
    segments: 0,
    padding: 0,
  };
}

/** Values of a config by key, each with what is allowed. */
class Fields {
  constructor(
    private readonly config: JsonObject,
    private readonly where: string,
  ) {}

  /** Absent or null counts as the first, which is the default. */
  only(key: string, allowed: readonly unknown[]): void {
    const value = this.config[key] ?? allowed[0];
    if (!allowed.includes(value)) this.fail(key, value, allowed.map(shown).join(", "));
  }

  count(key: string, otherwise?: number, least = 1): number {
    const value = this.config[key] ?? otherwise;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
      return this.fail(key, value, `integers from ${least}`);
    return value;
  }

  positive(key: string, otherwise: number): number {
    const value = this.config[key] ?? otherwise;
    if (typeof value !== "number" || !(value > 0) || value === Number.POSITIVE_INFINITY)
      return this.fail(key, value, "numbers above 0");
    return value;
  }

  activation(key: string): ActivationName {
    const value = this.config[key] ?? "gelu";
    if (typeof value !== "string" || !Object.hasOwn(ACTIVATIONS, value))
      return this.fail(key, value, Object.keys(ACTIVATIONS).join(", "));
    return ACTIVATIONS[value]!;
  }

  private fail(key: string, value: unknown, allowed: string): never {
    throw new UserError(`${this.where}: ${key} is ${shown(value)}; allowed are ${allowed}`);
  }
}

/** `architectures` names the class that the weights were saved from: its head must be one that classifies texts. */
function checkHead({ architectures }: JsonObject, where: string): void {
  if (architectures === undefined || architectures === null) return;
  const fits = (name: unknown) => typeof name === "string" && name.endsWith("ForSequenceClassification");
  if (!Array.isArray(architectures) || !architectures.every(fits))
    throw new UserError(
      `${where}: architectures is ${shown(architectures)}; allowed are classifiers of texts, whose names end in ForSequenceClassification`,
    );
}

/** id2label, else LABEL_0 to LABEL_{num_labels - 1}, 2 by default. */
export function readLabels({ id2label, num_labels: count }: JsonObject, where: string): readonly string[] {
  const size = isJsonObject(id2label) ? Object.keys(id2label).length : (count ?? 2);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 2 || size > 1_000_000)
    throw new UserError(`${where}: there are ${shown(size)} labels; a classifier has at least 2`);
  if (typeof count === "number" && count !== size)
    throw new UserError(`${where}: num_labels is ${count}, but id2label has ${size}`);
  if (!isJsonObject(id2label)) return Array.from({ length: size }, (_, y) => `LABEL_${y}`);
  const labels = Array.from({ length: size }, (_, y) => {
    const label = Object.hasOwn(id2label, y) ? id2label[y] : undefined;
    if (typeof label !== "string" || label === "")
      throw new UserError(
        `${where}: id2label gives ${y} ${shown(label)}; it must be a string that isn't empty`,
      );
    return label;
  });
  const repeated = labels.find((label, y) => labels.indexOf(label) !== y);
  if (repeated !== undefined) throw new UserError(`${where}: id2label repeats ${shown(repeated)}`);
  return labels;
}
