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
    if (inner.op === "lengths" && to === "keys") return { ...inner, turned: true };
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
  const unit = by.kind === "cosine";
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
  if (x.op === "sum") return distanceWeights(x.a, x.b);
  const scaled = scaledScores(x);
  if (scaled === null) return null;
  const { scores, by } = scaled;
  const { q, k } = scores;
  if (q.op !== "unit" && k.op !== "unit") return { scores, by: { kind: "softmax", scale: by } };
  return q.op === "unit" && k.op === "unit" && q.epsilon === k.epsilon
    ? { scores, by: { kind: "cosine", temperature: by, epsilon: q.epsilon } }
    : null;
}

/** 2 s q . k - s |k|^2 */
function distanceWeights(a: Expr, b: Expr): Weights | null {
  const scaled = scaledScores(a);
  const lengths = b.op === "scale" ? b.x : b;
  const s = b.op === "scale" ? -b.by : -1;
  return scaled !== null && lengths.op === "lengths" && lengths.x === scaled.scores.k && scaled.by === 2 * s
    ? { scores: scaled.scores, by: { kind: "distance", scale: s } }
    : null;
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

/** exp(t) / (m + sum of exp(t)) with t = limit tanh(s / limit) */
function nullMassWeights(exp: Expr, sum: Expr): Weights | null {
  if (exp.op !== "function" || exp.name !== "exp" || sum.op !== "shift" || sum.by.data.length !== 1)
    return null;
  if (sum.x.op !== "total" || sum.x.x !== exp) return null;
  const [tanh, limit] = exp.x.op === "scale" ? [exp.x.x, exp.x.by] : [exp.x, 1];
  if (tanh.op !== "activation" || tanh.name !== "tanh") return null;
  const scaled = scaledScores(tanh.x);
  if (scaled === null) return null;
  const nullMass = sum.by.data[0]!;
  return { scores: scaled.scores, by: { kind: "null-mass", scale: scaled.by * limit, limit, nullMass } };
}

function scaledScores(x: Expr): { readonly scores: Scores; readonly by: number } | null {
  const [inner, by] = x.op === "scale" ? [x.x, x.by] : [x, 1];
  return inner.op === "scores" ? { scores: inner, by } : null;
}
