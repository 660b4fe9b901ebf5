/**
 * What runs a model on token sequences: the float64 reference, ONNX Runtime native or wasm.
 *
 * Promise: the logits of a sequence don't depend on the sequences that it is given with, up to the rounding of
 * the backend's arithmetic: sequences that share a run have the same length, so nothing is padded and nothing masked.
 */
import { UserError } from "../failure.js";

export interface Backend {
  /** `reference`, `onnxruntime-node` or `onnxruntime-web`, with the version of the package: `onnxruntime-node 1.30.0`. */
  readonly name: string;
  readonly arithmetic: "float64" | "float32";
  /**
   * Logits of each framed sequence, in order. Lengths may differ: they are grouped by length inside.
   * @throws UserError if a sequence is empty or a token id isn't the model's
   */
  logits(sequences: readonly Int32Array[]): Promise<readonly Float64Array[]>;
  /** Frees what the backend holds; it can't be used afterwards. */
  close(): Promise<void>;
}

/**
 * Sequences in one run, and tokens in one run, whichever is less. From 8 sequences on a run costs the same per sequence
 * (measured: d = 64, 3 layers, 12 to 32 tokens; d = 256, 4 layers, 20 to 120 tokens; one thread, native and wasm);
 * from some 4,000 tokens on it costs more again.
 */
export const BATCH_SEQUENCES = 64;
export const BATCH_TOKENS = 2048;

/**
 * Groups the indices of sequences into runs: sequences of a run have one length; no run holds more than
 * `BATCH_SEQUENCES` sequences, nor more than `BATCH_TOKENS` tokens unless it is a single sequence.
 */
export function batchesByLength(sequences: readonly ArrayLike<number>[]): number[][] {
  const byLength = new Map<number, number[]>();
  sequences.forEach(({ length }, i) => {
    const same = byLength.get(length);
    if (same === undefined) byLength.set(length, [i]);
    else same.push(i);
  });
  const runs: number[][] = [];
  for (const [length, indices] of byLength) {
    const most = Math.max(1, Math.min(BATCH_SEQUENCES, Math.floor(BATCH_TOKENS / Math.max(1, length))));
    for (let i = 0; i < indices.length; i += most) runs.push(indices.slice(i, i + most));
  }
  return runs;
}

/** @throws UserError if a sequence has no tokens, more than `most`, or a token id that isn't below `vocabulary` */
export function checkTokens(ids: Int32Array, vocabulary: number, most: number, least = 1): void {
  if (ids.length < least)
    throw new UserError(`the model was given a sequence of ${ids.length} tokens; it needs at least ${least}`);
  if (ids.length > most)
    throw new UserError(`the model was given a sequence of ${ids.length} tokens; it reads at most ${most}`);
  for (let i = 0; i < ids.length; i++)
    if (ids[i]! < 0 || ids[i]! >= vocabulary)
      throw new UserError(
        `token ${i} of a sequence has the id ${ids[i]}; the model's vocabulary has 0 to ${vocabulary - 1}`,
      );
}
