/**
 * From the expression of the logits, read backwards, to an encoder: head, pooling, blocks, embedding.
 *
 * Promise: every part of the expression becomes a part of the encoder, or there is an UnsupportedGraph at the node
 * that made the part which has no place. Where an encoder can be written in two ways that compute the same (a norm at
 * the end of the last post-norm block, or behind it), one of them is chosen.
 */
import type { ActivationName } from "../../layers/activation.js";
import type { Attention } from "../../layers/attention.js";
import type { FeedForward } from "../../layers/feed-forward.js";
import type { HeadStage } from "../../layers/head.js";
import type { Linear } from "../../layers/linear.js";
import type { Norm } from "../../layers/norm.js";
import type { Block, Encoder, Pooling } from "../encoder.js";
import { shortest } from "./algebra.js";
import { recoverEmbedding } from "./embedding.js";
import type { AttentionWeights, Expr } from "./expression.js";
import type { Trace } from "./trace.js";
import { UnsupportedGraph } from "./unsupported.js";
import { normOf, type StoredWeights } from "./weights.js";

export type Recovered = Omit<Encoder, "architecture" | "labels">;

type Mixed = Extract<Expr, { op: "mixed" }>;

/** Half a block, read backwards from its output: what it reads, and its branch with norms before and behind. */
interface Half {
  readonly from: Expr;
  readonly before: Norm;
  readonly behind: Norm;
  readonly branch: Attention | FeedForward;
}

/** @throws UnsupportedGraph naming the node that has no place in an encoder */
export function recover(trace: Trace, tokens: number, weights: StoredWeights): Recovered {
  return new Recovery(trace, tokens, weights).encoder();
}

class Recovery {
  constructor(
    private readonly trace: Trace,
    private readonly tokens: number,
    private readonly weights: StoredWeights,
  ) {}

  encoder(): Recovered {
    let x = this.trace.output.expr;
    const only = x.op === "first";
    if (x.op === "first") x = x.x;
    const head: HeadStage[] = [];
    for (let stage = this.stage(x); stage !== null; stage = this.stage(x)) {
      head.unshift(stage.stage);
      x = stage.from;
    }
    if (head.length === 0) this.fail(x, "the output isn't a linear map");
    let pooling: Pooling = "first";
    if (!only) {
      const pooled = this.pooled(x);
      pooling = pooled.kind;
      x = pooled.x;
    }
    const halves: Half[] = [];
    let finalNorm: Norm = { kind: "none" };
    // Only the last block can be followed by a norm that isn't its own: before others it is a half's norm `before`.
    const end = this.normed(x);
    const last = this.half(x);
    if (last === null && (this.half(end.x) !== null || normOf(end.x) !== null)) {
      finalNorm = end.norm;
      x = end.x;
    }
    for (let half = this.half(x); half !== null; half = this.half(x)) {
      halves.unshift(half);
      x = half.from;
    }
    const tail = halves.at(-1);
    if (tail !== undefined && tail.behind.kind !== "none" && halves.at(-2)?.before.kind !== "none") {
      // A pre-norm block without a norm before its last branch.
      finalNorm = tail.behind;
      halves[halves.length - 1] = { ...tail, behind: { kind: "none" } };
    }
    const { embedding, hiddenSize, mostTokens } = recoverEmbedding(x, this.trace, this.weights);
    return { hiddenSize, embedding, blocks: this.blocks(halves, x), finalNorm, pooling, head, mostTokens };
  }

  /** activation(W x + b), with the activation or without. */
  private stage(x: Expr): { readonly stage: HeadStage; readonly from: Expr } | null {
    const [name, inner] = x.op === "activation" ? [x.name, x.x] : (["identity", x] as const);
    return inner.op === "linear"
      ? { stage: { linear: this.linear(inner), activation: name as ActivationName }, from: inner.x }
      : null;
  }

  private linear({ weight, bias }: Extract<Expr, { op: "linear" }>): Linear {
    return this.weights.linear(weight, bias);
  }

  private pooled(x: Expr): { readonly kind: "mean" | "sum"; readonly x: Expr } {
    if (x.op === "pool") return { kind: x.kind, x: x.x };
    // A sum over as many tokens as there are.
    if (x.op === "scale" && x.x.op === "pool" && x.x.kind === "sum" && isNear(1 / x.by, this.tokens))
      return { kind: "mean", x: x.x.x };
    return this.fail(
      x,
      "what comes before the head is neither the first token, nor the mean or the sum of all",
    );
  }

  /** A norm and what it is of; none for anything else. */
  private normed(x: Expr): { readonly norm: Norm; readonly x: Expr } {
    const norm = normOf(x);
    return norm === null ? { norm: { kind: "none" }, x } : { norm, x: (x as { x: Expr }).x };
  }

  /** norm(a + branch(norm(a))), each norm being possibly none; null if x is nothing like it. */
  private half(x: Expr): Half | null {
    const behind = this.normed(x);
    const y = behind.x;
    if (y.op !== "sum") return null;
    for (const [from, branch] of [
      [y.a, y.b],
      [y.b, y.a],
    ] as const) {
      const read = this.branch(branch);
      if (read === null) continue;
      const before =
        read.input === from ? { norm: { kind: "none" } as const, x: from } : this.normed(read.input);
      if (before.x !== from) continue;
      if (behind.norm.kind !== "none" && before.norm.kind !== "none") continue;
      return { from, before: before.norm, behind: behind.norm, branch: read.layer };
    }
    return null;
  }

  /** Attention or a feed-forward branch, and what it reads. */
  private branch(x: Expr): { readonly layer: Attention | FeedForward; readonly input: Expr } | null {
    if (x.op !== "linear") return null;
    if (x.x.op === "mixed") return this.attention(x, x.x);
    const [name, inner] = x.x.op === "activation" ? [x.x.name, x.x.x] : (["identity", x.x] as const);
    if (inner.op !== "linear") return null;
    const layer = {
      kind: "mlp" as const,
      inner: this.linear(inner),
      activation: name as ActivationName,
      outer: this.linear(x),
    };
    return {
      layer: isOrthogonal(layer) ? { kind: "orthogonal", weight: layer.inner.weight } : layer,
      input: inner.x,
    };
  }

  private attention(
    output: Extract<Expr, { op: "linear" }>,
    { stage, q, k, v, heads, by }: Mixed,
  ): { readonly layer: Attention; readonly input: Expr } | null {
    if (stage !== "merged" || q.op !== "linear" || k.op !== "linear" || v.op !== "linear") return null;
    if (q.x !== k.x || q.x !== v.x) return null;
    const query = this.linear(q);
    const layer: Attention = {
      heads,
      query,
      key: this.linear(k),
      value: this.linear(v),
      output: this.linear(output),
      ...attentionParameters(by, query.weight.rows / heads, this.tokens),
    };
    return { layer, input: q.x };
  }

  private blocks(halves: readonly Half[], start: Expr): Block[] {
    const blocks: Block[] = [];
    for (let i = 0; i < halves.length; i += 2) {
      const [first, second] = [halves[i]!, halves[i + 1]];
      if (second === undefined || !isAttention(first.branch) || isAttention(second.branch))
        return this.fail(start, "attention and feed-forward don't take turns after it");
      const before = [first.before, second.before].some(({ kind }) => kind !== "none");
      const behind = [first.behind, second.behind].some(({ kind }) => kind !== "none");
      if (before && behind)
        return this.fail(second.from, "norms stand both before and behind the branches of a block");
      if (before && second.branch.kind === "orthogonal")
        return this.fail(second.from, "an orthogonal feed-forward reads a norm");
      blocks.push({
        normPlacement: before ? "pre" : "post",
        attention: first.branch,
        attentionNorm: before ? first.before : first.behind,
        feedForward: second.branch,
        feedForwardNorm: before ? second.before : second.behind,
      });
    }
    return blocks;
  }

  private fail(at: Expr, why: string): never {
    throw new UnsupportedGraph(this.trace.nodeOf(at), why);
  }
}

const isAttention = (branch: Attention | FeedForward): branch is Attention => "heads" in branch;

const isNear = (seen: number, wanted: number): boolean => Math.abs(seen - wanted) <= 1e-6 * Math.abs(wanted);

/** Whether the maps are W and -2 W', with relu between them and nothing added. */
function isOrthogonal({ inner, activation, outer }: Extract<FeedForward, { kind: "mlp" }>): boolean {
  if (activation !== "relu" || inner.bias !== null || outer.bias !== null) return false;
  const { rows, columns, data } = inner.weight;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      if (outer.weight.data[j * rows + i] !== -2 * data[i * columns + j]!) return false;
  return true;
}

type Parameters<A> = A extends Attention ? Omit<A, "heads" | "query" | "key" | "value" | "output"> : never;

/** Factors are float32 in the file; those that are meant to be 1 / sqrt(width), or short decimals, are taken for it. */
function attentionParameters(by: AttentionWeights, width: number, tokens: number): Parameters<Attention> {
  const usual = 1 / Math.sqrt(width);
  const factor = (x: number) => (isNear(x, usual) ? usual : shortest(x));
  const distance = (x: number) => (isNear(x, usual / 2) ? usual / 2 : factor(x));
  switch (by.kind) {
    case "softmax":
      return { kind: "softmax", scale: factor(by.scale) };
    case "cosine":
      return { kind: "cosine", temperature: shortest(by.temperature), epsilon: by.epsilon };
    case "distance":
      return { kind: "distance", scale: distance(by.scale) };
    case "sigmoid":
      return {
        kind: "sigmoid",
        scale: factor(by.scale),
        shift: shortest(by.shift),
        divisor: isNear(by.divisor, tokens) ? "tokens" : shortest(by.divisor),
      };
    case "null-mass": {
      const common = { kind: by.kind, limit: shortest(by.limit), nullMass: shortest(by.nullMass) };
      if (by.similarity === "cosine") return { ...common, similarity: by.similarity, epsilon: by.epsilon };
      return by.similarity === "dot"
        ? { ...common, scale: factor(by.scale) }
        : { ...common, similarity: by.similarity, scale: distance(by.scale) };
    }
  }
}
