/** Programs of training (train/autodiff/program.ts) on ONNX Runtime, native or WebAssembly. */
import { UserError } from "../../failure.js";
import type { GraphValue, TensorFeed } from "../../model/ort-backend.js";
import type { OpenProgram, Program } from "../../train/autodiff/program.js";
import { openSession, RUNTIMES, type Runtime, RuntimeAbsent } from "./session.js";

/** @param runtime `auto`: native where it is installed, else wasm */
export function openProgram(runtime: Runtime | "auto"): OpenProgram {
  return async (onnx, threads) => {
    if (runtime !== "auto") return open(runtime, onnx, threads);
    const failures: string[] = [];
    for (const one of RUNTIMES) {
      try {
        return await open(one, onnx, threads);
      } catch (error) {
        if (!(error instanceof RuntimeAbsent)) throw error;
        failures.push(error.message);
      }
    }
    throw new UserError(failures.join("; "));
  };
}

type Values = Float32Array | Int32Array | BigInt64Array;

async function open(runtime: Runtime, onnx: Uint8Array, threads: number): Promise<Program> {
  const session = await openSession(runtime, onnx, threads);
  const names = session.outputs.map(({ name }) => name);
  return {
    async run(feeds) {
      const tensors = Object.fromEntries(
        session.inputs.map((input) => [input.name, feed(input, feeds[input.name])]),
      );
      let fetched: Awaited<ReturnType<typeof session.run>>;
      try {
        fetched = await session.run(tensors, names);
      } catch (error) {
        const message = String((error as Error)?.message ?? error).replace(/\s+/g, " ");
        throw new UserError(`${session.name} can't run the graph: ${message.trim()}`);
      }
      return Object.fromEntries(
        names.map((name) => {
          const { type, data } = fetched[name]!;
          if (type !== "float32")
            throw new UserError(`${session.name} gave ${name} as ${type}; it must be float32`);
          return [name, data as Float32Array];
        }),
      );
    },
    close: () => session.close(),
  };
}

function feed({ name, type, dims }: GraphValue, values: Values | undefined): TensorFeed {
  if (values === undefined) throw new Error(`the input ${name} isn't fed`);
  const shape = dims.map(Number);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (values.length !== size)
    throw new Error(`the input ${name} has ${values.length} numbers; its shape is [${shape.join(", ")}]`);
  if (type === "float32" && values instanceof Float32Array) return { type, data: values, dims: shape };
  if (type === "int64" && values instanceof BigInt64Array) return { type, data: values, dims: shape };
  if (type === "int64" && values instanceof Int32Array)
    return { type, data: BigInt64Array.from(values, BigInt), dims: shape };
  throw new Error(`the input ${name} is ${type}; it can't be fed by ${values.constructor.name}`);
}
