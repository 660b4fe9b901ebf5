/** A graph that runs again and again on other feeds: what a runtime gives to training. */

export interface Program {
  /**
   * All outputs by name, row-major. An int64 input takes an Int32Array or a BigInt64Array; what isn't an input of the
   * graph is left aside, for the loss may not depend on it.
   * @throws Error if an input isn't fed, or by an array of another type or size
   */
  run(
    feeds: Readonly<Record<string, Float32Array | Int32Array | BigInt64Array>>,
  ): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * @param onnx as onnxGraph writes it: static shapes, float32 and int64 inputs, float32 outputs
 * @param threads that one run may use
 * @throws UserError if no runtime can run the graph
 */
export type OpenProgram = (onnx: Uint8Array, threads: number) => Promise<Program>;
