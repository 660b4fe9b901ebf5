/**
 * Whether a backend computes what the model means, tried on a few fixed sequences before it is used.
 *
 * Promise: a backend that passes differs from the float64 reference by at most TOLERANCE times the size of the logits
 * on sequences of every length that there was time for: 1, 2, 3, 5, 8, ... and the longest. It is a test and no proof:
 * it finds a wrong runtime, a wrong graph or a wrong option; float32 itself differs by a hundredth of that.
 */
import type { Backend } from "./backend.js";
import type { Encoder } from "./encoder.js";
import { referenceLogits } from "./reference.js";

/** Of the largest logit's size, at least 1. */
export const TOLERANCE = 1e-4;
/** Multiplications that the reference may take; one of a sequence of 2 tokens is made in any case. */
const BUDGET = 1e8;
/** Longer sequences aren't tried where there is no limit. */
const LONG = 512;

/** The first sequence on which they differ by more than allowed, or null. */
export interface Difference {
  /** Tokens of the sequence. */
  readonly tokens: number;
  readonly found: number;
  readonly expected: number;
  readonly allowed: number;
}

/** @throws UserError if the backend can't run one of the sequences */
export async function selfTest(backend: Backend, encoder: Encoder): Promise<Difference | null> {
  const sequences = trialSequences(encoder);
  const logits = await backend.logits(sequences);
  for (const [i, ids] of sequences.entries()) {
    const expected = referenceLogits(encoder, ids);
    const allowed = TOLERANCE * Math.max(1, ...expected.map(Math.abs));
    for (const [y, value] of expected.entries()) {
      const found = logits[i]![y]!;
      // Written so that NaN is a difference.
      if (!(Math.abs(found - value) <= allowed))
        return { tokens: ids.length, found, expected: value, allowed };
    }
  }
  return null;
}

/** Two sequences of each length, so that some share a run: fixed ids from all over the vocabulary. */
export function trialSequences(encoder: Encoder): Int32Array[] {
  const size = encoder.embedding.tokens.rows;
  const longest = Math.min(encoder.mostTokens, LONG);
  const lengths: number[] = [];
  let work = 0;
  for (let [a, b] = [1, 2]; a < longest; [a, b] = [b, a + b]) {
    work += 2 * multiplications(encoder, a);
    if (work > BUDGET && a > 2) break;
    lengths.push(a);
  }
  if (lengths.length === 0 || work + 2 * multiplications(encoder, longest) <= BUDGET) lengths.push(longest);
  // Knuth's multiplicative steps visit the whole vocabulary evenly, the same everywhere.
  let at = 0;
  const id = (): number => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return Math.floor((at / 2 ** 32) * size);
  };
  return lengths.flatMap((length) => [0, 1].map(() => Int32Array.from({ length }, id)));
}

/** About those of the reference, for a sequence of n tokens: each number of a block meets each token once. */
function multiplications({ embedding, blocks, hiddenSize: d, head }: Encoder, n: number): number {
  return (
    n * (numbersIn(embedding.projection) + numbersIn(blocks)) +
    2 * blocks.length * n * n * d +
    numbersIn(head)
  );
}

function numbersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) return (value as Float64Array).length;
  return Object.values(value).reduce((sum: number, part) => sum + numbersIn(part), 0);
}
