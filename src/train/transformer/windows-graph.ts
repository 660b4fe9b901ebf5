/**
 * Windows (layers/windows.ts) in the graph of the blocks: which keys the heads of each query see, and what is pulled in when
 * one of them goes.
 *
 * Letters as in blocks-graph.ts. Places are counted among the words that are there.
 */
import type { Window } from "../../layers/windows.js";
import {
  add,
  concat,
  greater,
  matmul,
  mul,
  reshape,
  scale,
  sub,
  sum,
  transpose,
} from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/** Even heads look back, odd heads look ahead, one head looks both ways; of n words each. Null for 0: there are no windows. */
export function headWindows(heads: number, n: number): Window[] | null {
  if (n === 0) return null;
  if (heads === 1) return [{ before: n, after: n }];
  return Array.from({ length: heads }, (_, h) =>
    h % 2 === 0 ? { before: n, after: 0 } : { before: 0, after: n },
  );
}

/** [B, H, T, T] each, query by key, 1 or 0. */
export interface WindowMasks {
  /** Keys that the query sees. */
  readonly seen: Tensor;
  readonly before: Side;
  readonly after: Side;
}

export interface Side {
  /** Keys that it sees on this side. */
  readonly seen: Tensor;
  /** The one key next to them, which it would see if one of them went. */
  readonly next: Tensor;
}

/** @param mask [B, T] 1 where there is a word */
export function windowMasks(mask: Tensor, windows: readonly Window[]): WindowMasks {
  const { tape } = mask;
  const [texts, words] = mask.shape as [number, number];
  const square = (value: (i: number, j: number) => boolean) =>
    tape.constant(
      [words, words],
      Float32Array.from({ length: words * words }, (_, n) =>
        value(Math.floor(n / words), n % words) ? 1 : 0,
      ),
    );
  const place = matmul(
    mask,
    square((i, j) => i <= j),
  );
  const ahead = sub(reshape(place, [texts, 1, 1, words]), reshape(place, [texts, 1, words, 1]));
  const there = reshape(mask, [texts, 1, 1, words]);
  const side = (away: Tensor, limits: readonly (number | null)[]): Side => {
    const onThisSide = mul(greater(away, tape.scalar(0.5)), there);
    const within = (more: number) =>
      concat(
        limits.map((limit) =>
          limit === null ? onThisSide : mul(onThisSide, greater(tape.scalar(limit + more + 0.5), away)),
        ),
        1,
      );
    const seen = within(0);
    return { seen, next: sub(within(1), seen) };
  };
  const before = side(
    scale(ahead, -1),
    windows.map(({ before }) => before),
  );
  const after = side(
    ahead,
    windows.map(({ after }) => after),
  );
  const itself = mul(
    reshape(
      square((i, j) => i === j),
      [1, 1, words, words],
    ),
    there,
  );
  return { seen: add(add(before.seen, after.seen), itself), before, after };
}

/**
 * [B, H, T, T] by query i and key j: the weight of the key that i sees in the place of j when j goes, of the weights of all
 * keys [B, H, T, T].
 */
export function pulledWeights({ before, after }: WindowMasks, every: Tensor): Tensor {
  const weight = ({ seen, next }: Side) => mul(seen, sum(mul(every, next), [3], true));
  return add(weight(before), weight(after));
}

/**
 * [B, H, T, R] by key j: the sum over queries i of `share` [B, H, T, T] times what i has of the key that is pulled in when j goes.
 * @param ofKeys [B, H, T, R] by query, of keys given as a mask [B, H, T, T]
 */
export function pulledSum(
  { before, after }: WindowMasks,
  share: Tensor,
  ofKeys: (next: Tensor) => Tensor,
): Tensor {
  const from = ({ seen, next }: Side) => matmul(transpose(mul(share, seen), [0, 1, 3, 2]), ofKeys(next));
  return add(from(before), from(after));
}
