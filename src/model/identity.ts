/**
 * What a model's hash is taken over: everything that decides an answer, and nothing else.
 *
 * Layout without blocks: UTF-8 JSON of {format, fold, kind, labels, tokens} in this order, then evidence and bias as float64,
 * little-endian. With blocks the JSON goes on with {blocks, matrices}: their options, and name, rows and columns of each
 * matrix; behind the bias follow the row of each token as int32, then the matrices in that order as float64.
 * The JSON ends where its braces close and says how many numbers follow, so different models give different
 * bytes. The name, the model card and how the numbers are packed in files don't count.
 */
import type { Matrix } from "../numeric/matrix.js";
import { FOLD_VERSION } from "../text/fold-table.js";
import { utf8Encode } from "../text/utf8.js";
import { packBlocks } from "./block-format.js";
import { littleEndian } from "./little-endian.js";
import type { NativeWeights } from "./native.js";
import type { TransformerWeights } from "./native-transformer.js";

export const IDENTITY_FORMAT = "typoproof-additive/1";
export const TRANSFORMER_IDENTITY_FORMAT = "typoproof-transformer/1";

/** Canonical bytes of a model; the SHA-256 of them, in hexadecimal, is `ModelIdentity.sha256`. */
export function identityBytes({
  labels,
  vocabulary,
  evidence,
  bias,
}: NativeWeights): Uint8Array<ArrayBuffer> {
  const { kind, tokens } = vocabulary;
  const head = { format: IDENTITY_FORMAT, fold: FOLD_VERSION, kind, labels, tokens };
  return joined([utf8Encode(JSON.stringify(head)), littleEndian(evidence), littleEndian(bias)]);
}

/** The same of a model with blocks. */
export function transformerIdentityBytes(
  { labels, vocabulary, evidence, bias }: NativeWeights,
  weights: TransformerWeights,
): Uint8Array<ArrayBuffer> {
  const { kind, tokens } = vocabulary;
  const { blocks, matrices } = allMatrices(weights);
  const head = {
    format: TRANSFORMER_IDENTITY_FORMAT,
    fold: FOLD_VERSION,
    kind,
    labels,
    tokens,
    blocks,
    matrices: [...matrices].map(([name, { rows, columns }]) => [name, rows, columns]),
  };
  return joined([
    utf8Encode(JSON.stringify(head)),
    littleEndian(evidence),
    littleEndian(bias),
    littleEndian(weights.rows),
    ...[...matrices.values()].map(({ data }) => littleEndian(Float64Array.from(data))),
  ]);
}

/** The blocks' options and every matrix of a native Transformer by name, embedding and readout first. */
export function allMatrices({
  embedding,
  readout,
  blocks,
}: TransformerWeights): ReturnType<typeof packBlocks> {
  const packed = packBlocks(blocks);
  const matrices = new Map<string, Matrix>([
    ["embedding", embedding],
    ["readout", readout],
    ...packed.matrices,
  ]);
  return { blocks: packed.blocks, matrices };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
