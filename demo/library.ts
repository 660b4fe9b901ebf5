/** `typoproof/browser` as one module with everything it needs beside it, for pages without a bundler. */
import {
  type Certifier,
  type ModelSource,
  type OpenCertifierOptions,
  openCertifier as open,
} from "../src/browser/index.js";
import { runtime } from "./runtime.js";

export * from "../src/browser/index.js";

/** As in `typoproof/browser`; the files of ONNX Runtime are those beside this one. */
export function openCertifier(source: ModelSource, options: OpenCertifierOptions = {}): Promise<Certifier> {
  return open(source, { runtime, ...options });
}
