/**
 * The test environment: Node's, with the host's typed arrays.
 *
 * Promise: a typed array made in a test is one that a native addon knows. A test runs in a context of its own, whose
 * `Float32Array` isn't the host's; addons such as onnxruntime-node compare constructors and refuse it.
 */
import { TestEnvironment } from "jest-environment-node";

const HOST_TYPES = [
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float32Array",
  "Float64Array",
];

// A test's `process.env` is a copy, which an addon doesn't see; this one is the process's own.
process.env.ORT_DISABLE_TELEMETRY ??= "1";

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of HOST_TYPES) this.global[name] = globalThis[name];
  }
}
