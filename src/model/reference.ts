/**
 * The meaning of an `Encoder`: its forward pass in float64, one sequence at a time, made of the layers' own forwards.
 *
 * Promise: every backend is held against this one. Sums run in a fixed order, so the same encoder and tokens give the
 * same bits wherever the machine's `Math.exp`, `tanh` and the like do.
 */
import { UserError } from "../failure.js";
import { attention } from "../layers/attention.js";
import { feedForward, feedForwardStep } from "../layers/feed-forward.js";
import { head } from "../layers/head.js";
import { linear } from "../layers/linear.js";
import { normalize } from "../layers/norm.js";
import { pool } from "../layers/pooling.js";
import { residual } from "../layers/residual.js";
import { type Backend, checkTokens } from "./backend.js";
import type { Block, Embedding, Encoder, Positions } from "./encoder.js";

/**
 * Logits [labels] of a framed sequence.
 * @throws UserError if it is empty, longer than the encoder reads, or holds an id outside the vocabulary
 */
export function referenceLogits(encoder: Encoder, ids: Int32Array): Float64Array {
  const { hiddenSize: d, finalNorm, pooling } = encoder;
  checkSequence(encoder, ids);
  let x = embed(encoder.embedding, ids, d);
  for (const block of encoder.blocks) x = transform(block, x, d);
  return head(encoder.head, pool(pooling, normalize(finalNorm, x, d), d));
}

/** The reference as a backend. */
export function referenceBackend(encoder: Encoder): Backend {
  let open = true;
  return {
    name: "reference",
    arithmetic: "float64",
    async logits(sequences) {
      if (!open) throw new UserError("the reference backend was closed; make a new one");
      return sequences.map((ids) => referenceLogits(encoder, ids));
    },
    async close() {
      open = false;
    },
  };
}

/** @throws UserError unless the encoder can read the sequence */
export function checkSequence(encoder: Encoder, ids: Int32Array): void {
  checkTokens(ids, encoder.embedding.tokens.rows, encoder.mostTokens);
}

/** What the first block reads: [n * d]. */
export function embed(embedding: Embedding, ids: Int32Array, d: number): Float64Array {
  const { tokens, projection, positions, segment } = embedding;
  const width = tokens.columns;
  const rows = new Float64Array(ids.length * width);
  ids.forEach((id, i) => {
    rows.set(tokens.data.subarray(id * width, (id + 1) * width), i * width);
  });
  const x = projection === null ? rows : linear(projection, rows);
  if (positions.kind !== "none") {
    const places = positionRows(positions, ids);
    for (let i = 0; i < ids.length; i++)
      for (let c = 0; c < d; c++) x[i * d + c]! += positions.table.data[places[i]! * d + c]!;
  }
  if (segment !== null) for (let i = 0; i < x.length; i++) x[i]! += segment[i % d]!;
  return normalize(embedding.norm, x, d);
}

/** The row of the table that each token gets. */
export function positionRows(positions: Exclude<Positions, { kind: "none" }>, ids: Int32Array): Int32Array {
  const { offset } = positions;
  if (positions.kind === "absolute") return ids.map((_, i) => offset + i);
  let count = 0;
  return ids.map((id) => (id === positions.padding ? offset - 1 : offset + count++));
}

/** One block: [n * d] gives [n * d]. */
export function transform(block: Block, x: Float64Array, d: number): Float64Array {
  const { attentionNorm, feedForwardNorm } = block;
  if (block.normPlacement === "pre") {
    const a = residual(x, attention(block.attention, normalize(attentionNorm, x, d)));
    return residual(a, feedForward(block.feedForward, normalize(feedForwardNorm, a, d)));
  }
  const a = normalize(attentionNorm, residual(x, attention(block.attention, x)), d);
  return normalize(feedForwardNorm, feedForwardStep(block.feedForward, a), d);
}
