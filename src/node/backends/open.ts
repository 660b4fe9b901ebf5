/**
 * A backend for an ONNX graph: ONNX Runtime native where it is installed, else WebAssembly.
 *
 * Promise: float32 on the CPU, one thread unless more are asked for. A runtime that is named is the one that is used,
 * or there is one UserError.
 */
import { availableParallelism } from "node:os";
import { UserError } from "../../failure.js";
import type { Backend } from "../../model/backend.js";
import { type GraphLimits, sessionBackend } from "../../model/ort-backend.js";
import { openSession, RUNTIMES, type Runtime } from "./session.js";

export interface OpenOptions {
  /** By default native where it is installed, else wasm. */
  readonly runtime?: Runtime;
  /** Threads that one run may use; default 1. */
  readonly threads?: number;
}

/** @throws UserError if no runtime can run the graph, or an option isn't allowed */
export async function openBackend(
  onnx: Uint8Array,
  limits: GraphLimits,
  options: OpenOptions = {},
): Promise<Backend> {
  const threads = checkedThreads(options.threads);
  const failures: string[] = [];
  for (const runtime of options.runtime === undefined ? RUNTIMES : [options.runtime]) {
    try {
      const session = await openSession(runtime, onnx, threads);
      try {
        return sessionBackend(session, limits);
      } catch (error) {
        await session.close();
        throw error;
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error.message);
    }
  }
  throw new UserError([...new Set(failures)].join("; "));
}

/** @throws UserError unless it is a whole number from 1 to 64, or to the number of cores where that is more */
export function checkedThreads(threads: number = 1): number {
  const most = Math.max(64, availableParallelism());
  if (!Number.isInteger(threads) || threads < 1 || threads > most)
    throw new UserError(`threads is ${threads}; allowed are 1 to ${most}`, 2);
  return threads;
}
