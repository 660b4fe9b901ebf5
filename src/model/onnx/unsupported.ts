/**
 * Graphs that can be run but not understood: the weights of an encoder weren't found in them.
 */
import { UserError } from "../../failure.js";

/** Of a node, what finds it in the file. */
export interface NodeName {
  readonly name: string;
  readonly op: string;
}

/** The file still runs as a black box. */
export class UnsupportedGraph extends UserError {
  /** The node at which the encoder was lost; null if it's none in particular. */
  readonly node: NodeName | null;

  constructor(node: NodeName | null, why: string) {
    super(
      node === null
        ? `the ONNX graph isn't an encoder that is known: ${why}`
        : `the ONNX graph isn't an encoder that is known: node "${node.name}" (${node.op}): ${why}`,
    );
    this.name = "UnsupportedGraph";
    this.node = node;
  }
}
