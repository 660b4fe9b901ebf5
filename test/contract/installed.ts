/** Which runtimes of ONNX graphs are installed here: native is an optional dependency. */
import { createRequire } from "node:module";
import type { Runtime } from "../../src/node/backends/session.js";

export function installedRuntimes(): readonly Runtime[] {
  try {
    createRequire(import.meta.url).resolve("onnxruntime-node");
    return ["native", "wasm"];
  } catch {
    return ["wasm"];
  }
}
