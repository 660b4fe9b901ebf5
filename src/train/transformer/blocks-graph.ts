/**
 * The blocks of a native Transformer as a graph over a batch: what they add to each margin, and what losing one word
 * would take from it. The formulas are those of model/native-transformer.ts and certify/lipschitz/charges.ts.
 *
 * Letters: B texts, T words, d numbers per word, H heads, v numbers per value, f hidden numbers, R margins per text.
 */
import type { Similarity } from "../../layers/similarity.js";
import {
  add,
  div,
  exp,
  matmul,
  mul,
  relu,
  reshape,
  scale,
  sqrt,
  square,
  sub,
  sum,
  transpose,
} from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";
import { heaviest, scores } from "./score-graph.js";
import { headWindows, pulledSum, pulledWeights, type WindowMasks, windowMasks } from "./windows-graph.js";

/** The tensors of one block, all weights as in layers/: [out, in]. */
export interface BlockTensors {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly output: Tensor;
  readonly inner: Tensor;
  readonly outer: Tensor;
  /** [1] each */
  readonly attentionGain: Tensor;
  readonly feedForwardGain: Tensor;
}

export interface BlockSettings {
  readonly heads: number;
  readonly similarity: Similarity;
  readonly scoreLimit: number;
  readonly nullMass: number;
  /** Words that a head sees on its side; 0: everything. */
  readonly window: number;
}

export interface BlockPass {
  /** [B, T, d] what leaves the block; nothing where there is no word. */
  readonly out: Tensor;
  /** [B, T, d] behind the attention branch. */
  readonly middle: Tensor;
  /** [B, H, T, T] weights, 0 for keys that aren't there or aren't seen. */
  readonly weights: Tensor;
  /** [B, H, T, T] the same, if all that are there were seen. */
  readonly every: Tensor;
  readonly windows: WindowMasks | null;
  /** [B, H, T] null mass and weights. */
  readonly mass: Tensor;
  /** [B, H, T, v] */
  readonly values: Tensor;
  /** [B, H, T, v] mixed values. */
  readonly mixed: Tensor;
  /** [B, T, f] hidden numbers of the feed-forward branch. */
  readonly hidden: Tensor;
}

/**
 * @param x [B, T, d]
 * @param mask [B, T] 1 where there is a word
 */
export function blockPass(
  p: BlockTensors,
  x: Tensor,
  mask: Tensor,
  settings: BlockSettings,
  /** What a branch reads, where it isn't the residual stream itself. */
  read: (branch: "attention" | "feedForward", stream: Tensor) => Tensor = (_, stream) => stream,
): BlockPass {
  const [texts, words] = x.shape as [number, number, number];
  const { heads, similarity, scoreLimit, nullMass } = settings;
  const seen = read("attention", x);
  const parted = (weight: Tensor) => {
    const rows = weight.shape[0]! / heads;
    const projected = reshape(matmul(seen, transpose(weight, [1, 0])), [texts, words, heads, rows]);
    return transpose(projected, [0, 2, 1, 3]);
  };
  const queries = parted(p.query);
  const keys = parted(p.key);
  const values = parted(p.value);
  const there = reshape(mask, [texts, 1, 1, words]);
  const every = mul(exp(scores(queries, keys, similarity, scoreLimit)), there);
  const limits = headWindows(heads, settings.window);
  const windows = limits === null ? null : windowMasks(mask, limits);
  const weights = windows === null ? every : mul(every, windows.seen);
  const mass = add(sum(weights, [3], false), x.tape.scalar(nullMass));
  const mixed = matmul(div(weights, reshape(mass, [texts, heads, words, 1])), values);
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [texts, words, p.value.shape[0]!]);
  const attended = matmul(joined, transpose(p.output, [1, 0]));
  const mask3 = reshape(mask, [texts, words, 1]);
  const middle = mul(add(x, mul(attended, p.attentionGain)), mask3);
  const hidden = relu(matmul(read("feedForward", middle), transpose(p.inner, [1, 0])));
  const out = add(middle, mul(matmul(hidden, transpose(p.outer, [1, 0])), p.feedForwardGain));
  return { out, middle, weights, every, windows, mass, values, mixed, hidden };
}

/** What one block adds to each of R numbers that are read along directions, by word and head. */
export interface Reading {
  /** [B, R] */
  readonly total: Tensor;
  /** [B, T, R] of each word. */
  readonly own: Tensor;
  /** [B, H, T, R] the values and the mixed values along each direction. */
  readonly there: Tensor;
  readonly here: Tensor;
  /** [B, R, f] the directions seen from the hidden numbers. */
  readonly outward: Tensor;
}

/** @param directions [B, R, d] */
export function reading(
  p: BlockTensors,
  pass: BlockPass,
  mask: Tensor,
  directions: Tensor,
  { heads }: BlockSettings,
): Reading {
  const [texts, margins] = directions.shape as [number, number, number];
  const words = mask.shape[1]!;
  const depth = p.value.shape[0]! / heads;
  const mask4 = reshape(mask, [texts, 1, words, 1]);
  const forms = reshape(mul(matmul(directions, p.output), p.attentionGain), [texts, margins, heads, depth]);
  const form = transpose(forms, [0, 2, 3, 1]);
  const there = mul(matmul(pass.values, form), mask4);
  const here = mul(matmul(pass.mixed, form), mask4);
  const outward = mul(matmul(directions, p.outer), p.feedForwardGain);
  const forward = mul(matmul(pass.hidden, transpose(outward, [0, 2, 1])), reshape(mask, [texts, words, 1]));
  const own = add(sum(here, [1], false), forward);
  return { total: sum(own, [1], false), own, there, here, outward };
}

/**
 * [B, T, R] What taking one word away costs each number, at most, where the block's input of the other words stays: for
 * attention the exact change of kept queries' outputs, for feed-forward its change by a Lipschitz bound. Never below 0. With windows
 * what is pulled in where the word was is part of the change.
 */
export function charge(
  p: BlockTensors,
  pass: BlockPass,
  mask: Tensor,
  { own, there, here, outward }: Reading,
  { heads }: BlockSettings,
): Tensor {
  const { tape } = mask;
  const [texts, words] = mask.shape as [number, number];
  const margins = own.shape[2]!;
  const [width, joined] = p.output.shape as [number, number];
  const depth = joined / heads;
  const { weights, every, windows, mass, values, mixed } = pass;

  // Others' change when word j goes: sum over i of w_ij / (D_i - w_ij) (u(z_j) - u(o_i)).
  // With a window, also w_ip / D_i' (u(z_p) - u(o_i)) for the p that is pulled in, and D_i' = D_i - w_ij + w_ip.
  const pulled = windows === null ? null : pulledWeights(windows, every);
  const without = sub(reshape(mass, [texts, heads, words, 1]), weights);
  const rest = pulled === null ? without : add(without, pulled);
  const apart = tape.constant(
    [1, 1, words, words],
    Float32Array.from({ length: words * words }, (_, n) => (n % (words + 1) === 0 ? 0 : 1)),
  );
  const queries = reshape(mask, [texts, 1, words, 1]);
  const share = mul(mul(div(weights, rest), queries), apart);
  const pulledShare = pulled === null ? null : mul(div(pulled, rest), queries);
  const received = transpose(share, [0, 1, 3, 2]);
  const total = reshape(sum(share, [2], false), [texts, heads, words, 1]);
  const lost = sub(mul(there, total), matmul(received, here));
  const gained =
    windows === null ? null : pulledSum(windows, pulledShare!, (next) => sub(matmul(next, there), here));
  const others = sum(gained === null ? lost : sub(lost, gained), [1], false);

  // Feed-forward of the others: Lipschitz constant along each direction times how far their input moves.
  const back = reshape(transpose(reshape(p.output, [width, heads, depth]), [1, 2, 0]), [
    1,
    heads,
    depth,
    width,
  ]);
  const zs = matmul(values, back);
  const os = matmul(mixed, back);
  const zz = transpose(sum(square(zs), [3], true), [0, 1, 3, 2]);
  const oo = sum(square(os), [3], true);
  const squares = add(sub(zz, scale(matmul(os, transpose(zs, [0, 1, 3, 2])), 2)), oo);
  const distances = sqrt(add(relu(squares), tape.scalar(1e-6)));
  const byLost = reshape(sum(mul(share, distances), [1, 2], false), [texts, words, 1]);
  const moved =
    windows === null
      ? byLost
      : add(
          byLost,
          sum(
            pulledSum(windows, pulledShare!, (next) => sum(mul(next, distances), [3], true)),
            [1],
            false,
          ),
        );
  const gain = length(square(p.attentionGain));
  const slopes = length(sum(square(p.inner), [1], false));
  const lipschitz = sum(mul(length(square(outward)), slopes), [2], false);
  const shaken = mul(mul(moved, gain), reshape(lipschitz, [texts, 1, margins]));

  return relu(add(add(own, others), mul(shaken, reshape(mask, [texts, words, 1]))));
}

/**
 * [B, R] What edits can take from a second or later block, in the manner of certify/lipschitz/later-blocks.ts but without its
 * constants: each edit takes a token and brings one, whose own branches and whose part in the others' attention are as large as
 * any token's of that length. It is no bound; it has the slopes that make the bound small.
 */
export function laterCharge(
  p: BlockTensors,
  directions: Tensor,
  { similarity, scoreLimit }: BlockSettings,
  longest: number,
): Tensor {
  const attended = matmul(matmul(directions, p.output), p.value);
  const attention = mul(
    mul(length(sum(square(attended), [2], false)), length(square(p.attentionGain))),
    directions.tape.scalar(1 + heaviest(similarity, scoreLimit)),
  );
  const outward = matmul(directions, p.outer);
  const slopes = length(sum(square(p.inner), [1], false));
  const forward = mul(
    sum(mul(length(square(outward)), slopes), [2], false),
    length(square(p.feedForwardGain)),
  );
  return scale(add(attention, forward), 2 * longest);
}

/** Square root that has a slope at 0. */
function length(squares: Tensor): Tensor {
  return sqrt(add(squares, squares.tape.scalar(1e-12)));
}
