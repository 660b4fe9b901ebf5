/** What a step does to the numbers of the blocks: optimisers and constraints of the matrices, and the rows of the embedding. */
import type { Constraint } from "../constraints/constraint.js";
import { orthogonal } from "../constraints/orthogonal.js";
import { parseConstraint } from "../constraints/parse.js";
import type { StateArray } from "../loop.js";
import { Adam } from "../optimisers/adam.js";
import { Muon } from "../optimisers/muon.js";
import type { Optimiser } from "../optimisers/optimiser.js";
import { SparseAdam } from "../optimisers/sparse-adam.js";
import type { BlockParameters } from "./block-parameters.js";
import type { BlockOptions } from "./options.js";

export class BlockUpdates {
  private readonly matrices: Optimiser;
  private readonly others: Optimiser = new Adam();
  private readonly rows: SparseAdam;
  private readonly constraint: Constraint | null;
  private readonly orthonormal = orthogonal();

  constructor(
    private readonly blocks: BlockParameters,
    private readonly options: BlockOptions,
  ) {
    this.matrices = options.optimiser === "muon" ? new Muon() : new Adam();
    this.rows = new SparseAdam(blocks.embedding, blocks.rows, options.width);
    this.constraint = parseConstraint(options.constraint);
  }

  step(
    dense: ReadonlyMap<string, Float32Array>,
    rows: Int32Array,
    embedding: Float32Array,
    rest: number,
    step: number,
    total: number,
  ): void {
    const rate = this.options.blockRate * rest;
    for (const [name, gradient] of dense) {
      const { data, shape } = this.blocks.dense.get(name)!;
      const isMatrix = shape.length === 2 && name !== "readout" && name !== "projection";
      (isMatrix ? this.matrices : this.others).step(name, data, gradient, rate, shape);
      const constraint =
        this.options.feedForward === "orthogonal" && name.endsWith(".inner")
          ? this.orthonormal
          : this.constraint;
      if (isMatrix) constraint?.apply(data, shape[0]!, shape[1]!, step, total);
    }
    this.rows.step(rows, embedding, rate);
    this.blocks.shorten(rows);
  }

  state(): Map<string, StateArray> {
    const all = new Map<string, StateArray>([["embedding", this.blocks.embedding]]);
    for (const [name, { data }] of this.blocks.dense) all.set(`dense.${name}`, data);
    for (const [site, values] of this.blocks.norms.state()) all.set(`norm.${site}`, values);
    for (const [prefix, part] of this.parts())
      for (const [name, values] of part.state()) all.set(`${prefix}.${name}`, values);
    return all;
  }

  restore(arrays: ReadonlyMap<string, StateArray>): void {
    this.blocks.embedding.set(arrays.get("embedding") as Float32Array);
    for (const [name, { data }] of this.blocks.dense) data.set(arrays.get(`dense.${name}`) as Float32Array);
    for (const [site, values] of this.blocks.norms.state())
      values.set(arrays.get(`norm.${site}`) as Float64Array);
    for (const [prefix, part] of this.parts()) {
      const mine = new Map<string, Float32Array | Float64Array>();
      for (const [name, values] of arrays)
        if (name.startsWith(`${prefix}.`))
          mine.set(name.slice(prefix.length + 1), values as Float32Array | Float64Array);
      part.restore(mine);
    }
  }

  private parts(): [string, Pick<Optimiser, "state" | "restore">][] {
    return [
      ["matrices", this.matrices],
      ["others", this.others],
      ["rows", this.rows],
    ];
  }
}
