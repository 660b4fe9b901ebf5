/**
 * The blocks of a native Transformer as JSON and named matrices, and back: what config.json and model.safetensors say of them.
 *
 * A layer is a tagged object: `kind` says which, and each kind has one entry in the tables below, which names its
 * options and its matrices. Options are in config.json, matrices in model.safetensors as `blocks.<n>.<part>.<matrix>`.
 *
 * Promise: what is unpacked is what was packed, bit for bit; an option that is missing, unknown or of the wrong type is one
 * UserError. Shapes are the model's to check.
 */
import { UserError } from "../failure.js";
import { ACTIVATION_NAMES } from "../layers/activation.js";
import type { NullMassAttention } from "../layers/attention.js";
import type { Linear } from "../layers/linear.js";
import { SIMILARITIES } from "../layers/similarity.js";
import type { Window } from "../layers/windows.js";
import type { Matrix } from "../numeric/matrix.js";
import { isJsonObject, type JsonObject, shown } from "./json.js";
import type { NativeBlock } from "./native-transformer.js";

/** Gives a matrix by the last part of its name. */
export type TakeMatrix = (name: string) => Matrix;

interface Packed {
  readonly options: JsonObject;
  readonly matrices: Readonly<Record<string, Matrix>>;
}

interface Kind<L> {
  /** The keys beside `kind` in config.json, where it says what is given. */
  options(given: JsonObject): readonly string[];
  pack(layer: L): Packed;
  unpack(options: Options, take: TakeMatrix): L;
}

type Kinds<L extends { readonly kind: string }> = {
  readonly [K in L["kind"]]: Kind<Extract<L, { readonly kind: K }>>;
};

const ATTENTION: Kinds<NativeBlock["attention"]> = {
  "null-mass": {
    options: ({ similarity }) => [
      "heads",
      "similarity",
      similarity === "cosine" ? "epsilon" : "scale",
      "limit",
      "nullMass",
      "windows",
    ],
    pack: (layer) => {
      const { heads, limit, nullMass, query, key, value, output } = layer;
      return {
        options: { heads, ...packSimilarity(layer), limit, nullMass, ...packWindows(layer) },
        matrices: weights({ query, key, value, output }),
      };
    },
    unpack: (options, take) => ({
      kind: "null-mass",
      heads: options.count("heads"),
      ...unpackSimilarity(options),
      limit: options.number("limit"),
      nullMass: options.number("nullMass"),
      ...(options.has("windows") ? { windows: options.windows("windows") } : {}),
      query: map(take("query")),
      key: map(take("key")),
      value: map(take("value")),
      output: map(take("output")),
    }),
  },
};

/** Dot products go without saying. */
function packSimilarity(layer: NullMassAttention): JsonObject {
  if (layer.similarity === "cosine") return { similarity: layer.similarity, epsilon: layer.epsilon };
  if (layer.similarity === "distance") return { similarity: layer.similarity, scale: layer.scale };
  return { scale: layer.scale };
}

function unpackSimilarity(options: Options) {
  const similarity = options.has("similarity") ? options.oneOf("similarity", SIMILARITIES) : "dot";
  if (similarity === "cosine") return { similarity, epsilon: options.number("epsilon") } as const;
  return similarity === "distance"
    ? ({ similarity, scale: options.number("scale") } as const)
    : { scale: options.number("scale") };
}

/** As they are in the layer, in new objects; no windows go without saying. */
function packWindows({ windows }: NullMassAttention): JsonObject {
  if (windows === undefined) return {};
  return { windows: windows.map(({ before, after }) => ({ before, after })) };
}

const FEED_FORWARD: Kinds<NativeBlock["feedForward"]> = {
  mlp: {
    options: () => ["activation"],
    pack: ({ activation, inner, outer }) => ({
      options: { activation },
      matrices: weights({ inner, outer }),
    }),
    unpack: (options, take) => ({
      kind: "mlp",
      activation: options.oneOf("activation", ACTIVATION_NAMES),
      inner: map(take("inner")),
      outer: map(take("outer")),
    }),
  },
};

const BLOCK_KEYS = ["attention", "attentionGain", "feedForward", "feedForwardGain"];

export interface PackedBlocks {
  /** For config.json, block by block. */
  readonly blocks: readonly JsonObject[];
  /** By full name, in the order in which they are hashed. */
  readonly matrices: ReadonlyMap<string, Matrix>;
}

export function packBlocks(blocks: readonly NativeBlock[]): PackedBlocks {
  const matrices = new Map<string, Matrix>();
  const layer = <L extends { readonly kind: string }>(kinds: Kinds<L>, packed: L, where: string) => {
    const { options, matrices: own } = kindOf(kinds, packed.kind, where).pack(packed);
    for (const [name, value] of Object.entries(own)) matrices.set(`${where}.${name}`, value);
    return { kind: packed.kind, ...options };
  };
  const packed = blocks.map(({ attention, attentionGain, feedForward, feedForwardGain }, b) => ({
    attention: layer(ATTENTION, attention, `blocks.${b}.attention`),
    attentionGain,
    feedForward: layer(FEED_FORWARD, feedForward, `blocks.${b}.feedForward`),
    feedForwardGain,
  }));
  return { blocks: packed, matrices };
}

/**
 * @param where what config.json calls the list
 * @param take gives a matrix by its full name
 */
export function unpackBlocks(list: readonly unknown[], where: string, take: TakeMatrix): NativeBlock[] {
  const layer = <L extends { readonly kind: string }>(
    kinds: Kinds<L>,
    value: unknown,
    b: number,
    part: string,
  ) => {
    const what = `${where}[${b}].${part}`;
    if (!isJsonObject(value)) throw new UserError(`${what} is ${shown(value)}; it must be an object`);
    const kind = kindOf(kinds, value.kind, what);
    const options = new Options(value, what, ["kind", ...kind.options(value)]);
    return kind.unpack(options, (name) => take(`blocks.${b}.${part}.${name}`));
  };
  return list.map((value, b) => {
    if (!isJsonObject(value)) throw new UserError(`${where}[${b}] is ${shown(value)}; it must be an object`);
    const own = new Options(value, `${where}[${b}]`, BLOCK_KEYS);
    return {
      attention: layer(ATTENTION, value.attention, b, "attention"),
      attentionGain: own.number("attentionGain"),
      feedForward: layer(FEED_FORWARD, value.feedForward, b, "feedForward"),
      feedForwardGain: own.number("feedForwardGain"),
    };
  });
}

/** The entry of a kind, of whichever of them. */
function kindOf<L extends { readonly kind: string }>(kinds: Kinds<L>, kind: unknown, where: string): Kind<L> {
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind))
    throw new UserError(`${where}.kind is ${shown(kind)}; allowed are ${Object.keys(kinds).join(", ")}`);
  return kinds[kind as L["kind"]] as unknown as Kind<L>;
}

/** An object of config.json, read key by key. */
class Options {
  constructor(
    private readonly values: JsonObject,
    private readonly where: string,
    allowed: readonly string[],
  ) {
    for (const key of Object.keys(values))
      if (!allowed.includes(key))
        throw new UserError(`${where} has the key ${shown(key)}; allowed are ${allowed.join(", ")}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.values, key);
  }

  number(key: string): number {
    const value = this.values[key];
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.wrong(key, "it must be a number");
    return value;
  }

  count(key: string): number {
    const value = this.number(key);
    if (!Number.isSafeInteger(value) || value < 1) throw this.wrong(key, "it must be an integer from 1");
    return value;
  }

  /** One object per head: {"before": 2, "after": null}. */
  windows(key: string): Window[] {
    const list = this.values[key];
    if (!Array.isArray(list)) throw this.wrong(key, "it must be a list with one window per head");
    return list.map((value: unknown, h) => {
      const what = `${this.where}.${key}[${h}]`;
      if (!isJsonObject(value)) throw new UserError(`${what} is ${shown(value)}; it must be an object`);
      const sides = new Options(value, what, ["before", "after"]);
      return { before: sides.side("before"), after: sides.side("after") };
    });
  }

  private side(key: string): number | null {
    const value = this.values[key];
    if (value === null) return null;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.wrong(key, "it must be an integer from 0, or null for all");
    return value;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.values[key] as T;
    if (!allowed.includes(value)) throw this.wrong(key, `allowed are ${allowed.join(", ")}`);
    return value;
  }

  private wrong(key: string, needed: string): UserError {
    return new UserError(`${this.where}.${key} is ${shown(this.values[key])}; ${needed}`);
  }
}

/** Of maps without biases, which a native Transformer has only. */
function weights(maps: Readonly<Record<string, Linear>>): Record<string, Matrix> {
  return Object.fromEntries(Object.entries(maps).map(([name, { weight }]) => [name, weight]));
}

function map(weight: Matrix): Linear {
  return { weight, bias: null };
}
