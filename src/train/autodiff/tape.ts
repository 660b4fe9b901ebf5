/**
 * A tape: operations in the order in which they were asked for, each on results of earlier ones.
 *
 * Promise: nothing is computed here. A node's inputs come before it; the same operation on the same inputs is one node.
 */
import type { Operation } from "./operation.js";
import { checkShape, type Shape, show, sizeOf } from "./shape.js";

export type TensorType = "float" | "int";

export interface Tensor {
  readonly tape: Tape;
  /** Its place on the tape. */
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

/**
 * From the gradient of the loss by the output to the one by an input, of the input's shape. Both are tensors, so that
 * what it gives can be differentiated again.
 */
export type Backward = (gradient: Tensor, output: Tensor) => Tensor;

export interface Node extends Tensor {
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  /** Per input; null where no gradient flows. */
  readonly backward: readonly (Backward | null)[];
}

export class Tape {
  private readonly list: Node[] = [];
  private readonly known = new Map<string, Node>();
  private readonly names = new Set<string>();

  get nodes(): readonly Node[] {
    return this.list;
  }

  /** Fed at every run under its name; parameters are inputs too. Ids are `int`. */
  input(name: string, shape: readonly number[], type: TensorType = "float"): Tensor {
    if (this.names.has(name)) throw new Error(`the tape has an input ${name} already`);
    this.names.add(name);
    return this.append({ kind: "input", name }, [], shape, type, []);
  }

  /** @param data row-major; copied */
  constant(shape: readonly number[], data: ArrayLike<number>, type: TensorType = "float"): Tensor {
    if (data.length !== sizeOf(shape))
      throw new Error(`a constant of shape ${show(shape)} has ${data.length} numbers, not ${sizeOf(shape)}`);
    return this.append({ kind: "constant", data: Float64Array.from(data) }, [], shape, type, []);
  }

  scalar(value: number): Tensor {
    const key = `scalar ${Object.is(value, -0) ? "-0" : value}`;
    let node = this.known.get(key);
    if (node === undefined) {
      node = this.append({ kind: "constant", data: Float64Array.of(value) }, [], [], "float", []);
      this.known.set(key, node);
    }
    return node;
  }

  node(tensor: Tensor): Node {
    const node = this.list[tensor.id];
    if (node !== tensor) throw new Error(`tensor ${tensor.id} is of another tape`);
    return node;
  }

  /** Records an operation, or finds it. For the operations' own files. */
  record(
    operation: Operation,
    inputs: readonly Tensor[],
    shape: Shape,
    backward: readonly (Backward | null)[],
    type: TensorType = "float",
  ): Tensor {
    for (const input of inputs) this.node(input);
    const key = `${JSON.stringify(operation)} ${inputs.map((input) => input.id).join(" ")} ${show(shape)}`;
    let node = this.known.get(key);
    if (node === undefined) {
      node = this.append(operation, inputs, shape, type, backward);
      this.known.set(key, node);
    }
    return node;
  }

  private append(
    operation: Operation,
    inputs: readonly Tensor[],
    shape: Shape,
    type: TensorType,
    backward: readonly (Backward | null)[],
  ): Node {
    checkShape(shape);
    const node = { tape: this, id: this.list.length, shape: [...shape], type, operation, inputs, backward };
    this.list.push(node);
    return node;
  }
}

/** @throws Error unless the tensor holds floats */
export function floats(...tensors: readonly Tensor[]): void {
  for (const { id, type } of tensors)
    if (type !== "float") throw new Error(`tensor ${id} is ${type}; it must be float`);
}

/** @throws Error unless the tensor holds integers */
export function integers(tensor: Tensor): void {
  if (tensor.type !== "int") throw new Error(`tensor ${tensor.id} is ${tensor.type}; it must be int`);
}
