/**
 * Sessions of ONNX Runtime, native and WebAssembly, behind the interface of model/ort-backend.ts.
 *
 * Promise: float32 on the CPU. The runtime is loaded when a session is opened, never before, and sends nothing
 * anywhere: onnxruntime-node reports its use over the network unless ORT_DISABLE_TELEMETRY is set before it is loaded.
 */
import { isMainThread } from "node:worker_threads";
import type * as Ort from "onnxruntime-web";
import { UserError } from "../../failure.js";
import type { Fetched, GraphValue, Session } from "../../model/ort-backend.js";
import { optionalPackage } from "../optional.js";

export const RUNTIMES = ["native", "wasm"] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** A runtime that isn't installed. */
export class RuntimeAbsent extends UserError {}

/** Why a runtime can't be had here, or the module. */
type Found =
  | { readonly module: typeof Ort }
  | { readonly module: null; readonly why: string; readonly absent: boolean };

/**
 * @param threads for one run
 * @throws UserError if the runtime can't be loaded, or can't read the graph
 */
export async function openSession(runtime: Runtime, onnx: Uint8Array, threads: number): Promise<Session> {
  const found = runtime === "native" ? await native() : await wasm(threads);
  const name = runtime === "native" ? "onnxruntime-node" : "onnxruntime-web";
  if (found.module === null)
    throw new (found.absent ? RuntimeAbsent : UserError)(
      `${name} can't be used: ${found.why}${found.absent ? `; npm install ${name}` : ""}`,
    );
  const { InferenceSession, Tensor, env } = found.module;
  const version = (runtime === "native" ? env.versions.node : env.versions.web) ?? env.versions.common;
  let session: Ort.InferenceSession;
  try {
    session = await InferenceSession.create(onnx, {
      executionProviders: [runtime === "native" ? "cpu" : "wasm"],
      graphOptimizationLevel: "all",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new UserError(
      `${name} can't read the model: ${String((error as Error)?.message ?? error)
        .replace(/\s+/g, " ")
        .trim()}`,
    );
  }
  return {
    name: `${name} ${version}`,
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

function graphValue(value: Ort.InferenceSession.ValueMetadata): GraphValue {
  return value.isTensor
    ? { name: value.name, type: value.type, dims: value.shape }
    : { name: value.name, type: "", dims: [] };
}

async function native(): Promise<Found> {
  const why = silenceReports();
  if (why !== null) return { module: null, absent: false, why };
  const found = await optionalPackage<typeof Ort>("onnxruntime-node");
  if (found.module !== null) found.module.env.logLevel = "error";
  return found;
}

/**
 * To be called before anything that loads onnxruntime-node.
 * @returns why it mustn't be loaded here, or null
 */
export function silenceReports(): string | null {
  // A worker thread's environment is a copy of its own, which the library doesn't see: it must have been set before.
  if (!isMainThread && process.env.ORT_DISABLE_TELEMETRY === undefined)
    return "in a worker thread its reports over the network can't be turned off; set ORT_DISABLE_TELEMETRY=1 before";
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  return null;
}

async function wasm(threads: number): Promise<Found> {
  const module = await import("onnxruntime-web");
  module.env.logLevel = "error";
  // Counts when the first session is opened; later ones share its threads.
  module.env.wasm.numThreads = threads;
  return { module };
}
