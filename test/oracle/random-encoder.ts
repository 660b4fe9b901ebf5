/**
 * Small random encoders from a seeded generator: any shape that the data can describe, or one in the layout of a family
 * of the transformers library, with the files that the library would save.
 *
 * In a layout the encoder is put together here, from the very arrays that go into the file, without the loader.
 */
import type {
  ActivationName,
  Attention,
  Block,
  Encoder,
  FeedForward,
  Linear,
  Matrix,
  Norm,
  Positions,
  Vector,
} from "../../src/model/encoder.js";
import type { Tensor } from "../../src/model/safetensors.js";
import type { Random } from "./random-model.js";

export type Layout = "bert" | "distilbert" | "roberta";

export interface RandomEncoderOptions {
  /** Any, if absent. */
  readonly layout?: Layout;
  readonly vocabulary?: number;
  readonly labels?: number;
  readonly layers?: number;
  readonly mostTokens?: number;
  /** Size of the weights; 1 by default, which keeps the logits near 1. */
  readonly gain?: number;
}

export interface RandomEncoder {
  readonly encoder: Encoder;
  /** What the files of the layout hold; null without a layout. */
  readonly files: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly tensors: ReadonlyMap<string, Tensor>;
  } | null;
}

const ACTIVATIONS: readonly ActivationName[] = [
  "identity",
  "relu",
  "gelu",
  "gelu-tanh",
  "silu",
  "quick-gelu",
  "tanh",
  "sigmoid",
  "softplus",
  "elu",
  "mish",
];
/** Names of the transformers library for those activations that it has. */
const HIDDEN_ACT: Readonly<Partial<Record<ActivationName, readonly string[]>>> = {
  gelu: ["gelu"],
  "gelu-tanh": ["gelu_new", "gelu_pytorch_tanh"],
  relu: ["relu"],
  silu: ["silu", "swish"],
  "quick-gelu": ["quick_gelu"],
};

export const pick = <T>(random: Random, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)]!;
const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

export function randomEncoder(random: Random, options: RandomEncoderOptions = {}): RandomEncoder {
  return options.layout === undefined
    ? { encoder: anyEncoder(random, options), files: null }
    : laidOut(random, options.layout, options);
}

/** Random ids of the encoder's vocabulary, at most `most` of them and at least one. */
export function randomIds(random: Random, encoder: Encoder, most = 12): Int32Array {
  const length = between(random, 1, Math.min(most, encoder.mostTokens));
  const { rows } = encoder.embedding.tokens;
  return Int32Array.from({ length }, () => Math.floor(random() * rows));
}

class Weights {
  constructor(
    readonly random: Random,
    readonly gain: number,
  ) {}
  vector(n: number, centre = 0, spread = 0.5): Float32Array {
    return Float32Array.from({ length: n }, () => centre + spread * (2 * this.random() - 1));
  }
  matrix(rows: number, columns: number): Matrix {
    return { rows, columns, data: this.vector(rows * columns, 0, (this.gain * 1.7) / Math.sqrt(columns)) };
  }
  linear(out: number, into: number, bias = true): Linear {
    return { weight: this.matrix(out, into), bias: bias ? this.vector(out) : null };
  }
  coin(chance = 0.5): boolean {
    return this.random() < chance;
  }
}

function anyEncoder(random: Random, options: RandomEncoderOptions): Encoder {
  const w = new Weights(random, options.gain ?? 1);
  const heads = between(random, 1, 3);
  const d = heads * between(random, 2, 5);
  const classes = options.labels ?? between(random, 2, 4);
  const vocabulary = options.vocabulary ?? between(random, 6, 30);
  const mostTokens = options.mostTokens ?? between(random, 8, 20);
  const width = w.coin(0.3) ? between(random, 2, 9) : d;
  const pre = w.coin();
  const norm = () => randomNorm(w, d);
  const positions = randomPositions(w, mostTokens, vocabulary, d);
  return {
    architecture: "random",
    hiddenSize: d,
    embedding: {
      tokens: w.matrix(vocabulary, width),
      projection: width === d && w.coin(0.7) ? null : w.linear(d, width, w.coin()),
      positions,
      segment: w.coin() ? w.vector(d) : null,
      norm: norm(),
    },
    blocks: Array.from(
      { length: options.layers ?? between(random, 0, 2) },
      (): Block => ({
        normPlacement: pre ? "pre" : "post",
        attention: randomAttention(w, heads, d),
        attentionNorm: norm(),
        feedForward: randomFeedForward(w, d, pre),
        feedForwardNorm: norm(),
      }),
    ),
    finalNorm: pre ? norm() : { kind: "none" },
    pooling: pick(random, ["first", "mean", "sum"]),
    head: randomHead(w, d, classes),
    labels: Array.from({ length: classes }, (_, y) => `label ${y}`),
    mostTokens: positions.kind === "none" ? Number.POSITIVE_INFINITY : mostTokens,
  };
}

function randomNorm(w: Weights, d: number): Norm {
  const weight = (): Vector => w.vector(d, 1);
  const bias = () => (w.coin(0.7) ? w.vector(d) : null);
  const epsilon = pick(w.random, [1e-12, 1e-5, 0.1]);
  return pick<() => Norm>(w.random, [
    () => ({ kind: "layer", weight: weight(), bias: bias(), epsilon }),
    () => ({ kind: "layer", weight: weight(), bias: bias(), epsilon }),
    () => ({ kind: "rms", weight: weight(), bias: bias(), epsilon }),
    () => ({ kind: "center", weight: weight(), bias: bias() }),
    () => ({ kind: "scale", factors: weight() }),
    () => ({ kind: "none" }),
  ])();
}

function randomPositions(w: Weights, mostTokens: number, vocabulary: number, d: number): Positions {
  const kind = pick(w.random, ["none", "absolute", "absolute", "counted"] as const);
  if (kind === "none") return { kind };
  const padding = between(w.random, 0, Math.min(3, vocabulary - 1));
  const offset = kind === "counted" ? padding + 1 : between(w.random, 0, 2);
  const table = w.matrix(offset + mostTokens, d);
  return kind === "counted" ? { kind, table, offset, padding } : { kind, table, offset };
}

function randomAttention(w: Weights, heads: number, d: number): Attention {
  const inner = w.coin(0.7) ? d : heads * between(w.random, 1, 4);
  const outer = w.coin(0.7) ? d : heads * between(w.random, 1, 4);
  const biased = w.coin(0.8);
  const parts = {
    heads,
    query: w.linear(inner, d, biased),
    key: w.linear(inner, d, biased && w.coin(0.9)),
    value: w.linear(outer, d, biased),
    output: w.linear(d, outer, w.coin(0.8)),
  };
  const scale = 1 / Math.sqrt(inner / heads);
  return pick<() => Attention>(w.random, [
    () => ({ kind: "softmax", scale, ...parts }),
    () => ({ kind: "softmax", scale: 0.7, ...parts }),
    () => ({ kind: "cosine", temperature: 3, epsilon: 1e-3, ...parts }),
    () => ({ kind: "distance", scale: scale / 2, ...parts }),
    () => ({ kind: "sigmoid", scale, shift: -1, divisor: pick(w.random, [3, "tokens"] as const), ...parts }),
    () => ({
      kind: "null-mass",
      ...[
        { scale },
        { similarity: "cosine", epsilon: 1e-3 } as const,
        { similarity: "distance", scale: scale / 2 } as const,
      ][(d + inner + heads) % 3]!,
      limit: 2,
      nullMass: 1.5,
      ...parts,
    }),
  ])();
}

function randomFeedForward(w: Weights, d: number, pre: boolean): FeedForward {
  if (!pre && w.coin(0.2))
    return { kind: "orthogonal", weight: orthonormalRows(w, between(w.random, 1, d), d) };
  const f = between(w.random, 2, 2 * d);
  return {
    kind: "mlp",
    inner: w.linear(f, d, w.coin(0.8)),
    activation: pick(w.random, ACTIVATIONS),
    outer: w.linear(d, f, w.coin(0.8)),
  };
}

/** Rows of the unit matrix, some negative: orthonormal exactly. */
function orthonormalRows(w: Weights, rows: number, columns: number): Matrix {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) data[i * columns + (columns - 1 - i)] = w.coin() ? 1 : -1;
  return { rows, columns, data };
}

function randomHead(w: Weights, d: number, classes: number): Encoder["head"] {
  const middle = Array.from({ length: between(w.random, 0, 2) }, () => between(w.random, 2, 8));
  const sizes = [d, ...middle, classes];
  return sizes.slice(1).map((out, i) => ({
    linear: w.linear(out, sizes[i]!, w.coin(0.8)),
    activation: i === sizes.length - 2 ? "identity" : pick(w.random, ACTIVATIONS),
  }));
}

/** An encoder as the library lays it out, and its files. */
function laidOut(random: Random, layout: Layout, options: RandomEncoderOptions): RandomEncoder {
  const w = new Weights(random, options.gain ?? 1);
  const heads = between(random, 1, 4);
  const d = heads * between(random, 2, 6);
  const inner = between(random, 3, 20);
  const classes = options.labels ?? between(random, 2, 4);
  const vocabulary = options.vocabulary ?? between(random, 8, 40);
  const mostTokens = options.mostTokens ?? between(random, 8, 24);
  const layers = options.layers ?? between(random, 1, 3);
  const activation = pick(random, Object.keys(HIDDEN_ACT) as ActivationName[]);
  const act = pick(random, HIDDEN_ACT[activation]!);
  const epsilon = layout === "distilbert" ? 1e-12 : pick(random, [1e-12, 1e-5]);
  const padding = layout === "roberta" ? between(random, 0, 3) : 0;
  const offset = layout === "roberta" ? padding + 1 : 0;
  const segments = layout === "roberta" ? 1 : 2;
  const labels = Array.from({ length: classes }, (_, y) => `label ${y}`);
  const tensors = new Map<string, Tensor>();
  const store = (name: string, shape: readonly number[], data: Vector) =>
    tensors.set(name, { dtype: "F32", shape, data: data as Float32Array });
  const table = (name: string, rows: number, columns: number): Matrix => {
    const result = w.matrix(rows, columns);
    store(name, [rows, columns], result.data);
    return result;
  };
  const linear = (name: string, out: number, into: number): Linear => {
    const bias = w.vector(out);
    store(`${name}.bias`, [out], bias);
    return { weight: table(`${name}.weight`, out, into), bias };
  };
  const old = layout === "bert" && w.coin(0.3);
  const norm = (name: string): Norm => {
    const [weight, bias] = [w.vector(d, 1), w.vector(d)];
    store(`${name}.${old ? "gamma" : "weight"}`, [d], weight);
    store(`${name}.${old ? "beta" : "bias"}`, [d], bias);
    return { kind: "layer", weight, bias, epsilon };
  };
  const distil = layout === "distilbert";
  const at = `${layout}.embeddings`;
  const positions = table(`${at}.position_embeddings.weight`, mostTokens + offset, d);
  const segment = distil ? null : table(`${at}.token_type_embeddings.weight`, segments, d);
  const embedding = {
    tokens: table(`${at}.word_embeddings.weight`, vocabulary, d),
    projection: null,
    positions:
      layout === "roberta"
        ? { kind: "counted" as const, table: positions, offset, padding }
        : { kind: "absolute" as const, table: positions, offset },
    segment: segment === null ? null : segment.data.slice(0, d),
    norm: norm(`${at}.LayerNorm`),
  };
  if (w.coin())
    tensors.set(`${at}.position_ids`, {
      dtype: "I64",
      shape: [1, mostTokens + offset],
      data: BigInt64Array.from({ length: mostTokens + offset }, (_, i) => BigInt(i)),
    });
  const names = distil
    ? [
        "attention.q_lin",
        "attention.k_lin",
        "attention.v_lin",
        "attention.out_lin",
        "sa_layer_norm",
        "ffn.lin1",
        "ffn.lin2",
        "output_layer_norm",
      ]
    : [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
      ];
  const blocks = Array.from({ length: layers }, (_, i): Block => {
    const [q, k, v, o, n1, f1, f2, n2] = names.map(
      (name) => `${layout}.${distil ? "transformer" : "encoder"}.layer.${i}.${name}`,
    ) as [string, string, string, string, string, string, string, string];
    return {
      normPlacement: "post",
      attention: {
        kind: "softmax",
        heads,
        scale: 1 / Math.sqrt(d / heads),
        query: linear(q, d, d),
        key: linear(k, d, d),
        value: linear(v, d, d),
        output: linear(o, d, d),
      },
      attentionNorm: norm(n1),
      feedForward: { kind: "mlp", inner: linear(f1, inner, d), activation, outer: linear(f2, d, inner) },
      feedForwardNorm: norm(n2),
    };
  });
  const [first, second, between1] = {
    bert: ["bert.pooler.dense", "classifier", "tanh"],
    distilbert: ["pre_classifier", "classifier", "relu"],
    roberta: ["classifier.dense", "classifier.out_proj", "tanh"],
  }[layout] as [string, string, ActivationName];
  const encoder: Encoder = {
    architecture: layout,
    hiddenSize: d,
    embedding,
    blocks,
    finalNorm: { kind: "none" },
    pooling: "first",
    head: [
      { linear: linear(first, d, d), activation: between1 },
      { linear: linear(second, classes, d), activation: "identity" },
    ],
    labels,
    mostTokens,
  };
  const sizes = distil
    ? { dim: d, n_layers: layers, n_heads: heads, hidden_dim: inner, activation: act }
    : {
        hidden_size: d,
        num_hidden_layers: layers,
        num_attention_heads: heads,
        intermediate_size: inner,
        hidden_act: act,
        layer_norm_eps: epsilon,
        type_vocab_size: segments,
      };
  const config = {
    model_type: layout,
    vocab_size: vocabulary,
    max_position_embeddings: mostTokens + offset,
    pad_token_id: padding,
    id2label: Object.fromEntries(labels.map((label, y) => [y, label])),
    ...sizes,
  };
  return { encoder, files: { config, tensors } };
}
