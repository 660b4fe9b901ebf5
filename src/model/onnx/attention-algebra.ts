/**
 * Constructors of the expressions that make up attention, from the cutting into heads to their merging.
 *
 * Promise: as in onnx/algebra.ts. Weights of attention that aren't one of the five kinds give null.
 */
import { first, outward, scale } from "./algebra.js";
import type { AttentionWeights, Expr } from "./expression.js";

export function split(x: Expr, heads: number): Expr {
  return outward(x, (inner) => ({ op: "split", x: inner, heads }));
}

/** `heads` or `keys` of what was split, or of each other. */
export function softmax(x: Expr): Expr {
  return x.op === "first" ? first(softmax(x.x)) : { op: "softmax", x };
}

export function turned(to: "heads" | "keys", x: Expr): Expr | null {
  return inside(x, (inner) => {
    if (inner.op === "lengths") return inner.turned === null ? { ...inner, turned: to } : null;
    if (inner.op !== "split" && inner.op !== "heads" && inner.op !== "keys") return null;
    return { op: to, x: inner.x, heads: inner.heads };
  });
}

/** Queries times keys. */
export function scores(q: Expr, k: Expr): Expr | null {
  const [plain, by] = k.op === "scale" ? [k.x, k.by] : [k, 1];
  const product = inside(q, (inner) =>
    inner.op === "heads" && plain.op === "keys" && inner.heads === plain.heads
      ? { op: "scores", q: inner.x, k: plain.x, heads: inner.heads }
      : null,
  );
  return product === null ? null : scale(product, by);
}

/** Weights times values. */
export function mixed(weights: Expr, v: Expr): Expr | null {
  if (weights.op === "first") {
    const inner = mixed(weights.x, v);
    return inner === null ? null : first(inner);
  }
  if (v.op !== "heads") return null;
  const found = attentionWeights(weights);
  if (found === null || found.scores.heads !== v.heads) return null;
  const { scores, by } = found;
  const unit = by.kind === "cosine" || (by.kind === "null-mass" && by.similarity === "cosine");
  const [q, k] = unit ? [without(scores.q), without(scores.k)] : [scores.q, scores.k];
  return { op: "mixed", stage: "heads", q, k, v: v.x, heads: v.heads, by };
}

const without = (x: Expr): Expr => (x.op === "unit" ? x.x : x);

export function mixedStage(x: Expr, from: "heads" | "tokens", to: "tokens" | "merged"): Expr | null {
  return inside(x, (inner) =>
    inner.op === "mixed" && inner.stage === from ? { ...inner, stage: to } : null,
  );
}

/** Applies to x what is inside a factor and a "first token"; null if that can't be. */
function inside(x: Expr, make: (inner: Expr) => Expr | null): Expr | null {
  if (x.op !== "scale" && x.op !== "first") return make(x);
  const inner = inside(x.x, make);
  return inner === null ? null : x.op === "scale" ? scale(inner, x.by) : first(inner);
}

type Scores = Extract<Expr, { op: "scores" }>;
interface Weights {
  readonly scores: Scores;
  readonly by: AttentionWeights;
}

function attentionWeights(x: Expr): Weights | null {
  if (x.op === "softmax") return softmaxWeights(x.x);
  if (x.op === "quotient") return nullMassWeights(x.a, x.b);
  return sigmoidWeights(x);
}

function softmaxWeights(x: Expr): Weights | null {
  if (x.op === "sum") {
    const found = keyDistances(x);
    return found === null ? null : { scores: found.scores, by: { kind: "distance", scale: found.by } };
  }
  const scaled = scaledScores(x);
  if (scaled === null) return null;
  const { scores, by } = scaled;
  const { q, k } = scores;
  if (q.op !== "unit" && k.op !== "unit") return { scores, by: { kind: "softmax", scale: by } };
  const epsilon = epsilonOf(scores);
  return epsilon === null ? null : { scores, by: { kind: "cosine", temperature: by, epsilon } };
}

/** Of queries and keys that were shortened alike. */
function epsilonOf({ q, k }: Scores): number | null {
  return q.op === "unit" && k.op === "unit" && q.epsilon === k.epsilon ? q.epsilon : null;
}

/** 2 s q . k - s |k|^2, and s. */
function keyDistances({ a, b }: Extract<Expr, { op: "sum" }>): Scaled | null {
  const scaled = scaledScores(a);
  if (scaled === null) return null;
  const s = scaled.by / 2;
  return isLess(b, s, "keys", scaled.scores.k) ? { scores: scaled.scores, by: s } : null;
}

/** Whether x is -s times the squares of the lengths of these rows. */
function isLess(x: Expr, s: number, turned: "keys" | "heads", rows: Expr): boolean {
  const lengths = x.op === "scale" ? x.x : x;
  const by = x.op === "scale" ? x.by : 1;
  return lengths.op === "lengths" && lengths.turned === turned && lengths.x === rows && by === -s;
}

function sigmoidWeights(x: Expr): Weights | null {
  const [weights, divisor] = x.op === "scale" ? [x.x, 1 / x.by] : [x, 1];
  if (weights.op !== "activation" || weights.name !== "sigmoid") return null;
  const argument = weights.x;
  const shifted = argument.op === "shift" && argument.by.data.length === 1 ? argument : null;
  const scaled = scaledScores(shifted === null ? argument : shifted.x);
  if (scaled === null) return null;
  const shift = shifted === null ? 0 : shifted.by.data[0]!;
  return { scores: scaled.scores, by: { kind: "sigmoid", scale: scaled.by, shift, divisor } };
}

/** exp(t) / (m + sum of exp(t)) with t = limit tanh(s / limit), or limit times a cosine. */
function nullMassWeights(exp: Expr, sum: Expr): Weights | null {
  if (exp.op !== "function" || exp.name !== "exp" || sum.op !== "shift" || sum.by.data.length !== 1)
    return null;
  if (sum.x.op !== "total" || sum.x.x !== exp) return null;
  const nullMass = sum.by.data[0]!;
  const [tanh, limit] = exp.x.op === "scale" ? [exp.x.x, exp.x.by] : [exp.x, 1];
  if (tanh.op === "scores") {
    const epsilon = epsilonOf(tanh);
    if (epsilon === null) return null;
    return { scores: tanh, by: { kind: "null-mass", similarity: "cosine", epsilon, limit, nullMass } };
  }
  if (tanh.op !== "activation" || tanh.name !== "tanh") return null;
  const similarity = tanh.x.op === "sum" ? "distance" : "dot";
  const scaled = tanh.x.op === "sum" ? distances(tanh.x) : scaledScores(tanh.x);
  if (scaled === null || scaled.scores.q.op === "unit" || scaled.scores.k.op === "unit") return null;
  return {
    scores: scaled.scores,
    by: { kind: "null-mass", similarity, scale: scaled.by * limit, limit, nullMass },
  };
}

/** 2 s q . k - s |k|^2 - s |q|^2, and s. */
function distances({ a, b }: Extract<Expr, { op: "sum" }>): Scaled | null {
  const found = a.op === "sum" ? keyDistances(a) : null;
  return found !== null && isLess(b, found.by, "heads", found.scores.q) ? found : null;
}

interface Scaled {
  readonly scores: Scores;
  readonly by: number;
}

function scaledScores(x: Expr): Scaled | null {
  const [inner, by] = x.op === "scale" ? [x.x, x.by] : [x, 1];
  return inner.op === "scores" ? { scores: inner, by } : null;
}
