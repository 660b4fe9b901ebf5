/**
 * ONNX graphs, written node by node: a node's inputs and outputs are names, weights are initialisers.
 *
 * Numbers are float32, or float64 in a graph of these: there weights that float32 holds are kept so in the file.
 *
 * The operators are those of opset 17 of the standard domain; bytes depend on the calls alone.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "onnx-buf";
import { littleEndian } from "../little-endian.js";

const OPSET = 17n;
/** The version of the file format that came with opset 17. */
const IR_VERSION = 8n;

/** The name of a value in the graph. */
export type Value = string;

export type Attributes = Readonly<Record<string, Attribute>>;
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  /** ASCII. */
  | { readonly string: string };

/** A dimension by size, or by name where it is free. */
export type Dimension = number | string;

/** An output of the model: a value under a name of its own. */
export interface Output {
  readonly name: string;
  readonly value: Value;
  readonly dimensions: readonly Dimension[];
}

/** Types of what a loop carries from step to step. */
export type CarriedType = "int32" | "float64";

type Node = MessageInitShape<typeof NodeProtoSchema>;

export class GraphBuilder {
  private nodes: Node[] = [];
  /** Of nodes so far, those within loops too. */
  private count = 0;
  private readonly initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];
  private readonly inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  private readonly names = new Map<string, Value>();

  constructor(private readonly numbers: "float32" | "float64" = "float32") {}

  /** An input of the model, of these dimensions. */
  input(name: string, dimensions: readonly Dimension[], type: "int64" | "float32" = "int64"): Value {
    const elemType = type === "int64" ? TensorProto_DataType.INT64 : TensorProto_DataType.FLOAT;
    this.inputs.push(valueInfo(name, elemType, dimensions));
    return name;
  }

  /** A weight, rounded to the graph's numbers; the name must be new. `data` is row-major. */
  weight(name: string, shape: readonly number[], data: ArrayLike<number>): Value {
    const floats = data instanceof Float32Array ? data : Float32Array.from(data);
    if (this.numbers === "float32") return this.exactWeight(name, shape, floats);
    for (let i = 0; i < floats.length; i++)
      if (floats[i] !== data[i]) return this.exactWeight(name, shape, Float64Array.from(data));
    return this.number(this.exactWeight(name, shape, floats));
  }

  /** A number that nodes share. */
  scalar(value: number): Value {
    const name = `number ${this.numbers === "float32" ? Math.fround(value) : value}`;
    return this.once(name, () => this.weight(name, [], [value]));
  }

  /** What is of any type as numbers of the graph. */
  number(value: Value): Value {
    const to = this.numbers === "float32" ? TensorProto_DataType.FLOAT : TensorProto_DataType.DOUBLE;
    return this.node("Cast", [value], { to: { int: to } });
  }

  /** An operator of one number that runtimes have in float32 only. */
  single(op: string, value: Value): Value {
    if (this.numbers === "float32") return this.node(op, [value]);
    return this.number(
      this.node(op, [this.node("Cast", [value], { to: { int: TensorProto_DataType.FLOAT } })]),
    );
  }

  /** x sigmoid(y). ONNX Runtime fuses the product with a Sigmoid into an operator that it has in float32 only. */
  sigmoidTimes(x: Value, y: Value): Value {
    if (this.numbers === "float32") return this.node("Mul", [x, this.node("Sigmoid", [y])]);
    const below = this.node("Add", [this.scalar(1), this.node("Exp", [this.node("Neg", [y])])]);
    return this.node("Div", [x, below]);
  }

  /** An initialiser of integers; the name must be new. */
  integerWeight(name: string, shape: readonly number[], data: ArrayLike<number>): Value {
    const integers = BigInt64Array.from(data, (value) => BigInt(value));
    return this.tensor(name, TensorProto_DataType.INT64, shape, littleEndian(integers));
  }

  /** An initialiser of the array's own type; the name must be new. */
  exactWeight(name: string, shape: readonly number[], data: Int32Array | Float32Array | Float64Array): Value {
    const type =
      data instanceof Int32Array
        ? TensorProto_DataType.INT32
        : data instanceof Float32Array
          ? TensorProto_DataType.FLOAT
          : TensorProto_DataType.DOUBLE;
    return this.tensor(name, type, shape, littleEndian(data));
  }

  /** An int32 number that nodes share. */
  int32(value: number): Value {
    return this.once(`int32 ${value}`, () => this.exactWeight(`int32 ${value}`, [], Int32Array.of(value)));
  }

  /** Integers that nodes share: a vector, or one number. */
  integers(values: readonly number[] | number): Value {
    const name = typeof values === "number" ? `integer ${values}` : `integers ${values.join(" ")}`;
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.once(name, () =>
      this.tensor(
        name,
        TensorProto_DataType.INT64,
        shape,
        littleEndian(BigInt64Array.from(list, (value) => BigInt(value))),
      ),
    );
  }

  /** Adds a node and gives its first output; `name` is made unique. */
  node(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.nodeOf(op, inputs, 1, attributes)[0]!;
  }

  nodeOf(op: string, inputs: readonly Value[], outputs: number, attributes: Attributes = {}): Value[] {
    const name = this.newName(op);
    const output = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}_${i}`));
    this.nodes.push({
      name,
      opType: op,
      input: [...inputs],
      output,
      attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
    });
    return output;
  }

  /**
   * Steps of `body` until it says that no more are needed, at most `most`: what is carried goes in with the values of `begin`
   * and comes out as the last step gave it. The body may use all values made before.
   */
  loop(
    most: number,
    begin: readonly { readonly value: Value; readonly type: CarriedType }[],
    body: (carried: readonly Value[]) => { readonly again: Value; readonly carried: readonly Value[] },
  ): Value[] {
    const name = this.newName("Loop");
    const outer = this.nodes;
    this.nodes = [];
    const into = begin.map((_, i) => `${name}_in_${i}`);
    const { again, carried } = body(into);
    // An output may not be an input or a value of the outer graph, nor may two be the same value.
    const out = [again, ...carried].map((value) => this.node("Identity", [value]));
    const types = begin.map(({ type }) =>
      type === "int32" ? TensorProto_DataType.INT32 : TensorProto_DataType.DOUBLE,
    );
    const g = {
      name: `${name}_body`,
      node: this.nodes,
      input: [
        valueInfo(`${name}_step`, TensorProto_DataType.INT64, []),
        valueInfo(`${name}_again`, BOOL, []),
        ...into.map((value, i) => anyShape(value, types[i]!)),
      ],
      output: [valueInfo(out[0]!, BOOL, []), ...types.map((type, i) => anyShape(out[i + 1]!, type))],
    };
    this.nodes = outer;
    const yes = this.once("true", () => this.tensor("true", BOOL, [], Uint8Array.of(1)));
    const output = begin.map((_, i) => `${name}_${i}`);
    this.nodes.push({
      name,
      opType: "Loop",
      input: [this.integers(most), yes, ...begin.map(({ value }) => value)],
      output,
      attribute: [{ name: "body", type: AttributeProto_AttributeType.GRAPH, g }],
    });
    return output;
  }

  /** The file: one output, float32, which is `value` under the name `name`. */
  finish(value: Value, name: string, dimensions: readonly Dimension[]): Uint8Array<ArrayBuffer> {
    return this.finishAll([{ value, name, dimensions }], "classifier");
  }

  /** The file, with these float32 outputs. */
  finishAll(outputs: readonly Output[], graph: string): Uint8Array<ArrayBuffer> {
    for (const { name, value } of outputs)
      this.nodes.push({ name, opType: "Identity", input: [value], output: [name] });
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: "typoproof",
      opsetImport: [{ domain: "", version: OPSET }],
      graph: {
        name: graph,
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: outputs.map(({ name, dimensions }) =>
          valueInfo(name, TensorProto_DataType.FLOAT, dimensions),
        ),
      },
    });
    return toBinary(ModelProtoSchema, model);
  }

  private newName(op: string): string {
    return `${op}_${this.count++}`;
  }

  private once(name: string, make: () => Value): Value {
    let value = this.names.get(name);
    if (value === undefined) {
      value = make();
      this.names.set(name, value);
    }
    return value;
  }

  private tensor(
    name: string,
    dataType: TensorProto_DataType,
    shape: readonly number[],
    rawData: Uint8Array<ArrayBuffer>,
  ): Value {
    this.initializers.push({ name, dataType, dims: shape.map(BigInt), rawData });
    return name;
  }
}

function attributeProto(name: string, value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if ("int" in value) return { name, type: AttributeProto_AttributeType.INT, i: BigInt(value.int) };
  if ("float" in value) return { name, type: AttributeProto_AttributeType.FLOAT, f: value.float };
  if ("string" in value)
    return {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: Uint8Array.from(value.string, (letter) => letter.charCodeAt(0)),
    };
  return { name, type: AttributeProto_AttributeType.INTS, ints: value.ints.map(BigInt) };
}

const BOOL = TensorProto_DataType.BOOL;

function anyShape(
  name: string,
  elemType: TensorProto_DataType,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  return { name, type: { value: { case: "tensorType", value: { elemType } } } };
}

function valueInfo(
  name: string,
  elemType: TensorProto_DataType,
  dimensions: readonly Dimension[],
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = dimensions.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  return { name, type: { value: { case: "tensorType", value: { elemType, shape: { dim } } } } };
}
