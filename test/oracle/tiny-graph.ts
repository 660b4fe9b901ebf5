/**
 * ONNX graphs written node by node, for tests of what runs them: each classifies by the mean of its tokens' rows in a
 * table, which a few lines of float64 compute as well. The variants are what real exports do differently.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";

export interface TinyGraph {
  readonly vocabulary: number;
  readonly labels: number;
  /** [vocabulary * labels] */
  readonly table: Float32Array;
  /** Inputs beside input_ids. `attention_mask` and `token_type_ids` are added to every logit, as means. */
  readonly inputs?: readonly string[];
  readonly output?: string;
  readonly type?: "int64" | "int32";
  readonly batch?: "batch" | 1;
  readonly tokens?: "tokens" | number;
  /** What is computed beside the mean: the mean over the batch as well (so that rows of a run mix), or its log. */
  readonly last?: "mix" | "log";
}

const TYPES = { int64: TensorProto_DataType.INT64, int32: TensorProto_DataType.INT32 };

export function tinyGraph(graph: TinyGraph): Uint8Array {
  const { vocabulary, labels, table, inputs = [], output = "logits", type = "int64" } = graph;
  const { batch = "batch", tokens = "tokens" } = graph;
  const dim = (value: string | number) => ({
    value:
      typeof value === "string"
        ? { case: "dimParam" as const, value }
        : { case: "dimValue" as const, value: BigInt(value) },
  });
  const tensor = (name: string, elemType: number, dims: readonly (string | number)[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: { value: { case: "tensorType", value: { elemType, shape: { dim: dims.map(dim) } } } },
    });
  const node = (opType: string, input: string[], out: string, attributes: Record<string, bigint> = {}) =>
    create(NodeProtoSchema, {
      opType,
      name: `${opType}:${out}`,
      input,
      output: [out],
      attribute: Object.entries(attributes).map(([name, i]) => ({
        name,
        type: AttributeProto_AttributeType.INT,
        i,
      })),
    });
  const axes = (name: string, axis: bigint) =>
    create(TensorProtoSchema, { name, dims: [1n], dataType: TYPES.int64, int64Data: [axis] });
  const nodes = [
    node("Gather", ["table", "input_ids"], "rows"),
    node("ReduceMean", ["rows", "axis1"], "sum0", { keepdims: 0n }),
  ];
  inputs.forEach((input, i) => {
    nodes.push(
      node("Cast", [input], `${input}_f`, { to: BigInt(TensorProto_DataType.FLOAT) }),
      node("ReduceMean", [`${input}_f`, "axis1"], `${input}_m`, { keepdims: 1n }),
      node("Add", [`sum${i}`, `${input}_m`], `sum${i + 1}`),
    );
  });
  const sum = `sum${inputs.length}`;
  if (graph.last === "mix") {
    nodes.push(node("ReduceMean", [sum, "axis0"], "mixed", { keepdims: 1n }));
    nodes.push(node("Add", [sum, "mixed"], output));
  } else nodes.push(node(graph.last === "log" ? "Log" : "Identity", [sum], output));
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: "", version: 18n }],
      graph: {
        name: "tiny",
        node: nodes,
        input: ["input_ids", ...inputs].map((name) => tensor(name, TYPES[type], [batch, tokens])),
        output: [tensor(output, TensorProto_DataType.FLOAT, [batch, labels])],
        initializer: [
          create(TensorProtoSchema, {
            name: "table",
            dims: [BigInt(vocabulary), BigInt(labels)],
            dataType: TensorProto_DataType.FLOAT,
            floatData: Array.from(table),
          }),
          axes("axis0", 0n),
          axes("axis1", 1n),
        ],
      },
    }),
  );
}

/** What the graph computes, in float64; `extra` is what its other inputs add. */
export function tinyLogits({ labels, table }: TinyGraph, ids: Int32Array, extra = 0): number[] {
  return Array.from({ length: labels }, (_, y) => {
    let sum = 0;
    for (const id of ids) sum += table[id * labels + y]!;
    return sum / ids.length + extra;
  });
}
