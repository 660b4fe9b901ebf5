/**
 * A Transformer classifier as it is initialised, small: weights N(0, (gain / sqrt(fan in))^2), biases N(0, 0.02^2), norms with weight 1,
 * bias 0 and epsilon 1e-12, word vectors N(0, 1), positions N(0, 0.3^2), GELU, a linear head of gain 1 on two labels. BERT's 0.02 at a width of 768 is a
 * gain of 0.55; Xavier's is near 1. It measures nothing itself and imports nothing, so that tests can use it too.
 */

/** Uniform in [0, 1): mulberry32. */
export function uniform(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const SETTING = {
  d: 24,
  inner: 96,
  heads: 4,
  layers: 2,
  vocabulary: 30,
  gain: 0.55,
  /** Queries and keys have this times the gain: below 1 logits are weaker. */
  logits: 1,
  norm: "layer",
  placement: "post",
  activation: "gelu",
  pooling: "mean",
};

export function initialisedEncoder(seed, setting) {
  const { d, inner, heads, layers, vocabulary, gain, logits, norm, placement, activation, pooling } = {
    ...SETTING,
    ...setting,
  };
  const random = uniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const normals = (n, spread) => Float64Array.from({ length: n }, () => spread * normal());
  const matrix = (rows, columns, spread) => ({ rows, columns, data: normals(rows * columns, spread) });
  const linear = (out, into, g = gain) => ({
    weight: matrix(out, into, g / Math.sqrt(into)),
    bias: normals(out, 0.02),
  });
  const ones = () => new Float64Array(d).fill(1);
  const makeNorm = () =>
    norm === "center"
      ? { kind: "center", weight: ones(), bias: new Float64Array(d) }
      : { kind: norm, weight: ones(), bias: new Float64Array(d), epsilon: 1e-12 };
  const block = () => ({
    normPlacement: placement,
    attention: {
      kind: "softmax",
      heads,
      scale: 1 / Math.sqrt(d / heads),
      query: linear(d, d, gain * logits),
      key: linear(d, d, gain * logits),
      value: linear(d, d),
      output: linear(d, d),
    },
    attentionNorm: makeNorm(),
    feedForward: { kind: "mlp", inner: linear(inner, d), activation, outer: linear(d, inner) },
    feedForwardNorm: makeNorm(),
  });
  return {
    architecture: "initialised",
    hiddenSize: d,
    embedding: {
      tokens: matrix(vocabulary, d, 1),
      projection: null,
      positions: { kind: "absolute", table: matrix(64, d, 0.3), offset: 0 },
      segment: null,
      norm: makeNorm(),
    },
    blocks: Array.from({ length: layers }, block),
    finalNorm: placement === "pre" ? makeNorm() : { kind: "none" },
    pooling,
    head: [{ linear: linear(2, d, 1), activation: "identity" }],
    labels: ["a", "b"],
    mostTokens: 64,
  };
}

/** `n` random ids. */
export function randomText(seed, n, vocabulary) {
  const random = uniform(seed);
  return Int32Array.from({ length: n }, () => Math.floor(random() * vocabulary));
}
