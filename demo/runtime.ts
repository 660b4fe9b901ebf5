/** The files of ONNX Runtime that come with the page; they are loaded when a model needs them. */
import mjs from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { RuntimeFiles } from "../src/browser/index.js";

export const runtime: RuntimeFiles = { mjs, wasm };
