/**
 * CHAIN norms in front of the branches (../layers/chain.ts): what each was fed, its running statistics, and the weights behind
 * it as they are exported, with the norm's factors in them.
 *
 * Promise: what is exported computes what the norm and the weights did, with the statistics as they stood.
 */
import type { Random } from "../../numeric/random.js";
import { add, mul, reshape } from "../autodiff/operations.js";
import type { Tape, Tensor } from "../autodiff/tape.js";
import { chain, chainMixing, foldFactors, mixingProbability } from "../layers/chain.js";
import { ChainState } from "../layers/chain-state.js";
import type { BlockOptions } from "./options.js";

/** Where a norm can stand: before the attention or the feed-forward branch of a block. */
export type Site = `${number}.attention` | `${number}.feedForward`;

/** An orthogonal feed-forward branch has no norm: W diag(factors) has no orthonormal rows. */
export function normSites({ blocks, norm, feedForward }: BlockOptions): Site[] {
  if (norm === "none") return [];
  return Array.from({ length: blocks }, (_, b): Site[] =>
    feedForward === "mlp" ? [`${b}.attention`, `${b}.feedForward`] : [`${b}.attention`],
  ).flat();
}

/** The statistics of a run. */
export class Norms {
  private readonly states: ReadonlyMap<Site, ChainState>;

  constructor(private readonly options: BlockOptions) {
    this.states = new Map(normSites(options).map((site) => [site, new ChainState(options.width)]));
  }

  /** What a step's graph is fed. @param step from 0 to total - 1 */
  feeds(random: Random, texts: number, step: number, total: number): Record<string, Float32Array> {
    const { width, chainMixing: first } = this.options;
    const feeds: Record<string, Float32Array> = {};
    for (const [site, state] of this.states) {
      feeds[`factors.${site}`] = state.factors();
      feeds[`raw.${site}`] = chainMixing(random, texts, width, mixingProbability(first, step, total));
    }
    return feeds;
  }

  /** Takes a step's mean squares into the running ones. @param out what its graph gave, by name */
  observe(out: Readonly<Record<string, Float32Array>>): void {
    for (const [site, state] of this.states) state.observe(out[`squares.${site}`]!);
  }

  /** The weight behind a norm as it is exported: a new array, if there is one. */
  folded(site: Site, weight: Float32Array): Float32Array {
    const state = this.states.get(site);
    if (state === undefined) return weight;
    const copy = weight.slice();
    foldFactors(copy, state.factors());
    return copy;
  }

  /** The arrays themselves. */
  state(): Map<string, Float64Array> {
    return new Map([...this.states].map(([site, state]) => [site, state.state()]));
  }
}

/** The norms of one graph. */
export class NormGraph {
  private readonly factors = new Map<Site, Tensor>();
  /** [width] mean squares of a batch, by the name that `Norms` looks for. */
  readonly squares = new Map<string, Tensor>();
  /** One number: the squares of the channels' means, of all norms together; null where there is none. */
  penalty: Tensor | null = null;

  constructor(
    private readonly tape: Tape,
    private readonly mask: Tensor,
    options: BlockOptions,
  ) {
    for (const site of normSites(options))
      this.factors.set(site, tape.input(`factors.${site}`, [options.width]));
  }

  /** @param x [B, T, d] */
  apply(site: Site, x: Tensor): Tensor {
    const factors = this.factors.get(site);
    if (factors === undefined) return x;
    const [texts, , width] = x.shape as [number, number, number];
    const pass = chain(x, this.mask, factors, this.tape.input(`raw.${site}`, [texts, width]));
    this.squares.set(`squares.${site}`, pass.squares);
    this.penalty = this.penalty === null ? pass.penalty : add(this.penalty, pass.penalty);
    return pass.out;
  }

  /** The weight behind a norm, [out, d], as it would be exported now. */
  folded(site: Site, weight: Tensor): Tensor {
    const factors = this.factors.get(site);
    return factors === undefined ? weight : mul(weight, reshape(factors, [1, factors.shape[0]!]));
  }
}
