/**
 * Sessions of ONNX Runtime in WebAssembly, behind the interface of model/ort-backend.ts.
 *
 * Promise: float32 on the CPU, never WebGPU, whose numbers are wrong on some machines. The runtime is loaded when a session
 * is opened, never before, from the addresses given, never from another host. Several threads only where the page is
 * isolated from other origins, which browsers ask for; `threadsOf` says how many there are.
 */
import type * as Ort from "onnxruntime-web";
import { UserError } from "../failure.js";
import type { Fetched, GraphValue, Session } from "../model/ort-backend.js";

/** Where the files of ONNX Runtime lie: absolute addresses, or such that are relative to the page's. */
export interface RuntimeFiles {
  readonly mjs: string;
  readonly wasm: string;
}

export interface RuntimeOptions {
  /** By default those beside the module that loads it. */
  readonly runtime?: RuntimeFiles;
  /** Threads that one run may use, where the page is isolated; default: one per core, at most 4. */
  readonly threads?: number;
}

/** More threads than this don't help with models of the usual size. */
const MOST_THREADS = 4;

/** The threads that a run really uses. */
export function threadsOf({ threads }: RuntimeOptions = {}): number {
  if (globalThis.crossOriginIsolated !== true) return 1;
  return Math.max(1, threads ?? Math.min(MOST_THREADS, globalThis.navigator?.hardwareConcurrency ?? 1));
}

/** @throws UserError if the runtime can't be loaded, or can't read the graph */
export async function openSession(onnx: Uint8Array, options: RuntimeOptions): Promise<Session> {
  const { InferenceSession, Tensor, env } = await runtime(options);
  let session: Ort.InferenceSession;
  try {
    session = await InferenceSession.create(onnx, {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new UserError(`onnxruntime-web can't read the model: ${oneLine(error)}`);
  }
  return {
    name: `onnxruntime-web ${env.versions.web ?? env.versions.common}`,
    inputs: session.inputMetadata.map(graphValue),
    outputs: session.outputMetadata.map(graphValue),
    async run(feeds, outputs) {
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([input, { type, data, dims }]) => [
          input,
          new Tensor(type, data as never, [...dims]),
        ]),
      );
      return (await session.run(tensors, [...outputs])) as unknown as Record<string, Fetched>;
    },
    close: () => session.release(),
  };
}

async function runtime(options: RuntimeOptions): Promise<typeof Ort> {
  let module: typeof Ort;
  try {
    // Imported late: a static import hangs where the runtime starts threads of its own.
    module = await import("onnxruntime-web/wasm");
  } catch (error) {
    throw new UserError(
      `onnxruntime-web, which this model needs, can't be loaded: ${oneLine(error)}; without a bundler, use the built page's typoproof.js`,
    );
  }
  const { wasm } = module.env;
  module.env.logLevel = "error";
  // Counts when the first session is opened; later ones share its threads.
  wasm.numThreads = threadsOf(options);
  if (options.runtime !== undefined) wasm.wasmPaths = { ...options.runtime };
  return module;
}

function graphValue(value: Ort.InferenceSession.ValueMetadata): GraphValue {
  return value.isTensor
    ? { name: value.name, type: value.type, dims: value.shape }
    : { name: value.name, type: "", dims: [] };
}

function oneLine(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .replace(/\s+/g, " ")
    .trim();
}
