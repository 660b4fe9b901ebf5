/**
 * The least margin of a family of token sequences (families.ts), from below.
 *
 * Theorem. No member of the family has a margin of `winner` over any rival, as the reference computes it, below `lower`.
 * Proof. A family of one sequence is computed. Else each place's embeddings lie in the ball of the place, whose center is their mean as computed and whose
 * radius the largest distance from it, rounded up; they are those that the reference computes, at the same place of a sequence as
 * long. `ballsChain` holds for every sequence in the balls. If that isn't above 0, the place with the largest radius is parted in two and each
 * half is bounded by itself: every member is in one of them, so the least of what is kept bounds them all.
 */
import { type BallsBound, ballsChain } from "../../bounds/encoder-chain.js";
import type { BoundedEncoder } from "../../bounds/encoder-steps.js";
import { type Balls, distanceUp } from "../../layers/balls.js";
import type { Encoder } from "../../model/encoder.js";
import { marginOf } from "../../model/margins.js";
import { embed, referenceLogits } from "../../model/reference.js";
import { LimitReached } from "../exact/budget.js";
import type { Family } from "./families.js";

export interface FamilyBound {
  readonly lower: number;
  /** Of the part with the least bound; null where that was computed. */
  readonly ledger: BallsBound["ledger"] | null;
}

/** @param most parts that are bounded before it is given up @param counted called before each of them; it may throw */
export function familyBound(
  bounded: BoundedEncoder,
  vectors: Vectors,
  family: Family,
  winner: number,
  most: number,
  counted: () => void,
): FamilyBound {
  let least: FamilyBound = { lower: Number.POSITIVE_INFINITY, ledger: null };
  let parts = 0;
  const open: Family[] = [family];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    counted();
    parts++;
    const { found, halves } = partBound(bounded, vectors, part, winner);
    if (!(found.lower > 0) && halves !== null && parts < most) {
      open.push(...halves());
      continue;
    }
    if (!(found.lower >= least.lower)) least = found;
    if (!(least.lower > 0)) break;
  }
  return least;
}

function partBound(bounded: BoundedEncoder, vectors: Vectors, part: Family, winner: number) {
  const { encoder } = bounded;
  if (part.every(({ length }) => length === 1)) {
    const lower = marginOf(
      referenceLogits(
        encoder,
        Int32Array.from(part, (ids) => ids[0]!),
      ),
      winner,
    );
    return { found: { lower: known(lower), ledger: null }, halves: null };
  }
  const balls = vectors.balls(part);
  const { pairs, ledger } = ballsChain(bounded, 0, balls);
  let lower = Number.POSITIVE_INFINITY;
  for (const { a, b, lower: low, upper } of pairs)
    if (a === winner || b === winner) lower = Math.min(lower, a === winner ? low : -upper);
  return { found: { lower: known(lower), ledger }, halves: () => vectors.halves(part, balls) };
}

function known(lower: number): number {
  return Number.isNaN(lower) ? Number.NEGATIVE_INFINITY : lower;
}

/** Embeddings of tokens at the places of sequences, remembered. */
export class Vectors {
  readonly #encoder: Encoder;
  readonly #rows = new Map<string, Float64Array>();

  /** @throws LimitReached if a token's position depends on the others */
  constructor(encoder: Encoder) {
    if (encoder.embedding.positions.kind === "counted")
      throw new LimitReached(
        "positions that are counted without padding aren't bounded for more than 1 edit",
      );
    this.#encoder = encoder;
  }

  /** [n * d] The token's embedding at every place of a sequence of n tokens. */
  #of(token: number, n: number): Float64Array {
    const key = `${n} ${token}`;
    let rows = this.#rows.get(key);
    if (rows === undefined) {
      rows = embed(this.#encoder.embedding, new Int32Array(n).fill(token), this.#encoder.hiddenSize);
      this.#rows.set(key, rows);
    }
    return rows;
  }

  balls(family: Family): Balls {
    const d = this.#encoder.hiddenSize;
    const n = family.length;
    const centers = new Float64Array(n * d);
    const radii = new Float64Array(n);
    family.forEach((ids, i) => {
      const center = centers.subarray(i * d, (i + 1) * d);
      for (const id of ids) {
        const rows = this.#of(id, n);
        for (let c = 0; c < d; c++) center[c] = center[c]! + rows[i * d + c]! / ids.length;
      }
      // A mean of one is it itself, to the last bit.
      if (ids.length === 1) return;
      for (const id of ids)
        radii[i] = Math.max(radii[i]!, distanceUp(this.#of(id, n), i * d, centers, i * d, d));
    });
    return { d, centers, radii };
  }

  /** The widest place's tokens by which of two that lie far apart they are nearer to. */
  halves(family: Family, { d, radii }: Balls): Family[] {
    const n = family.length;
    let place = family.findIndex(({ length }) => length > 1);
    radii.forEach((r, i) => {
      if (r > radii[place]!) place = i;
    });
    const ids = family[place]!;
    const between = (x: number, y: number): number =>
      distanceUp(this.#of(x, n), place * d, this.#of(y, n), place * d, d);
    const farthest = (from: number): number =>
      ids.reduce((far, id) => (between(from, id) > between(from, far) ? id : far), ids[0]!);
    const one = farthest(ids[0]!);
    const other = farthest(one);
    const nearer = (id: number): boolean => id !== other && between(one, id) <= between(other, id);
    // Tokens that are all alike are told apart by their order.
    const first = one === other ? ids.slice(0, 1) : ids.filter(nearer);
    const second = one === other ? ids.slice(1) : ids.filter((id) => !nearer(id));
    return [first, second].map((half) => family.map((own, i) => (i === place ? half : own)));
  }
}
