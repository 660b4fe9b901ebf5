/**
 * How far the float64 forward of a native Transformer can be from the real function, before anything is run.
 *
 * Theorem. For a text of at most n tokens the computed difference of two logits differs from the real one by at most
 * `forwardRounding`. Proof. Sums of m products err by at most m 2^-53 / (1 - m 2^-53) of the sum of their sizes; with m <= 2^12 for
 * tokens and widths, that is below 2^-40. Math.exp and tanh are taken to be right to 2^-44 of their size. Let X bound |h| (rows as they are,
 * then each branch's own bound added), |.|_F Frobenius norms, which bound sums of sizes. Scores err by at most
 * 2^-39 S, S = scale |W_q| |W_k| X^2 (cosine and distance: below), after which tanh and exp change weights by at most four times that,
 * relatively (below 2^-6); so outputs o err by at most 2^-38 (1 + S) |W_o| |W_v| X, and branches of feed-forward by 2^-38 |W_2| |W_1| Y plus
 * what comes in times the Lipschitz constant, at most |W_2| 1.13 |W_1|. An error e that has come in moves scores by at most 2 S e / X, and so is
 * carried through attention by at most |W_o| |W_v| (1 + 4 S) times itself. Everything is multiplied by |readout| and summed over n tokens.
 * Cosine: S = limit (1 + (|W_q| + |W_k|) X / sqrt(epsilon)), since q / sqrt(|q|^2 + epsilon) has slope at most 1 / sqrt(epsilon) and rounds
 * within 2^-40 of its length, which is below 1. Distance: S = scale (|W_q| + |W_k|)^2 X^2, for |q - k| <= (|W_q| + |W_k|) X and the slope of the
 * square is at most twice that.
 * What a bound starts from is the forward of the text as it stands, which is off by as much: the result is twice that.
 * The rest of the method (charges.ts, later-blocks.ts) counts on numbers that neither overflow nor underflow: scores of at most
 * 100, a null mass from 2^-200 to 2^200, and errors, which are at least 2^-38 of all sizes, of at most 2^200.
 * The sum of a text's evidence is exact; adding the two parts rounds once more: 2^-50 of 2^20 at most is below GRID, which is charged.
 */
import type { NullMassAttention } from "../../layers/attention.js";
import type { NativeTransformer } from "../../model/native-transformer.js";
import type { Matrix } from "../../numeric/matrix.js";
import { frobeniusNormUp } from "../../numeric/norms.js";

const STEP = 2 ** -38;

/**
 * Sums of at most MOST_TERMS numbers above 0 err by at most so much of themselves; what is left when some are taken off again errs by
 * as much of the sum of all, which may be far more than what is left.
 */
export const SUMS = 2 ** -40;
/** Relative error of a charge, of the sum of the sizes of its terms. */
export const SLACK = 2 ** -30;

/** Square root from above of a computed sum of products whose sizes add up to `size` squared. */
export function rootUp(square: number, size: number): number {
  return Math.sqrt(Math.max(0, square) + 2 ** -38 * size * size) * (1 + 1e-9);
}

/** The most terms in a sum: tokens, and widths. */
export const MOST_TERMS = 2 ** 12;
/** Relative errors of weights up to here are within four times those of their scores. */
const MOST_WEIGHT_ERROR = 2 ** -6;
/** Beyond these nothing is said. */
const MOST_SCORE = 100;
const MOST = 2 ** 200;

const known = new WeakMap<NativeTransformer, number>();

/** Infinity where the theorem says nothing: more than MOST_TERMS tokens or channels, or weights beyond all measure. */
export function forwardRounding(model: NativeTransformer, winner: number, rival: number, n: number): number {
  if (n > MOST_TERMS) return Number.POSITIVE_INFINITY;
  let per = known.get(model);
  if (per === undefined) {
    per = perToken(model);
    known.set(model, per);
  }
  const { columns, data } = model.readout;
  const length = frobeniusNormUp(rowOf(data, columns, winner)) + frobeniusNormUp(rowOf(data, columns, rival));
  const error = 2 * (n + 1) * length * per * (1 + 2 ** -20) + 2 ** -20;
  return error < MOST ? error : Number.POSITIVE_INFINITY;
}

/** The error of the sum of one token's branches. */
function perToken({ embedding, blocks }: NativeTransformer): number {
  let longest = 0;
  for (let row = 0; row < embedding.rows; row++)
    longest = Math.max(longest, frobeniusNormUp(rowOf(embedding.data, embedding.columns, row)));
  let error = 0;
  let branch = 0;
  for (const { attention, attentionGain, feedForward, feedForwardGain } of blocks) {
    const scores = scoreSize(attention, longest);
    const through =
      Math.abs(attentionGain) *
      frobeniusNormUp(attention.output.weight) *
      frobeniusNormUp(attention.value.weight);
    const widest = Math.max(
      embedding.columns,
      attention.query.weight.rows,
      attention.value.weight.rows,
      feedForward.inner.weight.rows,
    );
    if (widest > MOST_TERMS || !(scores * 2 * STEP < MOST_WEIGHT_ERROR) || !isMeasured(attention, scores))
      return Number.POSITIVE_INFINITY;
    const fromAttention = through * ((1 + 4 * scores) * error + STEP * (1 + scores) * longest);
    longest += through * longest;
    error += fromAttention;
    const outer =
      Math.abs(feedForwardGain) *
      frobeniusNormUp(feedForward.outer.weight) *
      frobeniusNormUp(feedForward.inner.weight);
    const fromFeedForward = outer * (1.13 * error + STEP * 1.13 * longest);
    longest += 1.13 * outer * longest;
    error += fromFeedForward;
    branch += fromAttention + fromFeedForward + STEP * longest;
  }
  return branch;
}

/** `scores`: S of the theorem, which no score but a cosine exceeds either. */
function isMeasured({ limit, nullMass }: NullMassAttention, scores: number): boolean {
  const measured = limit < Number.POSITIVE_INFINITY && Math.min(limit, scores) <= MOST_SCORE;
  return measured && nullMass > 1 / MOST && nullMass < MOST;
}

/** S of the theorem, for tokens of at most this length. */
function scoreSize(layer: NullMassAttention, longest: number): number {
  const queries = frobeniusNormUp(layer.query.weight) * longest;
  const keys = frobeniusNormUp(layer.key.weight) * longest;
  switch (layer.similarity) {
    case "cosine":
      return layer.limit * (1 + (queries + keys) / Math.sqrt(layer.epsilon));
    case "distance":
      return layer.scale * (queries + keys) ** 2;
    default:
      return Math.abs(layer.scale) * queries * keys;
  }
}

function rowOf(data: Matrix["data"], columns: number, row: number): Matrix {
  return { rows: 1, columns, data: data.subarray(row * columns, (row + 1) * columns) };
}
