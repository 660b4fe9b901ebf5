/**
 * A backend for an ONNX graph, or for an encoder known as data: ONNX Runtime native where it is installed, else
 * WebAssembly, else the reference where there is one.
 *
 * Promise: one thread unless more are asked for. What is asked for by name is what is used, or there is one UserError.
 * A backend of an encoder has passed its self-test (model/self-test.ts); one that hasn't isn't used.
 */
import { availableParallelism } from "node:os";
import { UserError } from "../../failure.js";
import type { Backend } from "../../model/backend.js";
import type { Encoder } from "../../model/encoder.js";
import { type GraphLimits, sessionBackend } from "../../model/ort-backend.js";
import { referenceBackend } from "../../model/reference.js";
import { selfTest } from "../../model/self-test.js";
import { openSession, RUNTIMES, type Runtime, RuntimeAbsent } from "./session.js";

export interface OpenOptions {
  /** By default native where it is installed, else wasm. */
  readonly runtime?: Runtime;
  /** Threads that one run may use; default 1. */
  readonly threads?: number;
}

export const BACKENDS = ["auto", ...RUNTIMES, "reference"] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Opened {
  readonly backend: Backend;
  /** What a user should know: which backend was passed over, and why. One line each. */
  readonly notes: readonly string[];
}

/**
 * A backend for a graph of which nothing else is known.
 * @throws UserError if no runtime can run the graph, or an option isn't allowed
 */
export async function openBackend(
  onnx: Uint8Array,
  limits: GraphLimits,
  options: OpenOptions = {},
): Promise<Backend> {
  const threads = checkedThreads(options.threads);
  const failures = new Set<string>();
  for (const runtime of options.runtime === undefined ? RUNTIMES : [options.runtime]) {
    try {
      return await openOne(runtime, onnx, limits, threads);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.add(error.message);
    }
  }
  throw new UserError([...failures].join("; "));
}

/**
 * A backend for an encoder; `onnx` writes it as a graph.
 * @throws UserError if what is asked for by name can't be had or computes something else, or an option isn't allowed
 */
export async function openEncoderBackend(
  encoder: Encoder,
  onnx: (encoder: Encoder) => Uint8Array,
  name: BackendName = "auto",
  threads?: number,
): Promise<Opened> {
  const count = checkedThreads(threads);
  checkedBackend(name);
  if (name === "reference") return { backend: referenceBackend(encoder), notes: [] };
  const limits = {
    vocabulary: encoder.embedding.tokens.rows,
    labels: encoder.labels.length,
    mostTokens: encoder.mostTokens,
  };
  const notes: string[] = [];
  const graph = onnx(encoder);
  for (const runtime of name === "auto" ? RUNTIMES : [name]) {
    try {
      return { backend: await tested(await openOne(runtime, graph, limits, count), encoder), notes };
    } catch (error) {
      if (!(error instanceof UserError) || name !== "auto") throw error;
      // That an optional package isn't there is nothing to tell.
      if (!(error instanceof RuntimeAbsent)) notes.push(error.message);
    }
  }
  notes.push("the model runs on the float64 reference, which is slow");
  return { backend: referenceBackend(encoder), notes };
}

/** @throws UserError unless it is the name of one */
export function checkedBackend(name: BackendName = "auto"): BackendName {
  if (BACKENDS.includes(name)) return name;
  throw new UserError(`the backend is ${JSON.stringify(name)}; allowed: ${BACKENDS.join(", ")}`, 2);
}

/** @throws UserError unless it is a whole number from 1 to 64, or to the number of cores where that is more */
export function checkedThreads(threads: number = 1): number {
  const most = Math.max(64, availableParallelism());
  if (!Number.isInteger(threads) || threads < 1 || threads > most)
    throw new UserError(`threads is ${threads}; allowed are 1 to ${most}`, 2);
  return threads;
}

async function openOne(
  runtime: Runtime,
  onnx: Uint8Array,
  limits: GraphLimits,
  threads: number,
): Promise<Backend> {
  const session = await openSession(runtime, onnx, threads);
  try {
    return sessionBackend(session, limits);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The backend, if it computes what the encoder means. */
async function tested(backend: Backend, encoder: Encoder): Promise<Backend> {
  let why: string | null = null;
  try {
    const difference = await selfTest(backend, encoder);
    if (difference === null) return backend;
    const { tokens, found, expected, allowed } = difference;
    why = `for ${tokens} tokens it gives the logit ${found} where the reference gives ${expected}; ${allowed} is allowed`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    why = error.message;
  }
  await backend.close();
  throw new UserError(`${backend.name} failed its self-test: ${why}`);
}
