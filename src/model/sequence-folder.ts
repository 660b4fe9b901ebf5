/**
 * A sequence model as a folder of files, in memory: what the transformers libraries save.
 *
 * - `config.json`: labels, architecture, and the longest text (`max_words`).
 * - `tokenizer.json`, `tokenizer_config.json` (which may be missing): see tokenizer/huggingface.ts.
 * - `model.safetensors`: the weights of a known architecture; or else
 * - `onnx/model.onnx`, or `model.onnx`: a graph, in which the weights of an encoder are looked for. A quantised graph is
 *   taken only where there is no other, and that is noted.
 *
 * Promise: the encoder is what the files say; a file that is missing or wrong is one UserError that names it. What
 * can't be known of a graph is said in a note, never guessed.
 */
import { UserError } from "../failure.js";
import { huggingfaceTokenizer } from "../tokenizer/huggingface.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { ModelIdentity } from "./classifier.js";
import type { Encoder } from "./encoder.js";
import { architectureOf, isEncoderConfig, readLabels } from "./encoder-config.js";
import { type JsonObject, parseJsonObject, shown } from "./json.js";
import { loadEncoder } from "./load-encoder.js";
import { parseOnnx } from "./onnx/parse.js";
import { encoderFromOnnx } from "./onnx/read.js";
import { UnsupportedGraph } from "./onnx/unsupported.js";
import type { GraphLimits } from "./ort-backend.js";
import { sequenceIdentityBytes } from "./sequence-identity.js";

/** Files that hold a graph, the first that is there counts. */
export const GRAPH_FILES: readonly string[] = ["onnx/model.onnx", "model.onnx", "onnx/model_quantized.onnx"];

export interface SequenceFolder {
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  /** The network as data, or null where it is only a graph. */
  readonly encoder: Encoder | null;
  /** The graph that came with it, where that is what was read. */
  readonly graph: Uint8Array | null;
  readonly limits: GraphLimits;
  /** What a user should know of how it was read; one line each. */
  readonly notes: readonly string[];
}

type Files = (name: string) => Promise<Uint8Array | null>;

interface Network {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly encoder: Encoder | null;
  readonly graph: Uint8Array | null;
  /** Whether the numbers of a sequence depend on those that it is run with. */
  readonly alone: boolean;
  readonly notes: readonly string[];
}

/**
 * @param files gives a file of the folder, or null where there is none
 * @param sha256 the SHA-256 of bytes in lower-case hexadecimal
 * @param name becomes the model's name
 * @param where what messages call the folder
 * @throws UserError naming the file and what is wrong with it
 */
export async function readSequenceFolder(
  files: Files,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string> | string,
  name: string,
  where: string = name,
): Promise<SequenceFolder> {
  const configBytes = await needed(files, where, "config.json");
  const config = parseJsonObject(configBytes, `${where}/config.json`);
  const labels = readLabels(config, `${where}/config.json`);
  checkProblem(config, where);
  const network = await readNetwork(files, where, configBytes, config, labels);
  const tokenizerBytes = await needed(files, where, "tokenizer.json");
  const tokenizerConfigBytes = await files("tokenizer_config.json");
  const mostTokens = network.encoder?.mostTokens ?? longestSequence(config);
  const tokenizer = huggingfaceTokenizer(
    parseJsonObject(tokenizerBytes, `${where}/tokenizer.json`),
    tokenizerConfigBytes === null
      ? {}
      : parseJsonObject(tokenizerConfigBytes, `${where}/tokenizer_config.json`),
    { most: mostTokens, maxWords: maxWords(config, where), where },
  );
  const vocabulary = network.encoder?.embedding.tokens.rows ?? vocabularySize(config) ?? tokenizer.size;
  if (tokenizer.size > vocabulary)
    throw new UserError(
      `${where}/tokenizer.json has token ids up to ${tokenizer.size - 1}; the model reads 0 to ${vocabulary - 1}`,
    );
  const read = new Map([
    [network.file, network.bytes],
    ["tokenizer.json", tokenizerBytes],
  ]);
  if (tokenizerConfigBytes !== null) read.set("tokenizer_config.json", tokenizerConfigBytes);
  const hashes = new Map<string, string>();
  for (const [file, bytes] of read) hashes.set(file, await sha256(bytes as Uint8Array<ArrayBuffer>));
  return {
    identity: {
      name,
      sha256: await sha256(sequenceIdentityBytes(labels, config, hashes)),
      tokenizer: hashes.get("tokenizer.json")!,
    },
    labels,
    tokenizer,
    encoder: network.encoder,
    graph: network.graph,
    limits: { vocabulary, labels: labels.length, mostTokens, alone: network.alone },
    notes: network.notes,
  };
}

async function needed(files: Files, where: string, name: string): Promise<Uint8Array> {
  const bytes = await files(name);
  if (bytes === null)
    throw new UserError(
      `${where} has no ${name}; a model folder needs config.json, tokenizer.json, and model.safetensors or onnx/model.onnx`,
    );
  return bytes;
}

async function readNetwork(
  files: Files,
  where: string,
  configBytes: Uint8Array,
  config: JsonObject,
  labels: readonly string[],
): Promise<Network> {
  const weights = await files("model.safetensors");
  const notes: string[] = [];
  if (weights !== null) {
    try {
      const encoder = loadEncoder(configBytes, weights, where);
      return { file: "model.safetensors", bytes: weights, encoder, graph: null, alone: false, notes };
    } catch (error) {
      // A graph may still run what the weights alone don't tell.
      if (!(error instanceof UserError) || !(await anyGraph(files))) throw error;
      notes.push(error.message);
    }
  }
  for (const file of GRAPH_FILES) {
    const graph = await files(file);
    if (graph === null) continue;
    if (file.includes("quantized"))
      notes.push(`${where} has no graph but ${file}, whose weights are rounded`);
    const encoder = encoderOf(graph, `${where}/${file}`, labels, architectureOf(config) ?? "unknown", notes);
    // A dynamically quantised graph finds its scales in all that is run at once.
    const alone =
      encoder === null && parseOnnx(graph).nodes.some(({ op }) => op.startsWith("DynamicQuantize"));
    return { file, bytes: graph, encoder, graph, alone, notes };
  }
  throw new UserError(
    isEncoderConfig(config)
      ? `${where} has no model.safetensors and no onnx/model.onnx; a model folder needs one of them`
      : `${where} has no onnx/model.onnx; a model of the type ${shown(architectureOf(config))} needs one`,
  );
}

async function anyGraph(files: Files): Promise<boolean> {
  for (const file of GRAPH_FILES) if ((await files(file)) !== null) return true;
  return false;
}

/** The encoder whose weights stand in a graph, or null with a note that says why none was found. */
function encoderOf(
  graph: Uint8Array,
  where: string,
  labels: readonly string[],
  architecture: string,
  notes: string[],
): Encoder | null {
  try {
    return encoderFromOnnx(graph, { labels, architecture });
  } catch (error) {
    if (error instanceof UnsupportedGraph) {
      notes.push(`${where} is run as a black box: ${error.message}`);
      return null;
    }
    if (error instanceof UserError) throw new UserError(`${where}: ${error.message}`);
    throw error;
  }
}

/** One label is the answer: the one with the largest logit. */
function checkProblem({ problem_type: problem }: JsonObject, where: string): void {
  if (problem !== undefined && problem !== null && problem !== "single_label_classification")
    throw new UserError(
      `${where}/config.json: problem_type is ${shown(problem)}; allowed is "single_label_classification"`,
    );
}

/** `max_words`: how many of a text's words are read (the DeepT models). */
function maxWords({ max_words: most }: JsonObject, where: string): number {
  if (most === undefined || most === null) return Number.POSITIVE_INFINITY;
  if (typeof most !== "number" || !Number.isSafeInteger(most) || most < 1)
    throw new UserError(`${where}/config.json: max_words is ${shown(most)}; allowed are integers from 1`);
  return most;
}

/** What the config of a black box says of its positions; Infinity where it says nothing. */
function longestSequence(config: JsonObject): number {
  const { max_position_embeddings: rows, pad_token_id: padding } = config;
  if (typeof rows !== "number" || !Number.isSafeInteger(rows) || rows < 1) return Number.POSITIVE_INFINITY;
  // In RoBERTa and what comes from it, positions begin behind the padding's.
  const roberta = /roberta|camembert|longformer|mpnet/.test(architectureOf(config) ?? "");
  return roberta ? rows - 1 - (typeof padding === "number" ? padding : 1) : rows;
}

function vocabularySize({ vocab_size: size }: JsonObject): number | null {
  return typeof size === "number" && Number.isSafeInteger(size) && size > 0 ? size : null;
}
