/**
 * ONNX files as plain data: nodes in their order, constants by name.
 *
 * Promise: tensors are copies in float32, float64 or exact integers, whatever their type and alignment in the file.
 * What isn't an ONNX model is a UserError; a tensor that can't be read (kept in another file, or of a type that encoders
 * don't have) is left out here and found missing where it is used.
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type GraphProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType as Type,
} from "onnx-buf";
import { UserError } from "../../failure.js";
import { bfloat16ToFloat32, halfToFloat32 } from "../half.js";
import { fromLittleEndian } from "../little-endian.js";
import { type Known, known, sizeOf } from "./known.js";
import type { NodeName } from "./unsupported.js";

export interface GraphNode extends NodeName {
  /** "" for the standard operators. */
  readonly domain: string;
  /** "" where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

export type AttributeValue = number | readonly number[] | string | Known;

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Known>;
  /** Names of what the caller gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** @throws UserError if the bytes aren't an ONNX model */
export function parseOnnx(bytes: Uint8Array): Graph {
  let graph: GraphProto | undefined;
  try {
    graph = fromBinary(ModelProtoSchema, bytes as Uint8Array<ArrayBuffer>).graph;
  } catch (error) {
    throw new UserError(
      `the file of ${bytes.length} bytes isn't an ONNX model: ${String((error as Error)?.message ?? error).replace(/\s+/g, " ")}`,
    );
  }
  if (graph === undefined || graph.node.length === 0)
    throw new UserError(`the file of ${bytes.length} bytes isn't an ONNX model: it holds no graph`);
  const constants = new Map<string, Known>();
  for (const tensor of graph.initializer) {
    const value = tensorValue(tensor);
    if (value !== null) constants.set(tensor.name, value);
  }
  const initialised = new Set(graph.initializer.map(({ name }) => name));
  return {
    nodes: graph.node.map((node) => ({
      name: node.name,
      op: node.opType,
      domain: node.domain === "ai.onnx" ? "" : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes: attributesOf(node.attribute),
    })),
    constants,
    inputs: graph.input.map(({ name }) => name).filter((name) => !initialised.has(name)),
    outputs: graph.output.map(({ name }) => name),
  };
}

function attributesOf(attributes: readonly AttributeProto[]): Map<string, AttributeValue> {
  const values = new Map<string, AttributeValue>();
  for (const attribute of attributes) {
    const value = ATTRIBUTES[attribute.type]?.(attribute);
    if (value !== undefined && value !== null) values.set(attribute.name, value);
  }
  return values;
}

/** By AttributeType; others (graphs, strings) aren't needed by any operator that is understood. */
const ATTRIBUTES: Readonly<Record<number, (attribute: AttributeProto) => AttributeValue | null>> = {
  1: ({ f }) => f,
  2: ({ i }) => Number(i),
  3: ({ s }) => String.fromCharCode(...s),
  4: ({ t }) => (t === undefined ? null : tensorValue(t)),
  6: ({ floats }) => floats,
  7: ({ ints }) => ints.map(Number),
};

function tensorValue(tensor: TensorProto): Known | null {
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) return null;
  const shape = tensor.dims.map(Number);
  const read = READERS[tensor.dataType];
  if (read === undefined) return null;
  const { type, data } = read(tensor);
  return data.length === sizeOf(shape) ? known(type, shape, data) : null;
}

interface Read {
  readonly type: Known["type"];
  readonly data: ArrayLike<number>;
}

const hasRaw = ({ rawData }: TensorProto): boolean => rawData.length > 0;

const READERS: Readonly<Record<number, (tensor: TensorProto) => Read>> = {
  [Type.FLOAT]: (t) => ({
    type: "float",
    data: hasRaw(t) ? fromLittleEndian(Float32Array, whole(t, 4)) : Float32Array.from(t.floatData),
  }),
  [Type.DOUBLE]: (t) => ({
    type: "float",
    data: hasRaw(t) ? fromLittleEndian(Float64Array, whole(t, 8)) : Float64Array.from(t.doubleData),
  }),
  [Type.FLOAT16]: (t) => ({ type: "float", data: halfToFloat32(sixteenBits(t)) }),
  [Type.BFLOAT16]: (t) => ({ type: "float", data: bfloat16ToFloat32(sixteenBits(t)) }),
  [Type.INT64]: (t) => ({
    type: "int",
    data: Float64Array.from(hasRaw(t) ? fromLittleEndian(BigInt64Array, whole(t, 8)) : t.int64Data, Number),
  }),
  [Type.INT32]: (t) => ({
    type: "int",
    data: hasRaw(t) ? fromLittleEndian(Int32Array, whole(t, 4)) : t.int32Data,
  }),
  [Type.BOOL]: (t) => ({ type: "bool", data: hasRaw(t) ? t.rawData : t.int32Data }),
};

function sixteenBits(tensor: TensorProto): Uint16Array {
  return hasRaw(tensor)
    ? fromLittleEndian(Uint16Array, whole(tensor, 2))
    : Uint16Array.from(tensor.int32Data);
}

/** Raw data to the last whole number; a remainder shows in the size. */
function whole({ rawData }: TensorProto, width: number): Uint8Array {
  return rawData.length % width === 0 ? rawData : new Uint8Array(0);
}
