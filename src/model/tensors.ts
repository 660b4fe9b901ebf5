/**
 * The weights of a model by name, each asked for with the shape that it must have.
 *
 * Promise: a tensor that is missing, that has another shape, another kind of number or a number that isn't finite is
 * one UserError that names it and both shapes; `refuseOthers` finds the tensors that nothing asked for, since a model
 * that has more than was read is another model.
 */
import { UserError } from "../failure.js";
import type { Linear } from "../layers/linear.js";
import type { Norm } from "../layers/norm.js";
import type { Matrix, Vector } from "../numeric/matrix.js";
import { bfloat16ToFloat32, halfToFloat32 } from "./half.js";
import { shown } from "./json.js";
import type { Tensor } from "./safetensors.js";

export class Tensors {
  private readonly used = new Set<string>();

  constructor(
    private readonly tensors: ReadonlyMap<string, Tensor>,
    private readonly where: string,
  ) {}

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  matrix(name: string, rows: number, columns: number): Matrix {
    return { rows, columns, data: this.numbers(name, [rows, columns]) };
  }

  vector(name: string, size: number): Vector {
    return this.numbers(name, [size]);
  }

  /** `name.weight` [out, in] and `name.bias` [out]. */
  linear(name: string, out: number, into: number): Linear {
    return { weight: this.matrix(`${name}.weight`, out, into), bias: this.vector(`${name}.bias`, out) };
  }

  /** `name.weight` and `name.bias`, which old files call gamma and beta. */
  scaleAndShift(name: string, size: number): { readonly weight: Vector; readonly bias: Vector } {
    const [weight, bias] =
      !this.has(`${name}.weight`) && this.has(`${name}.gamma`) ? ["gamma", "beta"] : ["weight", "bias"];
    return { weight: this.vector(`${name}.${weight}`, size), bias: this.vector(`${name}.${bias}`, size) };
  }

  layerNorm(name: string, size: number, epsilon: number): Norm {
    return { kind: "layer", ...this.scaleAndShift(name, size), epsilon };
  }

  /** @throws UserError if there is a tensor that wasn't asked for and that `harmless` doesn't match */
  refuseOthers(harmless: RegExp): void {
    for (const name of this.tensors.keys())
      if (!this.used.has(name) && !harmless.test(name))
        throw new UserError(
          `${this.where}: the tensor ${shown(name)} has no place in this architecture, so the model isn't what its config says`,
        );
  }

  private numbers(name: string, shape: readonly number[]): Float32Array | Float64Array {
    const what = `${this.where}: the tensor ${shown(name)}`;
    const tensor = this.tensors.get(name);
    if (tensor === undefined)
      throw new UserError(`${what} is missing; needed is one of shape ${shown(shape)}`);
    this.used.add(name);
    if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i]))
      throw new UserError(
        `${what} has the shape ${shown(tensor.shape)}; by the config it must be ${shown(shape)}`,
      );
    const values = floats(tensor);
    if (values === null)
      throw new UserError(`${what} holds ${tensor.dtype}; allowed are F64, F32, F16, BF16`);
    const wrong = values.findIndex((value: number) => !Number.isFinite(value));
    if (wrong >= 0) throw new UserError(`${what} holds ${values[wrong]} at ${wrong}; numbers must be finite`);
    return values;
  }
}

function floats(tensor: Tensor): Float32Array | Float64Array | null {
  switch (tensor.dtype) {
    case "F64":
    case "F32":
      return tensor.data;
    case "F16":
      return halfToFloat32(tensor.data);
    case "BF16":
      return bfloat16ToFloat32(tensor.data);
    default:
      return null;
  }
}
