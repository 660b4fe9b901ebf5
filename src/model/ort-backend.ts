/**
 * A backend over a session: something that runs an ONNX graph on named tensors, such as ONNX Runtime's.
 *
 * Promise: every sequence of a run has the same length, so nothing is padded and nothing masked. What is fed is checked
 * before (token ids, lengths) and what comes back is checked after (name, shape, finite numbers): the graph's logits
 * come out unchanged, or one UserError does. Calls wait for each other; a session runs one at a time.
 */
import { UserError } from "../failure.js";
import { type Backend, batchesByLength, checkTokens } from "./backend.js";

export type FeedType = "int64" | "int32";

/** What a session takes for an input, of any rank. */
export interface TensorFeed {
  readonly type: FeedType | "float32";
  readonly data: BigInt64Array | Int32Array | Float32Array;
  readonly dims: readonly number[];
}

export interface Feed extends TensorFeed {
  readonly type: FeedType;
  readonly data: BigInt64Array | Int32Array;
  /** [batch, tokens] */
  readonly dims: readonly [number, number];
}

export interface Fetched {
  readonly type: string;
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

/** A graph's input or output. A dimension that isn't fixed is a string or -1. */
export interface GraphValue {
  readonly name: string;
  /** `int64`, `float32`, ...; "" where it isn't a tensor. */
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

export interface Session {
  /** `onnxruntime-node 1.30.0` */
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** The outputs asked for, by name. */
  run(
    feeds: Readonly<Record<string, TensorFeed>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, Fetched>>>;
  close(): Promise<void>;
}

/** What the model is known to read and to give. */
export interface GraphLimits {
  /** Token ids are below this. */
  readonly vocabulary: number;
  readonly labels: number;
  /** Longest sequence, special tokens included; Infinity if there is no limit. */
  readonly mostTokens: number;
  /** Every sequence has a run of its own: for graphs in which those of a run influence each other. */
  readonly alone?: boolean;
}

/** What each input that is understood is filled with. */
const INPUTS: Readonly<Record<string, "ids" | 0 | 1>> = {
  input_ids: "ids",
  attention_mask: 1,
  token_type_ids: 0,
};

/** @throws UserError if the graph asks for something unknown or has no logits of the right shape */
export function sessionBackend(session: Session, limits: GraphLimits): Backend {
  const { name } = session;
  const inputs = session.inputs.map(checkInput);
  if (!inputs.some((input) => input.name === "input_ids"))
    throw new UserError(
      `the graph has no input input_ids; it has ${session.inputs.map((input) => input.name).join(", ") || "none"}`,
    );
  const fixedBatch = inputs.some(({ dims }) => dims[0] === 1);
  const output = logitsOutput(session.outputs, limits.labels);
  const batches = (sequences: readonly Int32Array[]): number[][] =>
    limits.alone || fixedBatch ? sequences.map((_, i) => [i]) : batchesByLength(sequences);

  const runBatch = async (sequences: readonly Int32Array[]): Promise<readonly Float64Array[]> => {
    const dims = [sequences.length, sequences[0]!.length] as const;
    const feeds = Object.fromEntries(
      inputs.map((input) => [input.name, feed(input.type as FeedType, INPUTS[input.name]!, sequences, dims)]),
    );
    let fetched: Fetched | undefined;
    try {
      fetched = (await session.run(feeds, [output]))[output];
    } catch (error) {
      throw new UserError(`${name} can't run the model: ${oneLine(error)}`);
    }
    return rows(name, output, fetched, sequences.length, limits.labels);
  };

  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  /** Does this when all that was asked for before is done. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  return {
    name,
    arithmetic: "float32",
    async logits(sequences) {
      if (closed) throw new Error(`the backend ${name} is closed`);
      for (const ids of sequences) checkTokens(ids, limits.vocabulary, limits.mostTokens);
      return inTurn(async () => {
        const found = new Array<Float64Array>(sequences.length);
        for (const batch of batches(sequences)) {
          const logits = await runBatch(batch.map((i) => sequences[i]!));
          batch.forEach((i, row) => {
            found[i] = logits[row]!;
          });
        }
        return found;
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      await inTurn(() => session.close());
    },
  };
}

function checkInput(input: GraphValue): GraphValue {
  const { name, type, dims } = input;
  if (INPUTS[name] === undefined)
    throw new UserError(
      `the graph asks for the input ${name}; allowed are ${Object.keys(INPUTS).join(", ")}`,
    );
  if (type !== "int64" && type !== "int32")
    throw new UserError(`the graph's input ${name} is ${type || "no tensor"}; it must be int64 or int32`);
  if (dims.length !== 2 || isFixed(dims[1]!))
    throw new UserError(
      `the graph's input ${name} has the shape [${dims.join(", ")}]; it must be [batch, tokens] with any number of tokens`,
    );
  return input;
}

function isFixed(dim: number | string): dim is number {
  return typeof dim === "number" && dim >= 0;
}

function logitsOutput(outputs: readonly GraphValue[], labels: number): string {
  const output =
    outputs.find(({ name }) => name === "logits") ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (output === undefined)
    throw new UserError(
      `the graph has no output logits; it has ${outputs.map(({ name }) => name).join(", ") || "none"}`,
    );
  const { name, type, dims } = output;
  if (type !== "float32")
    throw new UserError(`the graph's output ${name} is ${type || "no tensor"}; it must be float32`);
  // A runtime may know nothing of the shape before a run; then the run says it.
  if (dims.length > 0 && (dims.length !== 2 || (isFixed(dims[1]!) && dims[1] !== labels)))
    throw new UserError(
      `the graph's output ${name} has the shape [${dims.join(", ")}]; it must be [batch, ${labels}]`,
    );
  return name;
}

function feed(
  type: FeedType,
  what: "ids" | 0 | 1,
  sequences: readonly Int32Array[],
  dims: readonly [number, number],
): Feed {
  const [count, length] = dims;
  if (type === "int32") {
    const data = new Int32Array(count * length);
    if (what === "ids") sequences.forEach((sequence, i) => void data.set(sequence, i * length));
    else data.fill(what);
    return { type, data, dims };
  }
  const data = new BigInt64Array(count * length);
  if (what === "ids")
    sequences.forEach((sequence, i) => {
      for (let j = 0; j < length; j++) data[i * length + j] = BigInt(sequence[j]!);
    });
  else data.fill(BigInt(what));
  return { type, data, dims };
}

/** The rows of [count, labels], in float64. */
function rows(
  backend: string,
  name: string,
  fetched: Fetched | undefined,
  count: number,
  labels: number,
): Float64Array[] {
  if (fetched === undefined || fetched.type !== "float32")
    throw new UserError(`${backend} gave ${name} as ${fetched?.type ?? "nothing"}; it must be float32`);
  const { data, dims } = fetched;
  if (dims.length !== 2 || dims[0] !== count || dims[1] !== labels || data.length !== count * labels)
    throw new UserError(
      `${backend} gave ${name} of shape [${dims.join(", ")}]; it must be [${count}, ${labels}]`,
    );
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: labels }, (_, y) => {
      const logit = data[i * labels + y]!;
      if (!Number.isFinite(logit))
        throw new UserError(`${backend} gave the logit ${logit}; it must be finite`);
      return logit;
    }),
  );
}

function oneLine(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .replace(/\s+/g, " ")
    .trim();
}
